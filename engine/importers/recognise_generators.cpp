// SPDX-License-Identifier: Apache-2.0
//
// The net that paints from text and comes in one file.
#include <sstream>

#include "engine/base/text.h"
#include "engine/importers/net_draft.h"

namespace pinxit {

/// As models/training/train_flowers.py writes it: the U-Net, and in the metadata what engine/nets/rectified_flow.h
/// names. Whether the U-Net's other tensors belong together is found out where it is loaded.
std::optional<RecognisedNet> recognise_rectified_flow(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, _("rectified flow"));
  const bool unet = draft.has("words.weight", {-1, -1}) && draft.has("time.0.weight", {-1, -1}) &&
                    draft.has("first.weight", {-1, 12, 3, 3}) && draft.has("middle.1.all.weight", {-1, -1, 1, 1}) &&
                    draft.has("last.weight", {12, -1, 3, 3});
  if (!unet) return std::nullopt;
  for (const char* name : {"words", "size", "steps", "guidance"})
    if (!checkpoint.metadata.contains(name))
      throw Failure(ErrorCode::model_damaged,
                    format_text(_("“%s” looks like a %s, but does not tell its “%s”."), checkpoint.path.c_str(),
                                _("rectified flow"), name),
                    _("Use the safetensors file that the training wrote: what the model needs is in its metadata."));
  std::istringstream list(checkpoint.metadata.at("words"));
  int64_t words = 0;
  for (std::string word; list >> word; ++words) {
  }
  draft.take("words.weight", {-1, words});
  draft.take_all([](const StoredTensor& tensor) { return !tensor.name.ends_with("words.weight"); });
  RecognisedNet net = std::move(draft).finished("rectified-flow", "generate");
  net.metadata["architecture"] = "flower-flow";
  return net;
}

}  // namespace pinxit
