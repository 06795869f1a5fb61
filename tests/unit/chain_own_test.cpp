// SPDX-License-Identifier: Apache-2.0
//
// Style chains through our own convolutions against LibTorch's, on every way through memory.
#include <gtest/gtest.h>
#include <malloc.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdlib>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/compute/chain_run.h"
#include "engine/compute/convolutions_choice.h"
#include "tests/goldens/tensor_source.h"

namespace pinxit {
namespace {

/// The switch, for as long as it lives.
class Convolutions {
 public:
  explicit Convolutions(const char* whose) {
    if (const char* set = std::getenv(name)) before_ = set;
    setenv(name, whose, 1);
  }
  ~Convolutions() { before_.empty() ? unsetenv(name) : setenv(name, before_.c_str(), 1); }

 private:
  static constexpr const char* name = "PINXIT_CONVOLUTIONS";
  std::string before_;
};

enum class Enlarging { upsampled, transposed };

/// Both kinds of net, few channels: two strided layers, blocks, two doublings, a 9×9 at either end.
StyleChain chain_of(Enlarging kind, int64_t width, int blocks) {
  torch::manual_seed(11);
  StyleChain chain;
  int64_t channels = 3;
  const auto padding = kind == Enlarging::upsampled ? Padding::reflect : Padding::zero_same;
  const auto add = [&](int64_t out, int kernel, int stride, bool doubling, bool relu, int from) {
    ChainLayer layer;
    const auto shape = doubling && kind == Enlarging::transposed
                           ? std::vector<int64_t>{channels, out, kernel, kernel}
                           : std::vector<int64_t>{out, channels, kernel, kernel};
    const auto weight = torch::randn(shape) / std::sqrt(double(channels * kernel * kernel));
    const bool last = kernel == 9 && out == 3;
    if (!doubling) layer.convolution = Convolution::plain(weight, last ? torch::randn({out}) : torch::Tensor(), stride, padding);
    else if (kind == Enlarging::upsampled) layer.convolution = Convolution::upsampled(weight, {});
    else layer.convolution = Convolution::transposed(weight);
    layer.normalised = !last || kind == Enlarging::transposed;
    layer.gamma = torch::rand({out}) + 0.5, layer.beta = torch::randn({out}) * 0.3;
    layer.relu = relu, layer.add_from = from;
    chain.layers.push_back(std::move(layer));
    channels = out;
  };
  add(width, 9, 1, false, true, -1), add(2 * width, 3, 2, false, true, -1), add(4 * width, 3, 2, false, true, -1);
  for (int block = 0; block < blocks; ++block) {
    const int before = int(chain.layers.size()) - 1;
    add(4 * width, 3, 1, false, true, -1), add(4 * width, 3, 1, false, false, before);
  }
  add(2 * width, 3, 1, true, true, -1), add(width, 3, 1, true, true, -1), add(3, 9, 1, false, false, -1);
  if (kind == Enlarging::transposed) chain.output = OutputCurve::tanh_150;
  return chain;
}

torch::Tensor run_net(const StyleChain& chain, const torch::Tensor& picture, const PlanLimits& limits) {
  const TensorSource source(picture);
  const auto plan = plan_chain(chain, source.width(), source.height(), limits);
  const auto size = chain.sizes(source.width(), source.height()).back();
  auto out = torch::full({size.height, size.width, 3}, NAN);
  run_chain(chain, plan, source, [&](const Region& r, const torch::Tensor& tile) {
    out.slice(0, r.y, r.bottom()).slice(1, r.x, r.right()).copy_(tile);
  }, {});
  return out;
}

torch::Tensor reference(StyleChain& chain, const torch::Tensor& picture) {
  const Convolutions libtorch("libtorch");
  chain.prepare(torch::kCPU, torch::kFloat32);
  EXPECT_FALSE(chain.own);
  return run_net(chain, picture, {});
}

double largest_error(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.std()).item<double>();
}

class OwnChain : public testing::TestWithParam<std::tuple<Enlarging, int, int>> {};

TEST_P(OwnChain, agrees_with_libtorch_on_every_way_through_memory) {
  const auto [kind, width, blocks] = GetParam();
  auto chain = chain_of(kind, width, blocks);
  // Of 3 × 5 pixels two are left in the middle of the net: a channel in which they are nearly equal is normalised to
  // ±1 all the same, and rounding is enlarged with it.
  for (const auto& [height, across, bound] : {std::tuple{67, 101, 2e-3}, {3, 5, 5e-3}, {64, 32, 2e-3}}) {
    SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(across));
    const auto picture = torch::rand({height, across, 3}) * 255;
    const auto expected = reference(chain, picture);
    const Convolutions own("own");
    chain.prepare(torch::kCPU, torch::kFloat32);
    ASSERT_TRUE(chain.own);
    EXPECT_LT(largest_error(run_net(chain, picture, {}), expected), bound);
    PlanLimits tiled;
    tiled.tile_values = 24 * 24 * 16;
    EXPECT_LT(largest_error(run_net(chain, picture, tiled), expected), bound) << "tiled";
    PlanLimits little;
    little.memory_bytes = 1 << 18, little.tile_values = 0;
    little.scratch_folder = std::filesystem::temp_directory_path();
    if (across > 100) {
      EXPECT_TRUE(plan_chain(chain, across, height, little).scratch_file);
    }
    EXPECT_LT(largest_error(run_net(chain, picture, little), expected), bound) << "scratch file";
  }
}

TEST_P(OwnChain, a_part_is_the_whole_s) {
  const auto [kind, width, blocks] = GetParam();
  auto chain = chain_of(kind, width, blocks);
  const Convolutions own("own");
  chain.prepare(torch::kCPU, torch::kFloat32);
  const auto picture = torch::rand({120, 90, 3}) * 255;
  const auto whole = run_net(chain, picture, {});
  const TensorSource source(picture);
  const auto plan = plan_chain(chain, 90, 120, {});
  const auto statistics = run_chain(chain, plan, source, {}, {});
  for (const Region part : {Region{0, 0, 31, 17}, Region{33, 41, 25, 39}, Region{81, 110, 9, 10}}) {
    auto out = torch::zeros({part.height, part.width, 3});
    run_chain_region(chain, statistics, source, part, plan, [&](const Region& r, const torch::Tensor& tile) {
      out.slice(0, r.y - part.y, r.bottom() - part.y).slice(1, r.x - part.x, r.right() - part.x).copy_(tile);
    }, {});
    const auto same = whole.slice(0, part.y, part.bottom()).slice(1, part.x, part.right());
    EXPECT_LT(((out - same).abs().max() / whole.std()).item<double>(), 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, OwnChain, testing::Combine(testing::Values(Enlarging::upsampled, Enlarging::transposed),
                                                          testing::Values(4, 12), testing::Values(0, 1, 3)));

TEST(OwnConvolutions, are_for_float32_on_the_cpu_and_can_be_switched_off) {
  {
    const Convolutions own("own");
    EXPECT_TRUE(own_convolutions(torch::kCPU, torch::kFloat32));
    EXPECT_FALSE(own_convolutions(torch::kCPU, torch::kBFloat16));
    EXPECT_FALSE(own_convolutions(torch::kCUDA, torch::kFloat32));
  }
  const Convolutions libtorch("libtorch");
  EXPECT_FALSE(own_convolutions(torch::kCPU, torch::kFloat32));
}

TEST(OwnConvolutions, give_the_same_bits_each_time) {
  auto chain = chain_of(Enlarging::upsampled, 8, 2);
  const Convolutions own("own");
  chain.prepare(torch::kCPU, torch::kFloat32);
  const auto picture = torch::rand({90, 77, 3}) * 255;
  const auto first = run_net(chain, picture, {});
  for (int again = 0; again < 3; ++again) EXPECT_TRUE(torch::equal(run_net(chain, picture, {}), first));
}

TEST(OwnConvolutions, stop_within_one_tile) {
  auto chain = chain_of(Enlarging::upsampled, 8, 1);
  const Convolutions own("own");
  chain.prepare(torch::kCPU, torch::kFloat32);
  const TensorSource source(torch::rand({64, 64, 3}) * 255);
  int calls = 0;
  EXPECT_THROW(run_chain(chain, plan_chain(chain, 64, 64, {}), source, {},
                         [&](double) { if (++calls == 3) throw Cancelled(); }), Cancelled);
  EXPECT_EQ(calls, 3);
}

TEST(OwnConvolutions, the_workspace_is_kept_until_it_is_released) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "skipped: the sanitizer's allocator tells nothing";
#endif
  constexpr size_t floats = 32 << 20, bytes = floats * sizeof(float);
  const auto allocated = [] { return mallinfo2().hblkhd + mallinfo2().uordblks; };
  release_convolution_workspace();
  const size_t before = allocated();
  float* const given = convolution_workspace(floats);
  EXPECT_GE(allocated(), before + bytes);
  EXPECT_EQ(convolution_workspace(floats / 2), given);
  release_convolution_workspace();
  EXPECT_LT(allocated(), before + bytes / 2);
}

TEST(OwnConvolutions, packed_weights_are_counted) {
  auto chain = chain_of(Enlarging::upsampled, 32, 5);
  const Convolutions own("own");
  chain.prepare(torch::kCPU, torch::kFloat32);
  const auto plan = plan_chain(chain, 512, 512, {});
  EXPECT_GT(plan.weight_bytes, int64_t(10) * 128 * 128 * 36 * 4);  // ten F(4×4) or larger
  const Convolutions libtorch("libtorch");
  chain.prepare(torch::kCPU, torch::kFloat32);
  EXPECT_EQ(plan_chain(chain, 512, 512, {}).weight_bytes, 0);
}

}  // namespace
}  // namespace pinxit
