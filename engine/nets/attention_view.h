// SPDX-License-Identifier: Apache-2.0
//
// Which words painted what: attention maps as pictures a person can read, in the manner of AttnGAN's own strips.
//
//     for (const WordView& view : strongest_words(picture)) show(picture.words[view.word], view.overlay);
#pragma once

#include <vector>

#include "engine/nets/text_to_image.h"

namespace pinxit {

struct WordView {
  size_t word = 0;        ///< index into MadePicture::words
  torch::Tensor map;      ///< [H,W] 0..1, smooth, as large as the picture; 1 where the word counts most
  torch::Tensor overlay;  ///< [3,H,W] sRGB 0..1: the map as grey over the picture, 180/255 opaque
};

/// The words with the most attention, most first, from the largest maps of a picture ordered with `attention`; none
/// without maps. A word that counts nowhere more than elsewhere has a black map.
std::vector<WordView> strongest_words(const MadePicture& picture, size_t at_most = 5);

}  // namespace pinxit
