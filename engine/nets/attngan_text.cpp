// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/attngan_text.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "engine/base/text.h"
#include "engine/nets/chain_loading.h"

namespace pinxit {

bool attngan_text_recognise(const Safetensors& file) {
  return file.has("encoder.weight") && file.has("rnn.weight_ih_l0") && file.has("rnn.weight_ih_l0_reverse");
}

Result<AttnganText> AttnganText::load(const std::string& path, torch::Device device, torch::ScalarType type) {
  return guarded([&] {
    const auto file = Safetensors::open(path).take();
    if (!attngan_text_recognise(file))
      throw Failure(ErrorCode::model_unsupported, format_text(_("“%s” is no text encoder of AttnGAN."), path.c_str()),
                    _("Choose the text encoder that was trained with the generator."));
    AttnganText net;
    net.embedding_ = checked_tensor(file, "encoder.weight", {-1, -1}).to(device, type).clone();
    const int64_t hidden = file.shape("rnn.weight_hh_l0").back(), in = net.embedding_.size(1);
    if (file.shape("rnn.weight_ih_l0").front() == 3 * hidden)
      throw Failure(ErrorCode::model_unsupported, _("This text encoder is a GRU; only LSTMs can be used."),
                    _("Choose the text encoder that was trained with the generator."));
    for (const char* direction : {"", "_reverse"}) {
      const auto read = [&](const std::string& name, const std::vector<int64_t>& shape) {
        net.lstm_.push_back(checked_tensor(file, "rnn." + name + direction, shape).to(device, type).clone());
      };
      read("weight_ih_l0", {4 * hidden, in});
      read("weight_hh_l0", {4 * hidden, hidden});
      read("bias_ih_l0", {4 * hidden});
      read("bias_hh_l0", {4 * hidden});
    }
    net.parameters_ = net.embedding_.numel();
    for (const auto& tensor : net.lstm_) net.parameters_ += tensor.numel();
    return net;
  });
}

int64_t AttnganText::weight_bytes() const {
  auto bytes = int64_t(embedding_.nbytes());
  for (const auto& tensor : lstm_) bytes += int64_t(tensor.nbytes());
  return bytes;
}

WordFeatures AttnganText::run(const std::vector<int64_t>& ids) const {
  const torch::NoGradGuard no_grad;
  const auto indices = torch::tensor(ids, torch::kInt64).to(embedding_.device());
  if (ids.empty() || indices.min().item<int64_t>() < 0 || indices.max().item<int64_t>() >= vocabulary())
    throw Failure(ErrorCode::internal, "no word, or one beyond this encoder's vocabulary");
  const auto steps = torch::embedding(embedding_, indices).unsqueeze(1);  // [T,1,in]
  const auto zeros = torch::zeros({2, 1, width() / 2}, steps.options());
  const auto [out, last, cell] = torch::lstm(steps, {zeros, zeros}, lstm_, true, 1, 0, false, true, false);
  return {out.squeeze(1).t().contiguous(), last.flatten(), indices == 0};
}

}  // namespace pinxit
