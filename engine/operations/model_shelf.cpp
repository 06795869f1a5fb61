// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/model_shelf.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/operations/file_time.h"

namespace pinxit {
namespace {

constexpr size_t capacity = 8, encoder_capacity = 2;

bool same(const ShelvedNet& net, const std::string& path, torch::Device device, torch::ScalarType type) {
  return net.path == path && net.device == device && net.type == type && net.modified == modified_time(path);
}

bool same(const ShelvedEncoder& encoder, const std::string& path, torch::Device device, torch::ScalarType type) {
  return encoder.path == path && encoder.net->device() == device && encoder.net->type() == type &&
         encoder.modified == modified_time(path);
}

const ModelFile& weights_of(const ModelEntry& entry) {
  if (const ModelFile* weights = entry.file("weights")) return *weights;
  throw Failure(ErrorCode::model_damaged, _("The model's catalogue entry names no weights file."));
}

}  // namespace

bool ModelShelf::has(const ModelEntry& entry, torch::Device device, torch::ScalarType type) const {
  const ModelFile* weights = entry.file("weights");
  return weights && std::any_of(nets_.begin(), nets_.end(),
                                [&](const auto& net) { return same(*net, weights->path, device, type); });
}

std::shared_ptr<const ShelvedNet> ModelShelf::style_net(const ModelEntry& entry, torch::Device device,
                                                        torch::ScalarType type) {
  const ModelFile* weights = &weights_of(entry);
  for (auto it = nets_.begin(); it != nets_.end(); ++it)
    if (same(**it, weights->path, device, type)) {
      nets_.splice(nets_.begin(), nets_, it);
      return nets_.front();
    }
  auto loaded = std::make_shared<ShelvedNet>();
  loaded->modified = modified_time(weights->path);
  loaded->net = load_style_net(weights->path).take();
  loaded->net.chain.prepare(device, type);
  loaded->entry = entry;
  loaded->path = weights->path;
  loaded->device = device, loaded->type = type;
  nets_.push_front(loaded);
  if (nets_.size() > capacity) nets_.pop_back();
  return loaded;
}

bool ModelShelf::has_encoder(const ModelEntry& entry, torch::Device device, torch::ScalarType type) const {
  const ModelFile* weights = entry.file("weights");
  return weights && std::any_of(encoders_.begin(), encoders_.end(),
                                [&](const auto& one) { return same(*one, weights->path, device, type); });
}

std::shared_ptr<const ShelvedEncoder> ModelShelf::encoder(const ModelEntry& entry, torch::Device device,
                                                          torch::ScalarType type) {
  const ModelFile& weights = weights_of(entry);
  for (auto it = encoders_.begin(); it != encoders_.end(); ++it)
    if (same(**it, weights.path, device, type)) {
      encoders_.splice(encoders_.begin(), encoders_, it);
      return encoders_.front();
    }
  const int64_t modified = modified_time(weights.path);
  auto net = std::make_shared<const Vgg19>(Vgg19::load(weights.path, device, type).take());
  encoders_.push_front(std::make_shared<ShelvedEncoder>(ShelvedEncoder{entry, std::move(net), weights.path, modified}));
  if (encoders_.size() > encoder_capacity) encoders_.pop_back();
  return encoders_.front();
}

}  // namespace pinxit
