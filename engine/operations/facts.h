// SPDX-License-Identifier: Apache-2.0
//
// What a finished Fast Style job tells for the recipe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinxit {

struct FastStyleFacts {
  struct Style {
    std::string id, title, kind, sha256;
    double share = 1;
    std::string precision;
    std::string convolutions;  ///< whose: "own" or "libtorch" (engine/compute/convolutions_choice.h)
  };
  struct Scaled {
    int64_t width = 0, height = 0;  ///< 0: not scaled
  };
  std::string device;
  std::vector<Style> styles;
  Scaled scaled;
  int64_t tiles = 1;
  double inference_seconds = 0;  ///< inside the nets, without reading, finishing and writing pixels

  /// {"engine":"0.1.0","libtorch":"2.6.0","device":"cpu","tiles":1,"styles":[{…}],"scaled":{…}}
  std::string to_json() const;
};

}  // namespace pinxit
