// SPDX-License-Identifier: Apache-2.0
//
// What a Neural Style job tells: for the recipe when it is finished, or for whoever compares when it was only measured.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/neural_preset.h"

namespace pinxit {

struct NeuralFacts {
  std::string device, precision;
  std::string encoder_id, encoder_title, encoder_sha256;
  std::string preset, content_layer;
  int iterations = 0;  ///< done, of those recorded
  bool finished_early = false;
  int64_t width = 0, height = 0;  ///< of the optimised picture
  int64_t levels = 1;
  int64_t tiles = 1;  ///< of the last level
  double seconds = 0;
  Losses losses;  ///< of the last state

  /// {"engine":"0.1.0","libtorch":"2.6.0","device":"cpu","precision":"fp32","encoder":{"id","title","sha256"},
  ///  "preset":"best","content_layer":"conv4_2","iterations":10,"finished_early":false,"optimised":{"width","height"},
  ///  "levels":4,"tiles":1,"seconds":12.3,"losses":{"total","content","style":[{"layer","loss","weight"}],"tv"}}
  std::string to_json() const;
};

/// {"total":…,"content":…,"style":[{"layer":"conv1_1","loss":…,"weight":…}…],"tv":…,"content_layer":…,"encoder":…,
/// "device":…,"precision":…}: content, style and tv without their weights, 17 digits.
std::string evaluation_to_json(const NeuralFacts& facts);

}  // namespace pinxit
