// SPDX-License-Identifier: Apache-2.0
//
// Neural Style's loss and its gradient with respect to the picture, at any size in bounded memory.
//
//     ObjectiveParts parts{net, preset, content, styles};
//     Objective objective(parts, {.tile_side = 512}, stop);      // learns content features and style statistics
//     Losses losses = objective.evaluate(x, &gradient, stop);    // x, gradient: [1,3,H,W], 0..1
//
// All style terms depend on the features only through sums over positions (Σ F and Σ F·Fᵀ), so the gradient can be
// computed exactly tile by tile: a first pass adds up the sums over all tiles, then each tile's features are
// differentiated with the whole picture's d loss / d sums (Galerne, Raad, Lezama, Morel, "Scaling Painting Style
// Transfer", arXiv 2212.13459). With tile_side 0 there is one pass over the whole picture.
//
// Threads: one at a time. Throws Failure, Cancelled (checked at every tile and layer); c10::OutOfMemoryError or
// std::bad_alloc when memory runs out, with the objective still usable.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "engine/base/neural_preset.h"
#include "engine/nets/vgg19.h"

namespace pinxit {

/// One painting. Its statistics are the target inside `mask`; several are mixed by weight.
struct StyleSource {
  torch::Tensor pixels;  ///< [1,3,h,w] R'G'B' 0..1, already at the size it is to be seen at
  double weight = 1;     ///< > 0; shares of the sum are used
  torch::Tensor mask;    ///< [1,1,H,W] 0..1 at the content's size; undefined: everywhere
};

struct ObjectiveParts {
  std::shared_ptr<const Vgg19> net;
  NeuralPreset preset;
  torch::Tensor content;  ///< [1,3,H,W] R'G'B' 0..1
  std::vector<StyleSource> styles;
  /// Multiply the preset's weights.
  double content_factor = 1, style_factor = 1, variation_factor = 1;
};

struct ObjectiveLimits {
  int64_t tile_side = 0;  ///< inner side of tiles in pixels, a multiple of 16; 0: the picture is not cut
};

class Objective {
 public:
  /// `styles` with masks are guided: each mask's region of the picture is compared with its painting's statistics, and
  /// what no mask covers with the unmasked ones; the losses of the regions count by their share of the picture (and
  /// those of masked paintings by their weight over the mean of such weights). The statistics of each style are
  /// computed here, tile by tile too. Content features are kept unless they took more than a quarter of the free
  /// memory; then they are computed anew in each evaluation. Layers for which the content or a painting is too small
  /// are left out.
  Objective(ObjectiveParts parts, const ObjectiveLimits& limits, const std::stop_token& stop,
            const std::function<void(double done)>& progress = {});
  ~Objective();
  Objective(Objective&&) noexcept;

  /// `gradient` (may be null: one forward pass) becomes d total / d x, of x's size and type.
  Losses evaluate(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop) const;

  /// The same without waiting for the device (a CUDA graph can hold it): the losses as a tensor of doubles, in the
  /// order only losses_of knows.
  torch::Tensor evaluate_values(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop) const;
  Losses losses_of(const torch::Tensor& values) const;

  /// The layer that stands for the preset's content layer: the net's deepest one where the net or a picture of this
  /// size has no such layer.
  const std::string& content_layer() const;
  int64_t tiles() const;  ///< a pass

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bytes of working memory an evaluation takes (net, features, gradients, content features; not the picture's own
/// copies): an upper bound.
int64_t objective_bytes(const Vgg19& net, const NeuralPreset& preset, int64_t width, int64_t height, int64_t tile_side);

/// The largest tile side (0: uncut) whose evaluation fits `budget` bytes; at least 128.
int64_t choose_tile_side(const Vgg19& net, const NeuralPreset& preset, int64_t width, int64_t height, int64_t budget);

}  // namespace pinxit
