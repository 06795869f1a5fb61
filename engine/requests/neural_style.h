// SPDX-License-Identifier: Apache-2.0
//
// Neural Style: the pixels of a picture are searched for that share a photo's content and paintings' style.
//
// This one struct is the PDB procedure's arguments, the command line's options, the wire message, the recipe kept in
// the layer, and the preset file (see declaration.h). The pixels of the style pictures and masks travel beside it, as
// pictures named "style-0", "style-1", … and "mask-0", … (client/engine_client.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/requests/fast_style.h"

namespace pinxit {

struct NeuralStyleRequest {
  static constexpr const char* operation = "neural-style";
  static constexpr int version = 1;
  static constexpr int smallest_size = 100, largest_size = 800;

  /// At least one picture: the path of a file, or in GIMP "layer:TATTOO" of the same image; shares of their sum.
  std::vector<WeightedStyle> styles;
  /// For each style, in order, where it shows: "layer:TATTOO" or a file, white where it shows; "" or missing: all over.
  std::vector<std::string> style_masks;
  std::string preset = "best";     ///< an id of requests/neural_presets.h, or a preset's JSON text
  int iterations = 10;             ///< 5..100 recorded ones; state 0 is the start
  double content_weight = 1;       ///< 0.0001..10000; 1 is the preset's own weight
  double style_weight = 100;       ///< 0.0001..10000; 100 is the preset's own weight
  double variation_weight = 0.001; ///< 0.0001..10000; 0.001 is the preset's own weight
  int size = 400;                  ///< height of the optimised picture, 100..800, never above the layer's; 0 = the layer's
  std::string start = "content";   ///< content, style, noise ("blank" and "random" mean noise too), last
  int seed = 0;                    ///< of all that is random
  double style_scale = 1;          ///< 0.1..4: size of the painting's strokes
  std::string keep_colors = "no";  ///< no; luminance: colours of the source; matched: styles recoloured beforehand
  std::string encoder = "auto";    ///< id of the catalogue or weights file; auto: the largest VGG19 installed
  int keep_every = 0;              ///< each N-th iteration is sent in full size; 0: none
  std::string device = "auto";     ///< auto, cpu, cuda, cuda:N
  std::string precision = "auto";  ///< auto, fp32, bf16, fp64
  std::string name;                ///< of the entry in the gallery, unique; empty: one is made

  /// Fields of a newer version, name to JSON text, kept as they came.
  std::map<std::string, std::string> unknown;

  static const std::vector<Argument<NeuralStyleRequest>>& arguments();
};

}  // namespace pinxit
