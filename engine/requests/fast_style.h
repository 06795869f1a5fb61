// SPDX-License-Identifier: Apache-2.0
//
// Fast Style: one pass of a picture through a trained style net.
//
// This one struct is the PDB procedure's arguments, the command line's options, the wire message, the recipe kept in
// the layer, and the preset file; `arguments()` declares it once for all of them (see declaration.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/requests/declaration.h"

namespace pinxit {

/// An id of the catalogue or the absolute path of a weights file, and its share of the result.
struct WeightedStyle {
  std::string style;
  double weight = 1;
  bool operator==(const WeightedStyle&) const = default;
};

struct FastStyleRequest {
  static constexpr const char* operation = "fast-style";
  static constexpr int version = 1;

  std::vector<WeightedStyle> styles;  ///< at least one; weights > 0, used as shares of their sum
  double strength = 100;              ///< 0..100: per cent of the styled pixel blended over the source pixel
  bool keep_colors = false;           ///< luminance of the styled picture, colours of the source
  std::string device = "auto";        ///< auto, cpu, cuda, cuda:N
  int max_size = 0;                   ///< longest side styled, pixels; 0 = the layer's own size, whatever it is
  std::string precision = "auto";     ///< auto, fp32, bf16
  bool exact = false;                 ///< fp32 and no border padding: the net as published

  /// Fields of a newer version, name to JSON text, kept as they came.
  std::map<std::string, std::string> unknown;

  static const std::vector<Argument<FastStyleRequest>>& arguments();
};

/// Styles as one string: "candy", "/path/net.safetensors", "candy:0.7;mosaic:0.3".
std::string styles_to_text(const std::vector<WeightedStyle>& styles);
Result<std::vector<WeightedStyle>> styles_from_text(const std::string& text);

}  // namespace pinxit
