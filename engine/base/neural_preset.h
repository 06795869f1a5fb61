// SPDX-License-Identifier: Apache-2.0
//
// How Neural Style paints, as plain data: which features of the encoder count, what is compared, and how the picture
// is searched for. A preset is one of these; requests/neural_presets.h holds the built-in ones and their JSON form.
//
// The loss of a picture x (R'G'B', 0..1) is
//
//     content.weight · C(x)  +  Σ style[i].taps[j].weight · S_ij(x)  +  variation.weight · TV(x)
//
// Source: Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016; others at
// their fields.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace pinxit {

enum class Pooling { maximum, average, l2 };

/// How features are taken from a VGG19.
struct FeatureUse {
  Pooling pooling = Pooling::maximum;
  double pooling_scale = 1;      ///< factor on pooled values (crowsonkb: average 2, l2 0.78)
  bool replicate_first = false;  ///< conv1_1 repeats the border instead of padding with zeros
  bool after_relu = true;        ///< taps are taken after (or before) the ReLU
  bool operator==(const FeatureUse&) const = default;
};

struct FeatureTap {
  std::string layer;  ///< "conv4_2"
  double weight = 1;
  bool operator==(const FeatureTap&) const = default;
};

/// Squared differences of features, summed or averaged over all values. A layer that the encoder lacks is replaced by
/// its deepest one.
struct ContentTerm {
  std::string layer = "conv4_2";
  double weight = 1;
  bool mean = true;
  bool operator==(const ContentTerm&) const = default;
};

/// One comparison of feature statistics. F: [C, N] features of a tap, N = height × width positions.
/// Taps that the encoder lacks are left out.
struct StyleTerm {
  enum class Kind {
    gram,         ///< F·Fᵀ / divisor, compared by `distance`
    wasserstein,  ///< squared 2-Wasserstein distance of Gaussians: mean((m-m₀)²) + mean(diag(Σ₀+Σ-2(Σ₀^½ΣΣ₀^½)^½))
    moments,      ///< mean((m-m₀)²) + mean((s-s₀)²) of channel means and standard deviations
  };
  enum class Divisor { one, positions, elements };  ///< 1, N, C·N
  enum class Distance {
    mean,     ///< mean of the C² squared differences
    sum,      ///< their sum
    picture,  ///< sum / (4 · 3² · (rows·columns of the picture)²), as Keras' example
  };
  Kind kind = Kind::gram;
  Divisor divisor = Divisor::elements;
  Distance distance = Distance::mean;
  std::vector<FeatureTap> taps;
  bool operator==(const StyleTerm&) const = default;
};

/// Total variation of the picture, p = scale·x.
struct VariationTerm {
  enum class Kind {
    absolute,    ///< Σ|dx| + Σ|dy|
    power,       ///< Σ (dx² + dy²)^1.25 over the pixels that have both neighbours
    uneven,      ///< Σ|dx| + Σ|dy| / (number of both)
    nine_point,  ///< crowsonkb's L2 over eight neighbours, border repeated; its own factor 2 included
  };
  Kind kind = Kind::absolute;
  double weight = 0;
  double scale = 1;
  bool operator==(const VariationTerm&) const = default;
};

/// What the search does. One *iteration* is what is recorded and shown; it takes `steps` steps of the optimiser.
struct SearchSchedule {
  enum class Optimizer { lbfgs, adam };
  enum class Clamp { never, after_step, in_evaluation };
  Optimizer optimizer = Optimizer::adam;
  int steps = 20;              ///< steps an iteration: Adam updates, or L-BFGS iterations (evaluations: see below)
  bool count_evaluations = false;  ///< `steps` bounds L-BFGS's evaluations instead, as scipy's maxfun
  bool restart = false;        ///< each iteration forgets the optimiser's memory
  double learning_rate = 0.02; ///< Adam: 0..1 units of a pixel a step
  double beta1 = 0.9, beta2 = 0.99;
  int history = 10;            ///< L-BFGS: pairs kept
  double average = 0;          ///< decay of the exponential mean of the iterates that is the result; 0: last iterate
  Clamp clamp = Clamp::never;  ///< pixels to 0..1
  int coarsest = 0;            ///< long side of the first level of the pyramid, pixels; 0: one level, the full size
  double growth = 1.41421356237309515;  ///< size of a level over the one before
  double first_share = 0.3;    ///< of all steps, those spent in the first level; the rest is shared equally
  bool operator==(const SearchSchedule&) const = default;
};

/// Start "noise": base + content_share·(content - base) + amplitude·n, with n uniform in -1..1 or standard normal.
struct StartNoise {
  std::array<double, 3> base = {0.485, 0.456, 0.406};  ///< R'G'B'
  double content_share = 0;
  double amplitude = 0.1;
  bool normal = false;
  bool operator==(const StartNoise&) const = default;
};

struct NeuralPreset {
  std::string id, title, description;
  FeatureUse features;
  ContentTerm content;
  std::vector<StyleTerm> style;
  VariationTerm variation;
  SearchSchedule schedule;
  StartNoise noise;
  bool stretch_style = false;  ///< the style picture is stretched to the picture's size; else its long side is fitted
  /// The weights are meant for features so many times as large as a torchvision encoder's (Caffe's nets look at levels
  /// 0..255 where torchvision's look at (x-mean)/0.225: 57). Painting with a torchvision encoder takes content weights
  /// times its square and Gram weights times its fourth power; `pinxit evaluate` takes the weights as they are.
  double feature_gain = 1;
  int border = 0;  ///< pixels of reflected picture around while it is searched for, against frames; cropped again
  std::string start = "content";  ///< what the preset's authors start from: content, style or noise
  bool operator==(const NeuralPreset&) const = default;
};

/// Values of the loss without (content, style of each tap, variation) and with (total, style) their weights.
struct Losses {
  double total = 0;
  double content = 0;    ///< without its weight
  double variation = 0;  ///< without its weight
  double style = 0;      ///< Σ weight · loss
  struct OfTap {
    std::string layer;
    double weight = 1, loss = 0;
  };
  std::vector<OfTap> taps;
};

}  // namespace pinxit
