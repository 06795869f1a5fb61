// SPDX-License-Identifier: Apache-2.0
//
// Which network is this checkpoint of? Told by names and shapes of its tensors, never by the file's name (but two
// identical halves, MicroAST's encoders, are told apart by it).
//
//     auto known = recognise(*read_checkpoint("starry.pth"));
//     if (!known) return known.error();                        // model_unsupported, with what is in the file
//     known->kind;                                             // "transformernet": what engine/nets/ loads
//     write_safetensors("starry.safetensors", known->tensors, known->metadata);
//
// Tensors get the names that our nets load, shapes too; their numbers are not touched. Left out is what no net of
// ours reads: running statistics, counters, classifiers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/importers/tensors.h"

namespace pinxit {

struct RecognisedNet {
  std::string kind;       ///< see `recognise`
  std::string part;       ///< of a network in several files: "content-encoder", "decoder-3", …; else empty
  std::string title;      ///< what to call it to people: "TransformerNet", "VGG19 (Caffe)", …; translated
  std::string operation;  ///< "fast-style" or "generate" for nets that paint by themselves, "encoder", or empty
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;  ///< for the safetensors file: architecture, preprocessing
  std::vector<std::string> left_out;            ///< names of the file's tensors that are not in `tensors`
};

/// | kind               | from                                                    | part                            |
/// | transformernet     | pytorch/examples, also of 2017, as ONNX and as OpenVINO |                                 |
/// | slimnet            | lengstrom's layout of any width, also in TF's order     |                                 |
/// | microast           | one of its four files, or all in one (no part)          | content-encoder, style-encoder, |
/// |                    |                                                         | modulator, decoder              |
/// | vgg19              | torchvision and Caffe, of any width, as far as it goes  |                                 |
/// | magenta-arbitrary  | TFLite, converted to F32, its names and shapes          | predict, transfer               |
/// | magenta-multistyle | any number of styles                                    |                                 |
/// | wct                | Collaborative-Distillation                              | encoder-1 … 5, decoder-1 … 5    |
/// | taef2              | tiny autoencoder for FLUX.2                             | encoder, decoder                |
/// | rectified-flow     | safetensors of models/training/train_flowers.py         |                                 |
///
/// Errors: model_unsupported (none of these), model_damaged (one of these, but a tensor is missing or misshapen).
Result<RecognisedNet> recognise(const Checkpoint& checkpoint);

}  // namespace pinxit
