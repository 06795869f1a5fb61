// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/text_to_image.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/nets/attngan_images.h"
#include "engine/nets/clip_images.h"
#include "engine/nets/rectified_flow.h"

namespace pinxit {
namespace {

constexpr int64_t largest_seed = (int64_t(1) << 31) - 1;

Failure bad_order(const char* sentence, const char* hint) {
  return {ErrorCode::bad_argument, sentence, hint};
}

std::string quoted(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "“" : ", “") + word + "”";
  return list;
}

double share_of(const PictureOrder& order, int index) {
  const auto& vary = order.vary;
  if (vary.along == PictureVariation::Along::nothing) return 0;
  return order.count == 1 ? vary.last : vary.first + (vary.last - vary.first) * index / (order.count - 1);
}

}  // namespace

int64_t picture_seed(int64_t seed, int index) {
  if (index == 0) return seed;
  // SplitMix64 (Steele, Lea and Flood 2014) of both.
  uint64_t x = uint64_t(seed) * 0x9E3779B97F4A7C15u + uint64_t(index) * 0xD1B54A32D192ED03u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return int64_t((x ^ (x >> 31)) & uint64_t(largest_seed));
}

torch::Tensor seeded_noise(int64_t seed, const std::vector<int64_t>& shape) {
  const auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  return at::randn(shape, generator, torch::dtype(torch::kFloat32));
}

torch::Tensor noise_between(const torch::Tensor& a, const torch::Tensor& b, double share) {
  if (share == 0) return a;
  if (share == 1) return b;
  const double long_a = a.norm().item<double>(), long_b = b.norm().item<double>();
  const double cosine = (a * b).sum().item<double>() / std::max(long_a * long_b, 1e-30);
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
  if (std::sin(angle) < 1e-4) return a + (b - a) * share;
  const double length = long_a + (long_b - long_a) * share;
  return a * (length / long_a * std::sin((1 - share) * angle) / std::sin(angle)) +
         b * (length / long_b * std::sin(share * angle) / std::sin(angle));
}

PromptTokens TextToImage::read(const std::string& prompt) const {
  return tokenizer_ ? tokenizer_->read(prompt) : PromptTokens();
}

PromptTokens TextToImage::readable(const std::string& prompt) const {
  auto tokens = read(prompt);
  // A first word that alone is too long for the model is read up to where the model ends.
  if (!tokens.words.empty() || !tokens.left_out.empty()) return tokens;
  if (tokens.unknown_words.empty()) throw bad_order(_("The prompt is empty."), _("Describe the picture in words."));
  throw Failure(ErrorCode::bad_argument,
                format_text(_("The model knows none of these words: %s."), quoted(tokens.unknown_words).c_str()),
                _("Use simple English words for what the model paints."));
}

TextToImagePlan TextToImage::plan(const PictureOrder& order) const {
  const auto facts = describe();
  const auto& own = facts.sizes.back();
  const bool other_size = (order.width && order.width != own.width) || (order.height && order.height != own.height);
  if (other_size && !facts.any_size)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("This model's pictures are always %d × %d pixels."), int(own.width), int(own.height)),
                  _("Leave the size out and scale the result."));
  if (order.width < 0 || order.height < 0 || order.count < 1 || order.count > PictureOrder::largest_count)
    throw bad_order(_("The number of pictures or their size is out of range."), _("Ask for at least one picture."));
  const auto& vary = order.vary;
  if (std::min(order.seed, vary.seed) < 0 || std::max(order.seed, vary.seed) > largest_seed)
    throw bad_order(_("The seed is out of range."), _("Choose a whole number from 0 to 2147483647."));
  if (!std::isfinite(vary.first) || !std::isfinite(vary.last))
    throw bad_order(_("The steps of the variation are no numbers."), _("Choose shares from 0 to 1."));
  PromptTokens tokens;
  if (facts.takes_prompt)
    tokens = readable(order.prompt);
  else if (!order.prompt.empty() || vary.along == PictureVariation::Along::text)
    throw bad_order(_("This model takes no prompt."), _("Leave the prompt empty, or choose another model."));
  if (vary.along == PictureVariation::Along::text) readable(vary.prompt);
  const TextToImagePlan plan{facts.weight_bytes, run_bytes(order, tokens)};
  if (order.memory_bytes > 0 && plan.run_bytes > order.memory_bytes) throw Failure(out_of_memory_error());
  return plan;
}

void TextToImage::run(const PictureOrder& order, const Deliver& deliver, const Watch& watch) const {
  plan(order);
  const torch::NoGradGuard no_grad;
  using Along = PictureVariation::Along;
  const auto& vary = order.vary;
  const auto facts = describe();
  const auto tell = [&](double done) {
    if (watch) watch(std::clamp(done, 0.0, 1.0));
  };
  tell(0);
  Text text, other_text;
  if (facts.takes_prompt) text = encode(readable(order.prompt));
  if (vary.along == Along::text) other_text = encode(readable(vary.prompt));
  const auto shape = noise_shape(order);
  for (int i = 0; i < order.count; ++i) {
    MadePicture picture;
    picture.index = i;
    picture.share = share_of(order, i);
    picture.seed = vary.along == Along::nothing ? picture_seed(order.seed, i) : order.seed;
    auto noise = seeded_noise(picture.seed, shape);
    if (vary.along == Along::noise) noise = noise_between(noise, seeded_noise(vary.seed, shape), picture.share);
    const auto picture_text = other_text ? between(text, other_text, picture.share) : text;
    if (picture_text && facts.attention && order.attention) picture.words = picture_text->words;
    paint(picture, noise, picture_text, order, [&](double done) { tell((i + std::min(done, 1.0)) / order.count); });
    tell(double(i + 1) / order.count);
    if (deliver) deliver(std::move(picture));
  }
}

torch::Tensor TextToImage::run_all(const PictureOrder& order, const Watch& watch) const {
  std::vector<torch::Tensor> all;
  run(
      order, [&](MadePicture picture) { all.push_back(std::move(picture.pixels)); }, watch);
  return torch::stack(all);
}

Result<std::shared_ptr<const TextToImage>> load_text_to_image(const TextToImageFiles& files) {
  return guarded([&]() -> std::shared_ptr<const TextToImage> {
    const auto file = Safetensors::open(files.generator).take();
    if (attngan_recognise(file)) return load_attngan_images(files);
    if (conv_generator_recognise(file)) return load_clip_images(files);
    if (rectified_flow_recognise(file)) return load_rectified_flow(file, files);
    throw Failure(ErrorCode::model_unsupported,
                  format_text(_("“%s” holds no generator Pinxit knows."), files.generator.c_str()),
                  _("Choose the weights of a flower, digit or AttnGAN generator, or of a rectified flow."));
  });
}

}  // namespace pinxit
