// SPDX-License-Identifier: Apache-2.0
//
// Fast Style on the CPU, as `./dev bench cpu` sees it: the engine's whole operation in a process of its own, in
// float32. PINXIT_CONVOLUTIONS says whose convolutions (engine/compute/convolutions_choice.h).
//
//     cpu_worker WEIGHTS THREADS      then on standard input, a line each:
//     cpu         answers the instruction set
//     size W H    makes a picture of which the net, with the border Pinxit adds, sees W × H; answers "ok"
//     run         styles it; answers milliseconds, as all that follow do
//     new         a preview of 512 × 512 pixels at 1:1, nothing known of the picture
//     pan         another part of the same picture at 1:1: its statistics are known
//     fitted      a preview of the whole picture, scaled to 640 pixels, nothing known of the picture
#include <chrono>
#include <cmath>
#include <iostream>
#include <string>

#include "engine/convolve/instruction_set.h"
#include "engine/operations/operation.h"

using namespace pinxit;

namespace {

SrgbPicture waves(int64_t width, int64_t height) {
  SrgbPicture picture(width, height);
  for (int64_t i = 0; i < width * height; ++i) {
    for (int c = 0; c < 3; ++c) picture.data[size_t(4 * i + c)] = float(0.5 + 0.5 * std::sin(double(i) * (c + 1) / 97));
    picture.data[size_t(4 * i + 3)] = 1;
  }
  return picture;
}

class Previews {
 public:
  Previews(Workshop& workshop, FastStyleRequest request) : workshop_(workshop), request_(std::move(request)) {}

  void size(int64_t width, int64_t height) { source_ = waves(width, height); }

  double run(const std::string& what) {
    Task task;
    task.source = source_.view();
    const int64_t width = source_.width, height = source_.height;
    SrgbPicture result;
    if (what == "run") {
      result = SrgbPicture(width, height);
    } else if (what == "fitted") {
      const double factor = 640.0 / double(std::max(width, height));
      result = SrgbPicture(std::llround(double(width) * factor), std::llround(double(height) * factor));
      task.view = ViewKind::fitted;
    } else {
      result = SrgbPicture(std::min<int64_t>(512, width), std::min<int64_t>(512, height));
      task.view = ViewKind::crop;
      const auto place = [&](int64_t room) { return room > 0 ? ++turn_ * 37 % room : 0; };
      task.region = {place(width - result.width), place(height - result.height), result.width, result.height};
    }
    if (what != "run") task.source_identity = what == "pan" ? "the same" : "number " + std::to_string(++turn_);
    task.result = result.span();
    const auto start = std::chrono::steady_clock::now();
    workshop_.fast_style(request_, task).take();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  Workshop& workshop_;
  FastStyleRequest request_;
  SrgbPicture source_;
  int64_t turn_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  prepare_process(std::stoi(argv[2]));
  Workshop workshop;
  FastStyleRequest request;
  request.styles = {{argv[1], 1}};
  request.precision = "fp32";
  request.device = "cpu";
  Previews previews(workshop, request);
  for (std::string word; std::cin >> word;) {
    if (word == "cpu") {
      std::cout << convolve::instruction_set_name(convolve::best_instruction_set()) << std::endl;
    } else if (word == "size") {
      int64_t width = 0, height = 0;
      std::cin >> width >> height;
      previews.size(width - 64, height - 64);
      std::cout << "ok" << std::endl;
    } else {
      std::cout << previews.run(word) << std::endl;
    }
  }
}
