// SPDX-License-Identifier: Apache-2.0
//
// CUDA against the CPU: the same style chains on the same picture, whole, tiled and in part, at the goldens' CUDA
// tolerance; and what a GPU does per second. Plain C++ with LibTorch alone (no test framework on GPU machines).
//
//     parity [WEIGHTS…]      style nets of files besides the random one
#include <torch/types.h>
#include <torch/utils.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/compute/chain_run.h"
#include "engine/compute/device.h"
#include "engine/compute/precision.h"
#include "engine/nets/style_net.h"
#include "tests/goldens/tensor_source.h"

using namespace pinxit;

namespace {

int passed = 0, failed = 0;

void check(const char* what, bool holds, double value) {
  std::printf("%-64s %s (%.4g)\n", what, holds ? "ok" : "FAILED", value);
  ++(holds ? passed : failed);
}

/// A TransformerNet-shaped chain with random weights, its output scaled to colours.
StyleNet random_net() {
  torch::manual_seed(3);
  StyleNet net;
  net.kind = "transformernet";
  int64_t channels = 3;
  const auto add = [&](int64_t out, int kernel, int stride, bool upsampled, bool normalised, bool relu, int from) {
    const auto weight = torch::randn({out, channels, kernel, kernel}) / std::sqrt(double(channels * kernel * kernel));
    ChainLayer layer;
    layer.convolution = upsampled ? Convolution::upsampled(weight, {})
                                  : Convolution::plain(normalised ? weight : weight * 60,
                                                       normalised ? torch::Tensor() : torch::full({out}, 127.5), stride,
                                                       Padding::reflect);
    layer.normalised = normalised, layer.relu = relu, layer.add_from = from;
    if (normalised) layer.gamma = torch::rand({out}) + 0.5, layer.beta = torch::randn({out}) * 0.2;
    net.chain.layers.push_back(std::move(layer));
    channels = out;
  };
  add(32, 9, 1, false, true, true, -1), add(64, 3, 2, false, true, true, -1), add(128, 3, 2, false, true, true, -1);
  for (int block = 0; block < 5; ++block) {
    const int before = int(net.chain.layers.size()) - 1;
    add(128, 3, 1, false, true, true, -1), add(128, 3, 1, false, true, false, before);
  }
  add(64, 3, 1, true, true, true, -1), add(32, 3, 1, true, true, true, -1), add(3, 9, 1, false, false, false, -1);
  return net;
}

torch::Tensor picture_of(int64_t height, int64_t width) {
  torch::manual_seed(5);
  const auto y = torch::arange(height).unsqueeze(1), x = torch::arange(width).unsqueeze(0);
  const auto waves = 127 + 100 * torch::sin(x / 17.0) * torch::cos(y / 23.0);
  return (torch::stack({waves, waves.flip(0), waves.flip(1)}, 2) + 20 * torch::randn({height, width, 3}))
      .clamp(0, 255).to(torch::kFloat32).contiguous();
}

torch::Tensor run(StyleChain& chain, const torch::Tensor& picture, const PlanLimits& limits) {
  const TensorSource source(picture);
  const auto plan = plan_chain(chain, source.width(), source.height(), limits);
  const auto size = chain.sizes(source.width(), source.height()).back();
  auto out = torch::zeros({size.height, size.width, 3});
  run_chain(chain, plan, source, [&](const Region& r, const torch::Tensor& tile) {
    out.slice(0, r.y, r.bottom()).slice(1, r.x, r.right()).copy_(tile);
  }, {});
  return out.clamp(0, 255);
}

void compare(StyleNet& net, torch::Device device) {
  const auto picture = picture_of(391, 517);
  net.chain.prepare(torch::kCPU, torch::kFloat32);
  const auto reference = run(net.chain, picture, {});
  net.chain.prepare(device, torch::kFloat32);
  const auto difference = (run(net.chain, picture, {}) - reference).abs();
  check("fp32/tf32: mean difference at most 0.5 level", difference.mean().item<double>() <= 0.5, difference.mean().item<double>());
  const double near = (difference <= 3).to(torch::kFloat64).mean().item<double>();
  check("fp32/tf32: 99.9 % within 3 levels", near >= 0.999, near);
  PlanLimits tiled;
  tiled.tile_values = 128 * 128 * 32;
  const double tiles = (run(net.chain, picture, tiled) - reference).abs().mean().item<double>();
  check("tiled: mean difference at most 0.5 level", tiles <= 0.5, tiles);
  net.chain.prepare(device, torch::kBFloat16);
  const double bf16 = (run(net.chain, picture, {}) - reference).abs().mean().item<double>();
  check("bf16: mean difference at most 2 levels", bf16 <= 2, bf16);
}

void time_it(StyleNet& net, torch::Device device, torch::ScalarType type, int64_t side) {
  net.chain.prepare(device, type);
  const auto picture = picture_of(side, side);
  std::vector<double> times;
  for (int turn = 0; turn < 5; ++turn) {
    const auto start = std::chrono::steady_clock::now();
    run(net.chain, picture, {int64_t(16) << 30, "/tmp", 0});
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%s %s %5ld x %-5ld median %8.1f ms (picture in and out included)\n", device.str().c_str(),
              type == torch::kBFloat16 ? "bf16" : "fp32", long(side), long(side), times[2]);
}

}  // namespace

int main(int argc, char** argv) {
  const auto choice = choose_device("auto");
  if (!choice.device.is_cuda()) {
    std::printf("skipped: needs a CUDA GPU; the program compiled and linked, and the CPU answers:\n");
    StyleNet net = random_net();
    compare(net, torch::kCPU);
  } else {
    StyleNet net = random_net();
    compare(net, choice.device);
    for (int i = 1; i < argc; ++i) {
      auto loaded = load_style_net(argv[i]);
      if (!loaded) return std::printf("%s\n", loaded.error().sentence.c_str()), 1;
      std::printf("%s\n", argv[i]);
      compare(*loaded, choice.device);
    }
    std::printf("bf16 %s\n", bf16_pays(choice.device, 128) ? "pays" : "does not pay");
    for (const int64_t side : {512, 1024, 2048, 4096})
      for (const auto type : {torch::kFloat32, torch::kBFloat16}) time_it(net, choice.device, type, side);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
