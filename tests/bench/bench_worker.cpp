// SPDX-License-Identifier: Apache-2.0
//
// Ours, as the benchmark sees it: the whole Fast Style operation (everything the engine does between receiving a
// picture and handing the result back) in a process of its own.
//
//     bench_worker WEIGHTS PRECISION       then on standard input, a line each:
//     size W H    makes a picture of which the net, with the border Pinxit adds, sees W × H; answers "ok"
//     run         styles it;        answers milliseconds
#include <chrono>
#include <cmath>
#include <iostream>
#include <string>

#include "engine/operations/operation.h"

using namespace pinxit;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  prepare_process(0);
  Workshop workshop;
  FastStyleRequest request;
  request.styles = {{argv[1], 1}};
  request.precision = argv[2];
  request.device = "cpu";
  SrgbPicture source, result;
  for (std::string word; std::cin >> word;) {
    if (word == "size") {
      int64_t width = 0, height = 0;
      std::cin >> width >> height;
      width -= 64, height -= 64;
      source = SrgbPicture(width, height), result = SrgbPicture(width, height);
      for (int64_t i = 0; i < width * height; ++i) {
        for (int c = 0; c < 3; ++c) source.data[size_t(4 * i + c)] = float(0.5 + 0.5 * std::sin(double(i) * (c + 1) / 97));
        source.data[size_t(4 * i + 3)] = 1;
      }
      std::cout << "ok" << std::endl;
    } else if (word == "run") {
      Task task;
      task.source = source.view(), task.result = result.span();
      const auto start = std::chrono::steady_clock::now();
      const auto done = workshop.fast_style(request, task);
      if (!done) {
        std::cerr << done.error().sentence << std::endl;
        return 1;
      }
      std::cout << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() << std::endl;
    }
  }
}
