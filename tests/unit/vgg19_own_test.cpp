// SPDX-License-Identifier: Apache-2.0
//
// VGG19 through engine/convolve against the same net in double through LibTorch: every tap, pooling, border and size,
// features and the way back; stopping; the switch.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "engine/nets/vgg19.h"
#include "engine/optimise/symmetric.h"
#include "tests/unit/tiny_vgg.h"

namespace pinxit {
namespace {

/// Relative to the standard deviation of `expected`.
double worst(const torch::Tensor& found, const torch::Tensor& expected) {
  const auto difference = (found.to(torch::kFloat64) - expected).abs().max();
  return (difference / (expected.square().mean().sqrt() + 1e-30)).item<double>();
}
double relative(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found.to(torch::kFloat64) - expected).norm() / (expected.norm() + 1e-30)).item<double>();
}

const std::vector<std::string> some_taps = {"conv4_2", "conv1_1", "conv2_2", "conv3_1", "conv5_1", "conv1_2"};

/// Sets the switch while it lives.
class Switched {
 public:
  explicit Switched(const char* to) {
    if (const char* set = std::getenv(name)) before_ = set;
    setenv(name, to, 1);
  }
  ~Switched() {
    if (before_.empty()) unsetenv(name);
    else setenv(name, before_.c_str(), 1);
  }
  Switched(const Switched&) = delete;
  Switched& operator=(const Switched&) = delete;

 private:
  static constexpr const char* name = "PINXIT_CONVOLUTIONS";
  std::string before_;
};

struct Nets {
  TinyVgg file;
  std::shared_ptr<const Vgg19> own, reference;
  explicit Nets(size_t depth = 13, const std::vector<int64_t>& widths = {5, 6, 7, 6, 5}, bool caffe = false)
      : file(depth, widths) {
    const Switched own_ones("own");
    const auto path = file.save(caffe ? std::map<std::string, std::string>{{"preprocessing", "caffe"}}
                                      : std::map<std::string, std::string>{});
    own = std::make_shared<const Vgg19>(Vgg19::load(path, torch::kCPU, torch::kFloat32).take());
    reference = std::make_shared<const Vgg19>(Vgg19::load(path, torch::kCPU, torch::kFloat64).take());
  }

  /// Features, and the gradient of Σ random · features. Gives the gradient's relative error.
  double compare(const FeatureUse& use, const std::vector<std::string>& taps, int64_t height, int64_t width) const {
    torch::manual_seed(height + width);
    const auto x = torch::rand({1, 3, height, width}, torch::kFloat64);
    const auto leaf = x.clone().set_requires_grad(true);
    const auto expected = reference->features(leaf, taps, use);
    const auto plain = own->features(x, taps, use);
    auto pass = own->pass(x.to(torch::kFloat32), taps, use);
    std::vector<torch::Tensor> factors;
    torch::Tensor sum;
    for (size_t i = 0; i < taps.size(); ++i) {
      EXPECT_LT(worst(plain[i], expected[i]), 2e-4) << taps[i];
      EXPECT_TRUE(plain[i].equal(pass.maps()[i])) << taps[i];
      factors.push_back(torch::randn_like(expected[i]));
      const auto term = (factors[i] * expected[i]).sum();
      sum = sum.defined() ? sum + term : term;
    }
    sum.backward();
    std::vector<size_t> asked;
    const auto gradient = pass.gradient([&](size_t i, torch::Tensor& into) {
      EXPECT_TRUE(into.is_contiguous());
      asked.push_back(i);
      into.copy_(factors[i][0].permute({1, 2, 0}));
      return true;
    });
    EXPECT_EQ(asked.size(), taps.size());
    EXPECT_EQ(gradient.scalar_type(), torch::kFloat32);
    // Rounding moves a few values across zero or to the top of a pooling: one deep one is 0.2 % of a small picture's
    // gradient. A row or column forgotten would be ten.
    const double error = relative(gradient, leaf.grad());
    EXPECT_LT(error, 5e-3);
    return error;
  }
};

TEST(OwnVgg, is_for_float32_on_the_cpu_unless_switched_off) {
  const TinyVgg file(3);
  const auto load = [&](const char* convolutions, torch::ScalarType type) {
    const Switched to(convolutions);
    return file.load(type);
  };
  const auto own = load("own", torch::kFloat32), other = load("libtorch", torch::kFloat32);
  EXPECT_TRUE(own->own());
  EXPECT_FALSE(other->own());
  EXPECT_FALSE(load("own", torch::kFloat64)->own());
  const auto x = torch::rand({1, 3, 21, 18});
  const auto expected = other->features(x, {"conv2_1"}, {})[0].to(torch::kFloat64);
  EXPECT_LT(worst(own->features(x, {"conv2_1"}, {})[0], expected), 1e-4);
}

TEST(OwnVgg, every_pooling_tap_and_border) {
  const Nets nets;
  for (const auto pooling : {Pooling::maximum, Pooling::average, Pooling::l2})
    for (const bool after_relu : {true, false})
      for (const bool replicate : {false, true}) {
        SCOPED_TRACE(std::to_string(int(pooling)) + (after_relu ? " after" : " before") +
                     (replicate ? ", replicate" : ""));
        FeatureUse use;
        use.pooling = pooling;
        use.pooling_scale = pooling == Pooling::maximum ? 1 : pooling == Pooling::average ? 2 : 0.78;
        use.after_relu = after_relu;
        use.replicate_first = replicate;
        nets.compare(use, some_taps, 33, 47);
      }
}

TEST(OwnVgg, every_size) {
  const Nets nets;
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{16, 16}, {17, 31}, {64, 19}, {97, 130}}) {
    SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width));
    nets.compare({}, some_taps, height, width);
  }
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {1, 9}, {7, 2}}) {
    SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width));
    nets.compare({}, {"conv1_2", "conv1_1"}, height, width);
  }
  EXPECT_THROW(nets.own->features(torch::rand({1, 3, 15, 40}), {"conv5_1"}, {}), Failure);
}

TEST(OwnVgg, wide_layers_and_caffes_colours) {
  const Nets nets(13, {64, 48, 100, 288, 260}, true);
  double least = 1;  // of pictures in which nothing moves across zero there are enough
  for (const int64_t height : {131, 133, 134}) least = std::min(least, nets.compare({}, some_taps, height, 88));
  EXPECT_LT(least, 2e-5);
}

TEST(OwnVgg, taps_without_a_derivative_count_nothing) {
  const Nets nets;
  const auto x = torch::rand({1, 3, 40, 36});
  const auto gradient_of = [&](const std::vector<std::string>& taps, const std::string& used) {
    return nets.own->pass(x, taps, {}).gradient([&](size_t i, torch::Tensor& into) {
      into.fill_(1);  // not to be looked at where nothing is returned
      return taps[i] == used;
    });
  };
  for (const std::string used : {"conv3_1", "conv5_1", "conv1_1"})
    EXPECT_TRUE(gradient_of(some_taps, used).equal(gradient_of({used}, used))) << used;
  EXPECT_EQ(gradient_of(some_taps, "none").abs().max().item<float>(), 0);
}

TEST(OwnVgg, autograd_goes_through) {
  const Nets nets;
  const auto x = torch::rand({1, 3, 40, 36}).set_requires_grad(true);
  auto maps = nets.own->features(x, {"conv2_1", "conv3_1", "conv1_1"}, {});
  maps[0].mul_(3);  // results are the caller's
  (maps[0].sum() + 2 * maps[1].sum()).backward({}, true);
  const auto once = x.grad().clone();
  const auto expected = nets.own->pass(x, {"conv2_1", "conv3_1"}, {}).gradient([](size_t i, torch::Tensor& into) {
    into.fill_(i == 0 ? 3 : 2);
    return true;
  });
  EXPECT_TRUE(once.equal(expected));
  (maps[0].sum() + 2 * maps[1].sum()).backward();
  EXPECT_TRUE(x.grad().equal(once + once));
}

TEST(OwnVgg, the_same_bits_each_time_and_from_several_threads) {
  const Nets nets(13, {16, 24, 32, 32, 32});
  const auto x = torch::rand({1, 3, 96, 83});
  const auto work = [&] {
    return nets.own->pass(x, some_taps, {}).gradient([](size_t, torch::Tensor& into) { return into.fill_(1), true; });
  };
  const auto expected = work();
  torch::Tensor found[3];
  std::vector<std::thread> threads;
  for (auto& one : found) threads.emplace_back([&] { one = work(); });
  for (auto& thread : threads) thread.join();
  for (const auto& one : found) EXPECT_TRUE(one.equal(expected));
}

TEST(OwnVgg, stops_on_the_way_back) {
  const Nets nets;
  std::stop_source stop;
  auto pass = nets.own->pass(torch::rand({1, 3, 40, 36}), {"conv1_1", "conv5_1"}, {}, stop.get_token());
  int asked = 0;
  const auto derivative = [&](size_t, torch::Tensor& into) {
    ++asked;
    stop.request_stop();
    return into.fill_(1), true;
  };
  EXPECT_THROW(pass.gradient(derivative), Cancelled);
  EXPECT_EQ(asked, 1);
  EXPECT_THROW(nets.own->pass(torch::rand({1, 3, 40, 36}), {"conv1_1"}, {}, stop.get_token()), Cancelled);
}

TEST(OwnVgg, plans_memory_for_what_it_prepares) {
  const Nets nets(13, {64, 64, 64, 288, 288});
  const int64_t forwards = nets.own->bytes_beside("conv5_1", 256, 256, false);
  const int64_t both = nets.own->bytes_beside("conv5_1", 256, 256, true);
  EXPECT_GT(forwards, 4 * 4 * nets.own->parameters());  // Winograd's weights
  EXPECT_GT(both, 18 * forwards / 10);
  EXPECT_EQ(nets.reference->bytes_beside("conv5_1", 256, 256, true), 0);
}

TEST(OwnVgg, plans_memory_for_what_is_still_held_for_other_sizes) {
  const Nets nets(13, {64, 64, 64, 288, 288});
  const auto planned = [&] { return nets.own->bytes_beside("conv5_1", 256, 256, true); };
  const int64_t before = planned();
  nets.own->pass(torch::rand({1, 3, 256, 256}), {"conv5_1"}, {});
  EXPECT_EQ(planned(), before) << "what was planned is what was prepared";
  nets.own->pass(torch::rand({1, 3, 16, 16}), {"conv5_1"}, {});  // too few pixels for Winograd
  EXPECT_GE(planned(), before + 2 * int64_t(sizeof(float)) * 9 * 288 * 288) << "forwards and back";
}

TEST(SymmetricProduct, equals_the_product) {
  torch::manual_seed(8);
  for (const int64_t size : {1, 5, 64, 65, 130, 256, 301})
    for (const int64_t depth : {40, 400}) {
      const auto a = torch::randn({size, depth}, torch::kFloat64);
      const auto found = symmetric_product(a, a.t());
      EXPECT_LT((found - a.mm(a.t())).abs().max().item<double>(), 1e-12 * double(depth)) << size;
      EXPECT_LT((found - found.t()).abs().max().item<double>(), 1e-12 * double(depth)) << size;
    }
}

}  // namespace
}  // namespace pinxit
