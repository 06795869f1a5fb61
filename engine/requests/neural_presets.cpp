// SPDX-License-Identifier: Apache-2.0
//
// The presets' numbers. The originals are described at each; weights are theirs, for content weight 1, style weight
// 100 and variation weight 0.001 of the request.
#include "engine/requests/neural_presets.h"

#include "engine/base/text.h"

namespace pinxit {
namespace {

using Kind = StyleTerm::Kind;
using Optimizer = SearchSchedule::Optimizer;

constexpr double caffe_gain = 57;  ///< 255 · 0.225
constexpr double root_of_two = 1.41421356237309515;

/// What all of them compare; one weight each, or the same for all.
std::vector<FeatureTap> five_taps(const std::vector<double>& weights) {
  std::vector<FeatureTap> taps;
  for (const char* layer : {"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"})
    taps.push_back({layer, weights.size() == 1 ? weights[0] : weights.at(taps.size())});
  return taps;
}

StyleTerm gram(StyleTerm::Divisor divisor, StyleTerm::Distance distance, double weight) {
  return {Kind::gram, divisor, distance, five_taps({weight})};
}

/// crowsonkb's weights 256, 64, 16, 4, 1 over their sum.
std::vector<FeatureTap> falling_taps(double factor) {
  std::vector<double> weights;
  for (const double weight : {256., 64., 16., 4., 1.}) weights.push_back(factor * weight / 341);
  return five_taps(weights);
}

/// Deeper layers count for more than crowsonkb's: they carry strokes and swirls, the first ones colours and grain.
std::vector<FeatureTap> stroke_taps(double factor) {
  return five_taps({0.45 * factor, 0.27 * factor, 0.17 * factor, 0.1 * factor, 0.025 * factor});
}

NeuralPreset best() {
  NeuralPreset p;
  p.id = "best";
  p.title = N_("Best");
  p.description = N_("Large strokes first, then finer ones; the colors and textures of the painting");
  p.features.replicate_first = true;
  p.content = {"conv4_2", 0.06, true};
  p.style = {{Kind::wasserstein, StyleTerm::Divisor::elements, StyleTerm::Distance::mean, stroke_taps(1)},
             {Kind::moments, StyleTerm::Divisor::elements, StyleTerm::Distance::mean, stroke_taps(0.1)}};
  p.variation = {VariationTerm::Kind::nine_point, 10, 1};
  p.schedule.optimizer = Optimizer::adam;
  p.schedule.steps = 16;
  p.schedule.learning_rate = 0.03;
  p.schedule.average = 0.97;
  p.schedule.clamp = SearchSchedule::Clamp::after_step;
  p.schedule.coarsest = 160;
  p.schedule.growth = 1.6;
  p.schedule.first_share = 0.35;
  p.border = 16;
  return p;
}

/// github.com/ProGamerGov/neural-style-pt, its defaults; the 1000 iterations are 10 of 100.
NeuralPreset classic() {
  NeuralPreset p;
  p.id = "classic";
  p.title = N_("Classic");
  p.description = N_("Gatys' method as neural-style-pt does it: Gram matrices, L-BFGS at one size");
  p.content = {"conv4_2", 5, true};
  p.style = {gram(StyleTerm::Divisor::elements, StyleTerm::Distance::mean, 100)};
  p.variation = {VariationTerm::Kind::absolute, 1e-3, 255};
  p.schedule.optimizer = Optimizer::lbfgs;
  p.schedule.steps = 100;
  p.schedule.history = 100;
  p.feature_gain = caffe_gain;
  p.noise.amplitude = 0.001 / 255;
  p.noise.normal = true;
  p.start = "noise";
  return p;
}

/// github.com/danmarcab/deep_painting, apps/pycasso: Keras' neural_style_transfer example on VGG19 with conv5_2; the
/// gallery's weights.
NeuralPreset pycasso() {
  NeuralPreset p;
  p.id = "pycasso";
  p.title = N_("Pycasso");
  p.description = N_("As Deep Painting did it: sums of differences, L-BFGS that starts anew each iteration");
  p.content = {"conv5_2", 1, false};
  p.style = {gram(StyleTerm::Divisor::one, StyleTerm::Distance::picture, 20)};
  p.variation = {VariationTerm::Kind::power, 1e-3, 255};
  p.schedule.optimizer = Optimizer::lbfgs;
  p.schedule.steps = 20;
  p.schedule.count_evaluations = true;
  p.schedule.restart = true;
  p.schedule.history = 10;
  p.feature_gain = caffe_gain;
  p.noise.base = {123.68 / 255, 116.779 / 255, 103.939 / 255};
  p.noise.content_share = 0.3;
  p.noise.amplitude = 0.7 * 20 / 255;
  p.stretch_style = true;
  return p;
}

/// github.com/vsemionov/picstylist, worker/iterative.py at strength 75; its 320 steps are 10 iterations of 32.
NeuralPreset picstylist() {
  NeuralPreset p;
  p.id = "picstylist";
  p.title = N_("PicStylist");
  p.description = N_("As PicStylist's iterative mode: average pooling, features before the ReLU");
  p.features.pooling = Pooling::average;
  p.features.after_relu = false;
  p.content = {"conv3_2", 1, true};
  p.style = {gram(StyleTerm::Divisor::elements, StyleTerm::Distance::mean, 7.5e5)};
  p.variation = {VariationTerm::Kind::uneven, 5e-6, 1};
  p.schedule.optimizer = Optimizer::lbfgs;
  p.schedule.steps = 32;
  p.schedule.history = 10;
  p.schedule.clamp = SearchSchedule::Clamp::in_evaluation;
  p.noise.base = {0.5, 0.5, 0.5};
  p.noise.amplitude = 0.05;
  p.start = "noise";
  return p;
}

/// github.com/crowsonkb/style-transfer-pytorch; 10 iterations are the 1000 + 4 × 500 steps it takes to 512 pixels.
NeuralPreset crowsonkb() {
  NeuralPreset p;
  p.id = "crowsonkb";
  p.title = N_("Crowson");
  p.description = N_("As style-transfer-pytorch does it: from coarse to fine; slow and smooth");
  p.features.replicate_first = true;
  p.content = {"conv4_2", 0.015, true};
  p.style = {{Kind::wasserstein, StyleTerm::Divisor::elements, StyleTerm::Distance::mean, falling_taps(1)}};
  p.variation = {VariationTerm::Kind::nine_point, 2, 1};
  p.schedule.optimizer = Optimizer::adam;
  p.schedule.steps = 300;
  p.schedule.learning_rate = 0.02;
  p.schedule.beta1 = 0.9;
  p.schedule.beta2 = 0.99;
  p.schedule.average = 0.99;
  p.schedule.clamp = SearchSchedule::Clamp::after_step;
  p.schedule.coarsest = 128;
  p.schedule.growth = root_of_two;
  p.schedule.first_share = 1. / 3;
  return p;
}

}  // namespace

const std::vector<NeuralPreset>& neural_presets() {
  static const std::vector<NeuralPreset> list = {best(), classic(), pycasso(), picstylist(), crowsonkb()};
  return list;
}

}  // namespace pinxit
