// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/attngan_images.h"

#include <torch/types.h>

#include "engine/base/text.h"
#include "engine/nets/clip_images.h"

namespace pinxit {
namespace {

class AttnganImages : public TextToImage {
 public:
  AttnganImages(std::shared_ptr<const Tokenizer> tokenizer, Attngan generator, AttnganText encoder)
      : TextToImage(std::move(tokenizer)), generator_(std::move(generator)), encoder_(std::move(encoder)) {}

  TextToImageFacts describe() const override {
    TextToImageFacts facts;
    facts.kind = "attngan";
    for (const int64_t side : generator_.sides()) facts.sizes.push_back({side, side});
    facts.attention = generator_.looks_at_words();
    facts.parameters = generator_.parameters() + encoder_.parameters();
    facts.weight_bytes = generator_.weight_bytes() + encoder_.weight_bytes();
    return facts;
  }

 protected:
  struct Caption : TextFeatures {
    WordFeatures features;
    SentenceCondition condition;
  };

  Text encode(const PromptTokens& tokens) const override {
    auto text = std::make_shared<Caption>();
    text->words = tokens.words;
    text->features = encoder_.run(tokens.ids);
    text->condition = generator_.condition(text->features.sentence);
    return text;
  }

  /// Captions have different words, so pixels look at those of the nearer one; the sentence goes over step by step.
  Text between(const Text& a, const Text& b, double share) const override {
    const auto &from = static_cast<const Caption&>(*a), &to = static_cast<const Caption&>(*b);
    auto text = std::make_shared<Caption>(share < 0.5 ? from : to);
    text->features.sentence = torch::lerp(from.features.sentence, to.features.sentence, share);
    text->condition = generator_.condition(text->features.sentence);
    return text;
  }

  /// z, then the sentence's noise.
  std::vector<int64_t> noise_shape(const PictureOrder&) const override {
    return {generator_.noise_width() + generator_.condition_width()};
  }

  int64_t run_bytes(const PictureOrder&, const PromptTokens& tokens) const override {
    return generator_.run_bytes(int64_t(tokens.ids.size()));
  }

  void paint(MadePicture& picture, const torch::Tensor& noise, const Text& text, const PictureOrder& order,
             const Watch& watch) const override {
    const auto& caption = static_cast<const Caption&>(*text);
    const auto z = noise.slice(0, 0, generator_.noise_width()), eps = noise.slice(0, generator_.noise_width());
    auto made =
        generator_.run(z, caption.condition.sample(eps.to(caption.condition.mu.device())), caption.features, watch);
    picture.pixels = finished_pixels(made.pictures.back());
    made.pictures.pop_back();
    if (order.all_sizes)
      for (const auto& smaller : made.pictures) picture.smaller.push_back(finished_pixels(smaller));
    if (order.attention)
      for (const auto& maps : made.attention) picture.attention.push_back(maps.to(torch::kCPU));
  }

 private:
  Attngan generator_;
  AttnganText encoder_;
};

}  // namespace

std::shared_ptr<const TextToImage> load_attngan_images(const TextToImageFiles& files) {
  need_part(!files.text_encoder.empty(), _("text encoder"));
  need_part(files.tokenizer != nullptr, _("vocabulary"));
  auto generator = Attngan::load(files.generator, files.device, files.type).take();
  auto encoder = AttnganText::load(files.text_encoder, files.device, files.type).take();
  need_fit(encoder.width() == generator.text_width() && encoder.vocabulary() >= files.tokenizer->size());
  return std::make_shared<AttnganImages>(files.tokenizer, std::move(generator), std::move(encoder));
}

}  // namespace pinxit
