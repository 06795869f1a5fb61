// SPDX-License-Identifier: Apache-2.0
//
// Flowers from words: a rectified flow. Euler steps lead from noise to a picture along RectifiedFlowUnet's velocities,
// away from what it would paint without words (Ho and Salimans, arXiv 2207.12598). One file holds all of the model;
// beside the U-Net's tensors its metadata say
//
//     architecture   "flower-flow"
//     words          by id, with spaces between; word 0 stands for nothing
//     size           side of the pictures, pixels
//     steps          of sampling
//     guidance       how closely words are followed; 1: as trained
#pragma once

#include "engine/nets/text_to_image.h"

namespace pinxit {

bool rectified_flow_recognise(const Safetensors& file);
/// Throws Failure as load_text_to_image.
std::shared_ptr<const TextToImage> load_rectified_flow(const Safetensors& file, const TextToImageFiles& files);

}  // namespace pinxit
