// SPDX-License-Identifier: Apache-2.0
//
// The two nets that style pictures by themselves.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/importers/net_draft.h"

namespace pinxit {
namespace {

/// One convolution with its normalisation, as files without names list them: 4-D, then rows.
struct Group {
  const StoredTensor* weight = nullptr;
  std::vector<const StoredTensor*> rows;
};

/// Convolutions in the file's order; empty where there is anything else in it.
std::vector<Group> groups_of(const Checkpoint& checkpoint) {
  std::vector<Group> groups;
  for (const StoredTensor& tensor : checkpoint.tensors) {
    if (tensor.shape.size() == 4)
      groups.push_back({&tensor, {}});
    else if (!groups.empty() && tensor.shape.size() == 1 && tensor.shape[0] == groups.back().weight->shape[0])
      groups.back().rows.push_back(&tensor);
    else
      return {};
  }
  return groups;
}

/// A layer of TransformerNet: names of convolution and normalisation.
struct Slot {
  std::string convolution, norm;
};
std::vector<Slot> transformernet_slots(size_t blocks) {
  std::vector<Slot> slots = {{"conv1", "in1"}, {"conv2", "in2"}, {"conv3", "in3"}};
  for (size_t block = 1; block <= blocks; ++block)
    for (const char* half : {"1", "2"}) {
      const std::string name = "res" + std::to_string(block) + ".";
      slots.push_back({name + "conv" + half, name + "in" + half});
    }
  slots.insert(slots.end(), {{"deconv1", "in4"}, {"deconv2", "in5"}, {"deconv3", ""}});
  return slots;
}

/// OpenVINO and older ONNX files have numbers for names: told by the shapes, which must be a TransformerNet's.
std::optional<RecognisedNet> transformernet_by_order(const Checkpoint& checkpoint) {
  const auto groups = groups_of(checkpoint);
  if (groups.size() < 6 || groups.size() % 2) return std::nullopt;
  const auto slots = transformernet_slots((groups.size() - 6) / 2);
  NetDraft draft(checkpoint, "TransformerNet");
  int64_t channels = 3;
  for (size_t i = 0; i < groups.size(); ++i) {
    const bool last = i + 1 == groups.size();
    const int64_t kernel = i == 0 || last ? 9 : 3;
    const auto& [weight, rows] = groups[i];
    if (!fits(weight->shape, {last ? 3 : -1, channels, kernel, kernel}) || rows.size() != (last ? 1 : 3))
      return std::nullopt;
    channels = weight->shape[0];
    const auto keep = [&](const StoredTensor* tensor, const std::string& name) {
      StoredTensor renamed = *tensor;
      renamed.name = name;
      draft.take_as(std::move(renamed), *tensor);
    };
    keep(weight, slots[i].convolution + ".conv2d.weight");
    keep(rows[0], slots[i].convolution + ".conv2d.bias");
    if (last) continue;
    keep(rows[1], slots[i].norm + ".weight");
    keep(rows[2], slots[i].norm + ".bias");
  }
  return std::move(draft).finished("transformernet", "fast-style");
}

/// `tensor` with its dimensions in another order.
StoredTensor turned(const StoredTensor& tensor, const std::vector<size_t>& order) {
  std::vector<int64_t> strides = tensor.strides;
  if (strides.empty()) {
    strides.assign(tensor.shape.size(), 1);
    for (size_t d = strides.size() - 1; d-- > 0;) strides[d] = strides[d + 1] * tensor.shape[d + 1];
  }
  StoredTensor result = tensor;
  for (size_t d = 0; d < order.size(); ++d) {
    result.shape[d] = tensor.shape[order[d]];
    result.strides.resize(order.size());
    result.strides[d] = strides[order[d]];
  }
  return result;
}

/// A row as [1,C,1,1].
StoredTensor standing(const StoredTensor& tensor) {
  StoredTensor result = tensor;
  const int64_t stride = tensor.strides.empty() ? 1 : tensor.strides[0];
  result.shape = {1, tensor.shape[0], 1, 1};
  result.strides = {tensor.shape[0] * stride, stride, 1, 1};
  return result;
}

}  // namespace

std::optional<RecognisedNet> recognise_transformernet(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, "TransformerNet");
  if (!draft.has("conv1.conv2d.weight") || !draft.has("deconv1.conv2d.weight"))
    return transformernet_by_order(checkpoint);
  // The examples of 2017 called them scale and shift.
  const bool old = draft.has("in1.scale");
  size_t blocks = 0;
  while (draft.has("res" + std::to_string(blocks + 1) + ".conv1.conv2d.weight")) ++blocks;
  int64_t channels = 3;
  for (const auto& [convolution, norm] : transformernet_slots(blocks)) {
    const bool last = norm.empty();
    channels = draft.take(convolution + ".conv2d.weight", {last ? 3 : -1, channels, -1, -1});
    draft.take(convolution + ".conv2d.bias", {channels});
    if (last) continue;
    draft.take(norm + ".weight", {channels}, norm + (old ? ".scale" : ".weight"));
    draft.take(norm + ".bias", {channels}, norm + (old ? ".shift" : ".bias"));
  }
  return std::move(draft).finished("transformernet", "fast-style");
}

/// Variable_0, 1, 2 = weight, shift, scale of the first layer, and so on. TensorFlow calls the first one Variable and
/// has [height, width, in, out], for its transposed convolutions [height, width, out, in]: both turn the same way.
std::optional<RecognisedNet> recognise_slimnet(const Checkpoint& checkpoint) {
  NetDraft draft(checkpoint, _("slim style net"));
  const auto named = [&](int index) {
    const std::string name = "Variable_" + std::to_string(index);
    return index == 0 && !draft.has(name) ? std::string("Variable") : name;
  };
  const bool ours = draft.has(named(0), {-1, 3, 9, 9}), tensorflow = draft.has(named(0), {9, 9, 3, -1});
  if (!ours && !tensorflow) return std::nullopt;
  int layers = 0;
  while (draft.has(named(3 * layers))) ++layers;
  if (layers < 6 || layers % 2) return std::nullopt;
  for (int i = 0; i < layers; ++i)
    for (int k = 0; k < 3; ++k) {
      const std::string source = named(3 * i + k), name = "Variable_" + std::to_string(3 * i + k);
      const StoredTensor* tensor = draft.find(source);
      const bool row = k > 0 && tensor && tensor->shape.size() == 1 && tensor->shape[0] > 0;
      if (!row && !(tensorflow && k == 0 && draft.has(source, {-1, -1, -1, -1}))) {
        draft.take(name, k ? std::vector<int64_t>{1, -1, 1, 1} : std::vector<int64_t>{-1, -1, -1, -1}, source);
        continue;
      }
      StoredTensor changed = row ? standing(*tensor) : turned(*tensor, {3, 2, 0, 1});
      changed.name = name;
      draft.take_as(std::move(changed), *tensor);
    }
  return std::move(draft).finished("slimnet", "fast-style");
}

}  // namespace pinxit
