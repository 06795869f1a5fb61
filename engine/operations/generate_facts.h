// SPDX-License-Identifier: Apache-2.0
//
// What a Generate from Text job tells for the recipe, and what is told of a prompt before it is painted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/nets/text_to_image.h"
#include "engine/operations/generator_files.h"

namespace pinxit {

struct GenerateFacts {
  struct Picture {
    int64_t seed = 0;
    double share = 0;
    int64_t width = 0, height = 0;
    double seconds = 0;
  };
  std::string device, precision;
  double seconds = 0;       ///< of painting
  double load_seconds = 0;  ///< until the model was there; next to nothing where it was warm
  std::vector<Picture> pictures;

  /// {"engine":"0.1.0","device":"cpu","precision":"fp32","model":{…},"words":[…],"unknown_words":[…],"left_out":"",
  ///  "seconds":1.2,"load_seconds":0.4,"pictures":[{"seed","share","width","height","seconds"}…]}
  /// Words, unknown words and what was left out are the prompt's: who keeps no prompt keeps none of them.
  std::string to_json(const GeneratorFiles& files, const TextToImageFacts& model, const PromptTokens& text) const;
};

/// {"model":{"id","title","kind","sha256"},"takes_prompt":true,"attention":true,"any_size":false,"sizes":[[64,64]…],
///  "words":[…],"unknown_words":[…],"left_out":""}
std::string prompt_facts(const GeneratorFiles& files, const TextToImageFacts& model, const PromptTokens& text);

}  // namespace pinxit
