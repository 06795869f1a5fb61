// SPDX-License-Identifier: Apache-2.0
//
// What a Neural Style job needs before it can look at pixels: device, precision, encoder, preset, and the pictures that
// came with the request, checked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/operations/model_shelf.h"
#include "engine/operations/operation.h"

namespace pinxit {

struct NeuralDesk {
  NeuralPreset preset;
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
  std::shared_ptr<const ShelvedEncoder> encoder;

  const char* precision() const;
};

/// A note or a line about loading for whoever waits.
void tell(const Task& task, Event::Kind kind, const std::string& text);

/// Validates the request and makes the desk. Throws Failure; tells of a missing GPU, of loading and of layers that the
/// encoder lacks.
NeuralDesk prepare_desk(const NeuralStyleRequest& request, const Task& task, ModelShelf& shelf);
/// The same on the CPU, after a GPU's memory was not enough.
void move_to_cpu(NeuralDesk& desk, const Task& task, ModelShelf& shelf);

/// The picture of that name. Throws Failure(bad_argument) where it is missing or empty.
SrgbView needed_picture(const Task& task, const std::string& name);

}  // namespace pinxit
