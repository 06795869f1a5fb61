// SPDX-License-Identifier: Apache-2.0
//
// Convolution by convolution: ours beside at::conv2d in its faster layout (channels last), same process, interleaved
// runs, medians. Rates count the multiplications and additions of the plain convolution, whatever was really done.
//
// usage: convolve_bench [--threads N] [--seconds S] [--set portable|avx2|avx512] [--gradient] [--only 64->64@512]
// The peer's instruction set is limited with ONEDNN_MAX_CPU_ISA=AVX2 and ATEN_CPU_CAPABILITY=avx2 in the environment.
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "engine/convolve/convolve.h"

using namespace pinxit::convolve;

namespace {

struct Layer {
  int64_t inputs, outputs, width, height;
  int kernel = 3, stride = 1;
  bool doubled = false;
};

constexpr Layer layers[] = {
    // VGG19 at 512² (and the residual layers of TransformerNet)
    {3, 64, 512, 512}, {64, 64, 512, 512}, {64, 128, 256, 256}, {128, 128, 128, 128}, {128, 128, 256, 256},
    {128, 256, 128, 128}, {256, 256, 128, 128}, {256, 512, 64, 64}, {512, 512, 64, 64}, {512, 512, 32, 32},
    // TransformerNet's other layers at 512²
    {3, 32, 512, 512, 9}, {32, 64, 512, 512, 3, 2}, {64, 128, 256, 256, 3, 2}, {128, 64, 128, 128, 3, 1, true},
    {64, 32, 256, 256, 3, 1, true}, {32, 3, 512, 512, 9},
    // slim nets
    {16, 16, 512, 512}, {32, 32, 256, 256}, {64, 64, 128, 128},
};

constexpr Algorithm algorithms[] = {Algorithm::direct,   Algorithm::winograd4, Algorithm::winograd6,
                                    Algorithm::doubling, Algorithm::nine,      Algorithm::nine_few};

struct Contender {
  std::string name;
  std::function<void()> once;
  std::vector<double> milliseconds;
  double median() {
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds[milliseconds.size() / 2];
  }
};

double timed(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void in_turns(std::vector<Contender>& contenders, double seconds) {
  for (auto& c : contenders) c.once();
  double spent = 0;
  for (int round = 0; round < 5 || spent < seconds * 1000; ++round)
    for (auto& c : contenders) {
      const double t = timed(c.once);
      c.milliseconds.push_back(t), spent += t;
    }
}

void parallel(int64_t count, const std::function<void(int64_t)>& body) {
  at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) body(i);
  });
}

torch::Tensor peer(const Layer& layer, const torch::Tensor& nchw, const torch::Tensor& weight) {
  const auto picture = layer.doubled ? at::upsample_nearest2d(nchw, {2 * layer.height, 2 * layer.width}) : nchw;
  return at::conv2d(picture, weight, {}, layer.stride, layer.kernel / 2);
}

void measure(Layer layer, int threads, InstructionSet set, double seconds) {
  const ConvolutionShape shape{.inputs = layer.inputs, .outputs = layer.outputs, .kernel_rows = layer.kernel,
                               .kernel_columns = layer.kernel, .stride = layer.stride, .doubled = layer.doubled};
  const auto weight = torch::randn({layer.outputs, layer.inputs, layer.kernel, layer.kernel});
  const auto picture = torch::randn({layer.height, layer.width, layer.inputs}).relu();
  auto result = torch::empty({2 * layer.height * 2 * layer.width * layer.outputs});
  const Weights weights(shape, weight.data_ptr<float>());
  std::vector<Contender> contenders;
  std::vector<torch::Tensor> workspaces;
  int64_t pixels = 0;
  for (const Algorithm algorithm : algorithms) {
    if (!possible(algorithm, shape)) continue;
    const Plan plan = plan_picture(shape, layer.width, layer.height,
                                   {.threads = threads, .algorithm = algorithm, .set = set});
    pixels = plan.width * plan.height;
    workspaces.push_back(torch::zeros({int64_t(plan.workspace_floats)}));
    float* workspace = workspaces.back().data_ptr<float>();
    contenders.push_back({algorithm_name(algorithm), [=, &weights, &picture, &result] {
                            run(plan, weights, {.data = picture.data_ptr<float>()}, {.data = result.data_ptr<float>()},
                                workspace, parallel);
                          }, {}});
  }
  const auto nchw = picture.permute({2, 0, 1}).unsqueeze(0);
  const auto last = weight.contiguous(at::MemoryFormat::ChannelsLast);
  contenders.push_back({"LibTorch", [&] { peer(layer, nchw, last); }, {}});
  in_turns(contenders, seconds);

  const double gflop = 2e-9 * double(layer.inputs * layer.outputs * pixels * layer.kernel * layer.kernel);
  const double reference = contenders.back().median();
  const Algorithm chosen = fastest_algorithm(shape, layer.width, layer.height, {.threads = threads, .set = set});
  std::printf("%dx%d %3d->%-3d %4dx%-4d %-4s", layer.kernel, layer.kernel, int(layer.inputs), int(layer.outputs),
              int(layer.width), int(layer.height), layer.doubled ? "x2" : layer.stride > 1 ? "/2" : "");
  for (auto& c : contenders)
    std::printf("| %s%s %.1f ms, %.0f, %.2fx ", c.name == algorithm_name(chosen) ? "*" : "", c.name.c_str(), c.median(),
                gflop / c.median() * 1000, reference / c.median());
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  int threads = 1;
  double seconds = 2;
  InstructionSet set = best_instruction_set();
  bool gradient = false;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--threads") threads = std::atoi(value), ++i;
    else if (option == "--seconds") seconds = std::atof(value), ++i;
    else if (option == "--only") only = value, ++i;
    else if (option == "--gradient") gradient = true;
    else if (option == "--set") {
      for (const InstructionSet each : instruction_sets())
        if (instruction_set_name(each) == value) set = each;
      ++i;
    }
  }
  at::set_num_threads(threads);
  const c10::InferenceMode no_gradients;
  std::printf("%s, %d thread%s: median ms, GFLOP/s of the plain convolution, ratio to LibTorch; * chosen\n",
              std::string(instruction_set_name(set)).c_str(), threads, threads > 1 ? "s" : "");
  for (Layer layer : layers) {
    const std::string name = std::to_string(layer.inputs) + "->" + std::to_string(layer.outputs) + "@" +
                             std::to_string(layer.width);
    if (!only.empty() && name.find(only) == std::string::npos) continue;
    if (gradient) std::swap(layer.inputs, layer.outputs);  // the same convolution with turned weights
    measure(layer, threads, set, seconds);
  }
}
