// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/recognise.h"

#include <glib.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/importers/held_bytes.h"
#include "engine/importers/net_draft.h"

namespace pinxit {
namespace {

/// First 8 hex digits of the sha256 of the Caffe weights with torchvision's names (vgg19-d01eb7cb.pth): nothing in
/// the tensors themselves tells that they want B, G, R from 0 to 255.
bool is_known_caffe_file(const std::string& path) {
  const HeldBytes file = map_file(path);
  const std::unique_ptr<GChecksum, decltype(&g_checksum_free)> sum(g_checksum_new(G_CHECKSUM_SHA256), &g_checksum_free);
  constexpr size_t piece = size_t(1) << 24;
  for (size_t at = 0; at < file.size(); at += piece) {
    const auto bytes = file.view.subspan(at, std::min(piece, file.size() - at));
    g_checksum_update(sum.get(), reinterpret_cast<const guchar*>(bytes.data()), gssize(bytes.size()));
  }
  return std::string_view(g_checksum_get_string(sum.get())).starts_with("d01eb7cb");
}

/// "conv3_1" and torchvision's number for it.
struct VggSlot {
  std::string layer;
  int number = 0;
};
std::vector<VggSlot> vgg19_slots() {
  constexpr std::array<int, 5> depth = {2, 2, 4, 4, 4};
  std::vector<VggSlot> slots;
  int number = 0;
  for (int block = 1; block <= 5; ++block, ++number)  // the pooling takes one number
    for (int i = 1; i <= depth[size_t(block - 1)]; ++i, number += 2)
      slots.push_back({"conv" + std::to_string(block) + "_" + std::to_string(i), number});
  return slots;
}

std::optional<RecognisedNet> recognise_microast(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, "MicroAST");
  std::string part;
  if (draft.has("content_encoder.enc1.0.conv_layer.weight") && draft.has("decoder.dec1.conv1.conv_layer.weight"))
    part = "";
  else if (draft.has("enc1.0.conv_layer.weight", {-1, 3, 9, 9}) && draft.has("enc2.0.conv1.conv_layer.weight"))
    part = std::filesystem::path(checkpoint.path).filename().string().find("style") != std::string::npos
               ? "style-encoder"
               : "content-encoder";
  else if (draft.has("weight1.0.conv_layer.weight") && draft.has("bias2.0.conv_layer.weight"))
    part = "modulator";
  else if (draft.has("dec1.conv1.conv_layer.weight") && draft.has("dec3.10.conv_layer.weight", {3, -1, 9, 9}))
    part = "decoder";
  else
    return std::nullopt;
  draft.take_all();
  return std::move(draft).finished("microast", {}, part);
}

std::optional<RecognisedNet> recognise_wct(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, _("WCT (Collaborative Distillation)"));
  const bool encoder = draft.has("conv0.weight", {3, 3, 1, 1}) && draft.has("conv11.weight", {-1, 3, 3, 3});
  const bool decoder = !draft.has("conv0.weight") && draft.has("conv11.weight", {3, -1, 3, 3});
  if (!encoder && !decoder) return std::nullopt;
  int level = 1;
  for (int block = 2; block <= 5; ++block)
    if (draft.has("conv" + std::to_string(block) + "1.weight", {-1, -1, 3, 3})) level = block;
  // Training alone used the others.
  draft.take_all([](const StoredTensor& tensor) { return tensor.name.find("_aux.") == std::string::npos; });
  return std::move(draft).finished("wct", {}, (encoder ? "encoder-" : "decoder-") + std::to_string(level));
}

std::optional<RecognisedNet> recognise_taef2(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, _("tiny autoencoder for FLUX.2"));
  const bool encoder = draft.has("0.weight", {64, 3, 3, 3}) && draft.has("14.weight", {32, 64, 3, 3});
  const bool decoder = draft.has("1.weight", {64, 32, 3, 3}) && draft.has("19.weight", {3, 64, 3, 3});
  if (encoder == decoder || !draft.has(encoder ? "11.pool.0.weight" : "3.pool.0.weight")) return std::nullopt;
  draft.take_all();
  return std::move(draft).finished("taef2", {}, encoder ? "encoder" : "decoder");
}

std::optional<RecognisedNet> recognise_magenta(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, _("Magenta style transfer"));
  const std::string first = "transformer/contract/conv1/";
  std::string kind = "magenta-arbitrary", part;
  if (draft.has("mobilenet_conv/Conv/weights", {100, 1, 1, -1}))
    part = "predict";
  else if (draft.has("style_params/transformer/expand/conv1/conv/StyleNorm/Conv/weights") &&
           draft.has(first + "weights"))
    part = "transfer";
  else if (draft.has(first + "InstanceNorm/gamma", {-1, -1}) && draft.has(first + "weights", {-1, 3, -1, -1}))
    kind = "magenta-multistyle";
  else
    return std::nullopt;
  // The others are sizes and orders of axes.
  draft.take_all([](const StoredTensor& t) { return t.type == NumberType::f32 || t.type == NumberType::f16; });
  RecognisedNet net = std::move(draft).finished(kind, {}, part);
  for (StoredTensor& tensor : net.tensors)
    if (tensor.shape.empty()) tensor.shape = {1};  // single numbers are rows of one in our files
  return net;
}

/// What is in a file that no net of ours is like, for the sentence: "64 tensors (a.weight [8, 3], …)".
std::string summary(const Checkpoint& checkpoint) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(3, checkpoint.tensors.size()); ++i) {
    const StoredTensor& tensor = checkpoint.tensors[i];
    text += (i ? ", " : "") + fit_for_print(tensor.name) + " [";
    for (size_t d = 0; d < tensor.shape.size(); ++d) text += (d ? ", " : "") + std::to_string(tensor.shape[d]);
    text += "]";
  }
  return checkpoint.tensors.size() > 3 ? text + ", …" : text;
}

}  // namespace

std::optional<RecognisedNet> recognise_vgg19(const Checkpoint& checkpoint) {
  NetDraft plain(checkpoint, "VGG19");
  const bool numbered = plain.has("features.0.weight", {-1, 3, 3, 3});
  const bool lettered = plain.has("conv1_1.weight", {-1, 3, 3, 3});
  // VGG16 has its fourth block where VGG19 has one more convolution; normalised ones have rows between.
  if ((!numbered && !lettered) || plain.has("features.1.weight") || plain.has("features.17.weight"))
    return std::nullopt;
  if (lettered && plain.has("conv4_1.weight") && !plain.has("conv3_4.weight")) return std::nullopt;
  const auto stated = checkpoint.metadata.find("preprocessing");
  const bool whole = plain.has("classifier.0.weight") && plain.has("features.34.weight", {512, 512, 3, 3});
  const bool caffe = stated != checkpoint.metadata.end() ? stated->second == "caffe"
                                                         : lettered || (whole && is_known_caffe_file(checkpoint.path));
  NetDraft draft(checkpoint, caffe ? _("VGG19 (Caffe)") : "VGG19");
  int64_t channels = 3;
  for (const VggSlot& slot : vgg19_slots()) {
    const std::string ours = "features." + std::to_string(slot.number), theirs = numbered ? ours : slot.layer;
    if (!draft.has(theirs + ".weight")) break;
    channels = draft.take(ours + ".weight", {-1, channels, 3, 3}, theirs + ".weight");
    draft.take(ours + ".bias", {channels}, theirs + ".bias");
  }
  RecognisedNet net = std::move(draft).finished("vgg19", "encoder");
  if (caffe) net.metadata["preprocessing"] = "caffe";
  return net;
}

Result<RecognisedNet> recognise(const Checkpoint& checkpoint) {
  return guarded([&]() -> RecognisedNet {
    if (!checkpoint.tensors.empty())
      for (const Recogniser recogniser : {&recognise_transformernet, &recognise_slimnet, &recognise_vgg19,
                                          &recognise_microast, &recognise_magenta, &recognise_wct, &recognise_taef2,
                                          &recognise_rectified_flow})
        if (auto net = recogniser(checkpoint)) return std::move(*net);
    throw Failure(ErrorCode::model_unsupported,
                  format_text(_("The weights in “%s” can be read, but belong to no network that Pinxit knows: %s."),
                              checkpoint.path.c_str(), summary(checkpoint).c_str()),
                  _("Pinxit knows TransformerNet, slim style nets, MicroAST, VGG19, Magenta's nets, WCT, TAEF2 and "
                    "rectified flows."));
  });
}

}  // namespace pinxit
