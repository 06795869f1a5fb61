// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/attngan.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int64_t first_side = 4;  // pixels of the maps that noise and sentence become

/// A 3×3 convolution and its normalisation.
FoldedWeights convolution(const Safetensors& file, const std::string& group, int index, int64_t in) {
  return with_batch_norm(file, checked_tensor(file, group + std::to_string(index) + ".weight", {-1, in, 3, 3}), 0,
                         group + std::to_string(index + 1));
}

torch::Tensor gated(const torch::Tensor& x) {
  return torch::glu(x, 1);
}

torch::Tensor convolved(const torch::Tensor& x, const FoldedWeights& layer) {
  return torch::conv2d(x, layer.weight, layer.bias, 1, 1);
}

torch::Tensor doubled(const torch::Tensor& x, const FoldedWeights& layer) {
  return gated(convolved(torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}), layer));
}

}  // namespace

bool attngan_recognise(const Safetensors& file) {
  return file.has("ca_net.fc.weight") && file.has("h_net1.fc.0.weight");
}

torch::Tensor SentenceCondition::sample(const torch::Tensor& eps) const {
  return mu + eps.to(mu.options()) * (logvar * 0.5).exp();
}

Result<Attngan> Attngan::load(const std::string& path, torch::Device device, torch::ScalarType type) {
  return guarded([&] {
    const auto file = Safetensors::open(path).take();
    if (!attngan_recognise(file))
      throw Failure(ErrorCode::model_unsupported, format_text(_("“%s” is no generator of AttnGAN."), path.c_str()),
                    _("Choose the weights of an AttnGAN generator."));
    Attngan net;
    const auto keep = [&](torch::Tensor tensor) {
      net.parameters_ += tensor.numel();
      tensor = tensor.to(device, type).clone();
      net.weight_bytes_ += int64_t(tensor.nbytes());
      return tensor;
    };
    const auto kept = [&](const FoldedWeights& layer) {
      net.parameters_ += layer.bias.numel();
      return FoldedWeights{keep(layer.weight), keep(layer.bias)};
    };
    net.sentence_weight_ = keep(checked_tensor(file, "ca_net.fc.weight", {-1, -1}));
    net.sentence_bias_ = keep(checked_tensor(file, "ca_net.fc.bias", {net.sentence_weight_.size(0)}));
    net.condition_ = net.sentence_weight_.size(0) / 4;

    const auto start = checked_tensor(file, "h_net1.fc.0.weight", {-1, -1});
    net.noise_ = start.size(1) - net.condition_;
    int64_t width = start.size(0) / (2 * first_side * first_side);
    if (net.condition_ * 4 != net.sentence_weight_.size(0) || net.noise_ < 1 ||
        start.size(0) != 2 * first_side * first_side * width)
      throw Failure(ErrorCode::model_damaged,
                    format_text(_("The sizes of the tensors in “%s” do not fit."), path.c_str()),
                    _("Download or copy the file again."));
    net.start_ = kept(with_batch_norm(file, start, 0, "h_net1.fc.1"));
    Branch first;
    for (int i = 1; file.has("h_net1.upsample" + std::to_string(i) + ".1.weight"); ++i) {
      first.doubling.push_back(kept(convolution(file, "h_net1.upsample" + std::to_string(i) + ".", 1, width)));
      width = first.doubling.back().weight.size(0) / 2;
    }
    net.branches_.push_back(std::move(first));
    for (int n = 2; file.has("h_net" + std::to_string(n) + ".att.conv_context.weight"); ++n) {
      const std::string name = "h_net" + std::to_string(n) + ".";
      Branch branch;
      branch.words =
          keep(checked_tensor(file, name + "att.conv_context.weight", {width, net.text_width(), 1, 1}).flatten(1));
      for (int i = 0; file.has(name + "residual." + std::to_string(i) + ".block.0.weight"); ++i) {
        const std::string block = name + "residual." + std::to_string(i) + ".block.";
        branch.residual.push_back(
            {kept(convolution(file, block, 0, 2 * width)), kept(convolution(file, block, 3, 2 * width))});
        if (branch.residual.back().first.weight.size(0) != 4 * width ||
            branch.residual.back().second.weight.size(0) != 2 * width)
          checked_tensor(file, block + "3.weight", {2 * width, 2 * width, 3, 3});
      }
      branch.doubling.push_back(kept(convolution(file, name + "upsample.", 1, 2 * width)));
      if (branch.doubling.back().weight.size(0) != 2 * width)
        checked_tensor(file, name + "upsample.1.weight", {2 * width, 2 * width, 3, 3});
      net.branches_.push_back(std::move(branch));
    }
    const bool one_picture = file.has("img_net.img.0.weight");
    for (size_t n = one_picture ? net.branches_.size() - 1 : 0; n < net.branches_.size(); ++n) {
      const std::string name = one_picture ? "img_net" : "img_net" + std::to_string(n + 1);
      net.branches_[n].picture = keep(checked_tensor(file, name + ".img.0.weight", {3, width, 3, 3}));
    }
    return net;
  });
}

std::vector<int64_t> Attngan::sides() const {
  std::vector<int64_t> sides;
  int64_t side = first_side;
  for (const auto& branch : branches_) {
    side <<= branch.doubling.size();
    if (branch.picture.defined()) sides.push_back(side);
  }
  return sides;
}

int64_t Attngan::run_bytes(int64_t words) const {
  const int64_t side = sides().back(), width = branches_.back().picture.size(1);
  // The last doubling's input and output, the convolution's workspace, and the attention of half its size.
  const int64_t maps = branches_.size() > 1 ? 8 * width : 4 * width;
  return (side * side * maps + side * side / 2 * words) * int64_t(sizeof(float)) + (int64_t(16) << 20);
}

SentenceCondition Attngan::condition(const torch::Tensor& sentence) const {
  const torch::NoGradGuard no_grad;
  const auto both =
      torch::glu(torch::linear(sentence.to(sentence_weight_.options()), sentence_weight_, sentence_bias_), -1);
  return {both.slice(0, 0, condition_), both.slice(0, condition_)};
}

/// h [1,G,S,S] -> what each pixel hears, [1,G,S,S].
torch::Tensor Attngan::look_at_words(const Branch& branch, const torch::Tensor& h, const WordFeatures& text,
                                     std::vector<torch::Tensor>& attention) const {
  const int64_t side = h.size(2);
  const auto words = torch::mm(branch.words, text.words.to(h.options()));          // [G,T]
  auto share = torch::mm(words.t(), h.view({h.size(1), -1})).to(torch::kFloat32);  // [T,S²]
  share = torch::softmax(share.masked_fill_(text.masked.to(h.device()).unsqueeze(1), -INFINITY), 0);
  attention.push_back(share.view({-1, side, side}));
  return torch::mm(words, share.to(h.scalar_type())).view_as(h);
}

AttnganPictures Attngan::run(const torch::Tensor& z, const torch::Tensor& c, const WordFeatures& text,
                             const std::function<void(double)>& watch) const {
  const torch::NoGradGuard no_grad;
  if (z.numel() != noise_ || c.numel() != condition_ || text.words.size(0) != text_width() ||
      text.masked.all().item<bool>())
    throw Failure(ErrorCode::internal, "noise or text of a wrong size for this generator");
  const auto options = start_.weight.options();
  // Work goes with the pixels: each doubling of the last branches is four times the one before.
  double all = 0, done = 0;
  int64_t side = first_side;
  for (const auto& branch : branches_) {
    all += double(side * side) * 4 * double(branch.residual.size());
    for (size_t i = 0; i < branch.doubling.size(); ++i) {
      side *= 2;
      all += double(side * side);
    }
  }
  const auto step = [&](double work) {
    done += work;
    if (watch) watch(std::min(1.0, done / all));
  };
  AttnganPictures made;
  const auto inputs = torch::cat(std::vector<torch::Tensor>{c.to(options), z.to(options)}).unsqueeze(0);
  auto h = gated(torch::linear(inputs, start_.weight, start_.bias)).view({1, -1, first_side, first_side});
  for (const auto& branch : branches_) {
    if (branch.words.defined()) {
      h = torch::cat({h, look_at_words(branch, h, text, made.attention)}, 1);
      for (const auto& block : branch.residual) {
        h = convolved(gated(convolved(h, block.first)), block.second).add_(h);
        step(4.0 * double(h.size(2) * h.size(3)));
      }
    }
    for (const auto& layer : branch.doubling) {
      h = doubled(h, layer);
      step(double(h.size(2) * h.size(3)));
    }
    if (branch.picture.defined())
      made.pictures.push_back(torch::conv2d(h, branch.picture, {}, 1, 1).to(torch::kFloat32).tanh_());
  }
  return made;
}

}  // namespace pinxit
