// SPDX-License-Identifier: Apache-2.0
//
// Ours, as the Neural Style benchmark sees it, in a process of its own.
//
//     neural_bench VGG CONTENT STYLE DEVICE [THREADS]      then on standard input, a line each:
//     size N                        both pictures become N × N; answers "ok"
//     step PRESET                   one step of the preset's optimiser at that size; answers milliseconds
//     features forward|back         conv5_1 of the content; with `back` the way back to the pixels too; milliseconds
//     paint PRESET ITERATIONS DIR   the whole operation from the content; each state's picture goes to DIR/K.raw
//                                   (float R, G, B), the seconds it came after to the answer: "0.1 0.9 …"
#include <torch/types.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "engine/operations/operation.h"
#include "engine/optimise/objective.h"
#include "engine/optimise/optimizers.h"
#include "engine/pictures/files.h"
#include "engine/pictures/resample.h"
#include "engine/requests/neural_presets.h"

using namespace pinxit;

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

SrgbPicture squared(const std::string& file, int64_t side) {
  const SrgbPicture picture = read_picture(file).take().pixels;
  SrgbPicture square(side, side);
  resample(picture.view(), square.span());
  return square;
}

torch::Tensor tensor_of(const SrgbPicture& picture, torch::Device device) {
  const auto all = torch::from_blob(const_cast<float*>(picture.data.data()), {picture.height, picture.width, 4});
  return all.slice(2, 0, 3).permute({2, 0, 1}).unsqueeze(0).contiguous().to(device);
}

/// One preset at one size, ready to go on.
struct Steps {
  std::unique_ptr<Objective> objective;
  torch::Tensor x, gradient;
  std::unique_ptr<Adam> adam;
  std::unique_ptr<Lbfgs> lbfgs;

  void step() {
    const auto evaluate = [this](const torch::Tensor& at, torch::Tensor& slope) {
      return objective->evaluate(at, &slope, {}).total;
    };
    if (lbfgs) {
      lbfgs->step(x, evaluate);
    } else {
      evaluate(x, gradient);
      adam->step(x, gradient);
    }
    if (x.is_cuda()) x.sum().item<float>();  // waits for the GPU
  }
};

struct Bench {
  std::string vgg, content_file, style_file;
  torch::Device device;
  std::shared_ptr<const Vgg19> net = nullptr;
  SrgbPicture content = {}, style = {};
  std::map<std::string, Steps> begun = {};

  Steps& steps(const std::string& name) {
    if (begun.contains(name)) return begun.at(name);
    if (!net) net = std::make_shared<const Vgg19>(Vgg19::load(vgg, device, torch::kFloat32).take());
    const NeuralPreset preset = neural_preset(name).take();
    Steps steps;
    steps.x = tensor_of(content, device);
    ObjectiveParts parts{net, preset, steps.x.clone(), {{tensor_of(style, device), 1, {}}}};
    steps.objective = std::make_unique<Objective>(std::move(parts), ObjectiveLimits{}, std::stop_token());
    if (preset.schedule.optimizer == SearchSchedule::Optimizer::lbfgs)
      steps.lbfgs = std::make_unique<Lbfgs>(Lbfgs::Options{.history = preset.schedule.history});
    else
      steps.adam = std::make_unique<Adam>(Adam::Options{preset.schedule.learning_rate, preset.schedule.beta1,
                                                        preset.schedule.beta2});
    return begun.emplace(name, std::move(steps)).first->second;
  }

  double features(bool back) {
    if (!net) net = std::make_shared<const Vgg19>(Vgg19::load(vgg, device, torch::kFloat32).take());
    const auto x = tensor_of(content, device);
    const auto start = std::chrono::steady_clock::now();
    if (back) {
      FeaturePass pass = net->pass(x, {"conv5_1"}, {});
      pass.gradient([](size_t, torch::Tensor& into) { return into.fill_(1), true; });
    } else {
      net->features(x, {"conv5_1"}, {});
    }
    return seconds_since(start) * 1000;
  }

  std::string paint(const std::string& preset, int iterations, const std::string& folder) {
    NeuralStyleRequest request;
    request.styles = {{style_file, 1}};
    request.preset = preset;
    request.iterations = iterations;
    request.size = 0;
    request.encoder = vgg;
    request.device = device.is_cuda() ? "cuda" : "cpu";
    SrgbPicture result(content.width, content.height);
    std::string answer;
    Workshop workshop;
    const auto start = std::chrono::steady_clock::now();
    Task task;
    task.source = content.view(), task.result = result.span();
    task.pictures = {{"style-0", style.view()}};
    task.preview_side = int(content.width);
    task.emit = [&](const Event& event) {
      if (event.kind != Event::Kind::state) return;
      answer += std::to_string(seconds_since(start)) + " ";
      std::ofstream file(folder + "/" + std::to_string(event.step) + ".raw", std::ios::binary);
      for (int64_t i = 0; i < event.picture->width * event.picture->height; ++i)
        file.write(reinterpret_cast<const char*>(&event.picture->data[size_t(4 * i)]), 12);
    };
    workshop.neural_style(request, task).take();
    return answer;
  }
};

int run(Bench bench) {
  for (std::string word; std::cin >> word;) {
    std::string name, folder;
    int number = 0;
    if (word == "size" && std::cin >> number) {
      bench.content = squared(bench.content_file, number);
      bench.style = squared(bench.style_file, number);
      bench.begun.clear();
      std::cout << "ok" << std::endl;
    } else if (word == "step" && std::cin >> name) {
      Steps& steps = bench.steps(name);
      const auto start = std::chrono::steady_clock::now();
      steps.step();
      std::cout << seconds_since(start) * 1000 << std::endl;
    } else if (word == "features" && std::cin >> name) {
      std::cout << bench.features(name == "back") << std::endl;
    } else if (word == "paint" && std::cin >> name >> number >> folder) {
      std::cout << bench.paint(name, number, folder) << std::endl;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) return 2;
  prepare_process(argc == 6 ? std::stoi(argv[5]) : 0);
  try {
    return run({argv[1], argv[2], argv[3], torch::Device(argv[4])});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
  }
}
