// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/clip_images.h"

#include <torch/types.h>

#include <optional>

#include "engine/base/text.h"

namespace pinxit {
namespace {

class ClipImages : public TextToImage {
 public:
  ClipImages(std::shared_ptr<const Tokenizer> tokenizer, ConvGenerator generator, std::optional<ClipText> encoder)
      : TextToImage(std::move(tokenizer)), generator_(std::move(generator)), encoder_(std::move(encoder)) {}

  TextToImageFacts describe() const override {
    TextToImageFacts facts;
    facts.kind = "conv-generator";
    facts.sizes = {{generator_.side(), generator_.side()}};
    facts.takes_prompt = encoder_.has_value();
    facts.grey = generator_.channels() == 1;
    facts.parameters = generator_.parameters() + (encoder_ ? encoder_->parameters() : 0);
    facts.weight_bytes = generator_.weight_bytes() + (encoder_ ? encoder_->weight_bytes() : 0);
    return facts;
  }

 protected:
  struct Vector : TextFeatures {
    torch::Tensor pooled;  ///< [D]
  };

  Text encode(const PromptTokens& tokens) const override {
    auto text = std::make_shared<Vector>();
    text->words = tokens.words;
    text->pooled = encoder_->run({tokens.ids}).pooled[0];
    return text;
  }

  Text between(const Text& a, const Text& b, double share) const override {
    auto text = std::make_shared<Vector>(static_cast<const Vector&>(share < 0.5 ? *a : *b));
    text->pooled = torch::lerp(static_cast<const Vector&>(*a).pooled, static_cast<const Vector&>(*b).pooled, share);
    return text;
  }

  std::vector<int64_t> noise_shape(const PictureOrder&) const override { return {1, generator_.noise_width()}; }

  int64_t run_bytes(const PictureOrder&, const PromptTokens& tokens) const override {
    const int64_t text = encoder_ ? encoder_->run_bytes(1, int64_t(tokens.ids.size())) : 0;
    return std::max(text, generator_.run_bytes());
  }

  void paint(MadePicture& picture, const torch::Tensor& noise, const Text& text, const PictureOrder&,
             const Watch& watch) const override {
    const auto pooled = text ? static_cast<const Vector&>(*text).pooled : torch::Tensor();
    picture.pixels = finished_pixels(generator_.run(noise, pooled, watch));
  }

 private:
  ConvGenerator generator_;
  std::optional<ClipText> encoder_;
};

}  // namespace

torch::Tensor finished_pixels(const torch::Tensor& picture) {
  return picture[0].to(torch::kCPU, torch::kFloat32).add(1).mul_(0.5).clamp_(0, 1).expand({3, -1, -1}).contiguous();
}

void need_part(bool given, const char* part) {
  if (given) return;
  throw Failure(ErrorCode::model_missing, format_text(_("The model's %s is missing."), part),
                _("Install the model again, with all its files."));
}

void need_fit(bool fits) {
  if (fits) return;
  throw Failure(ErrorCode::model_damaged, _("The model's files do not belong together: their sizes differ."),
                _("Use generator, text encoder and vocabulary of the same model."));
}

std::shared_ptr<const TextToImage> load_clip_images(const TextToImageFiles& files) {
  auto generator = ConvGenerator::load(files.generator, files.device, files.type).take();
  if (generator.text_width() == 0) return std::make_shared<ClipImages>(nullptr, std::move(generator), std::nullopt);
  need_part(!files.text_encoder.empty(), _("text encoder"));
  need_part(files.tokenizer != nullptr, _("tokenizer"));
  auto encoder = ClipText::load(files.text_encoder, files.clip, files.device, files.type).take();
  need_fit(encoder.width() == generator.text_width() && encoder.vocabulary() >= files.tokenizer->size());
  return std::make_shared<ClipImages>(files.tokenizer, std::move(generator), std::move(encoder));
}

}  // namespace pinxit
