// SPDX-License-Identifier: Apache-2.0
//
// The readers behind read_checkpoint and its sisters, one for each format, over bytes in memory; they throw Unsound
// and Unread (held_bytes.h) and touch no file. Every tensor they return is checked: its numbers lie inside its data.
// Only `check_tensors` looks at all of them together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/importers/tensors.h"
#include "engine/importers/vocabulary.h"

namespace pinxit {

using Tensors = std::vector<StoredTensor>;

Tensors read_safetensors(const HeldBytes& file, std::map<std::string, std::string>& metadata);
/// torch.save since 1.6: a zip archive with a pickle and one record for each storage.
Tensors read_pytorch_zip(const HeldBytes& file);
/// torch.save before 1.6: five pickles, then the storages.
Tensors read_pytorch_legacy(const HeldBytes& file);
Tensors read_onnx(const HeldBytes& file);
/// True where the outer message is one of ONNX, with a graph.
bool looks_like_onnx(const HeldBytes& file);
/// Whole numbers with a scale are converted to F32.
Tensors read_tflite(const HeldBytes& file);
/// OpenVINO IR: `layers` is the .xml, `weights` the .bin.
Tensors read_openvino(const HeldBytes& layers, const HeldBytes& weights);
/// Bytes of weights that the layers of an .xml use: the size of the .bin that belongs to it.
uint64_t openvino_weights_size(const HeldBytes& layers);

Vocabulary parse_vocabulary(const HeldBytes& file);
std::map<std::string, std::string> parse_settings(const HeldBytes& file);

/// Refuses names that occur twice or are not UTF-8, and tensors that would be far larger than `file_size` bytes once
/// written (views may repeat numbers).
void check_tensors(const Tensors& tensors, size_t file_size);

}  // namespace pinxit
