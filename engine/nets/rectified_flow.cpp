// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/rectified_flow.h"

#include <torch/types.h>

#include <charconv>
#include <sstream>

#include "engine/base/text.h"
#include "engine/nets/clip_images.h"
#include "engine/nets/rectified_flow_unet.h"
#include "engine/nets/rectified_flow_words.h"

namespace pinxit {
namespace {

struct FlowSettings {
  int64_t size = 0, steps = 0;
  double guidance = 1;
};

const std::string& said(const Safetensors& file, const std::string& name) {
  const auto found = file.metadata().find(name);
  if (found != file.metadata().end()) return found->second;
  throw Failure(ErrorCode::model_damaged, format_text(_("The model's file does not tell its “%s”."), name.c_str()),
                _("Use the file as it was trained or downloaded, with its metadata."));
}

template <class Number>
Number number(const Safetensors& file, const std::string& name, Number least, Number most) {
  const std::string& text = said(file, name);
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  throw Failure(ErrorCode::model_damaged, format_text(_("The model's file tells a wrong “%s”."), name.c_str()),
                _("Download or copy the model again."));
}

class RectifiedFlow : public TextToImage {
 public:
  RectifiedFlow(std::shared_ptr<const Tokenizer> words, RectifiedFlowUnet net, FlowSettings settings,
                torch::Device device)
      : TextToImage(std::move(words)), net_(std::move(net)), settings_(settings), device_(device) {}

  TextToImageFacts describe() const override {
    TextToImageFacts facts;
    facts.kind = "rectified-flow";
    facts.sizes = {{settings_.size, settings_.size}};
    facts.parameters = net_.parameters();
    facts.weight_bytes = net_.weight_bytes();
    return facts;
  }

 protected:
  struct Bag : TextFeatures {
    torch::Tensor counts;  ///< [V]
  };

  Text encode(const PromptTokens& tokens) const override {
    auto text = std::make_shared<Bag>();
    text->words = tokens.words;
    text->counts = torch::zeros({net_.vocabulary()});
    for (const int64_t id : tokens.ids)
      if (id > 0) text->counts[id] = 1;
    return text;
  }

  Text between(const Text& a, const Text& b, double share) const override {
    const auto &from = static_cast<const Bag&>(*a), &to = static_cast<const Bag&>(*b);
    auto text = std::make_shared<Bag>(share < 0.5 ? from : to);
    text->counts = torch::lerp(from.counts, to.counts, share);
    return text;
  }

  std::vector<int64_t> noise_shape(const PictureOrder&) const override {
    return {1, 3, settings_.size, settings_.size};
  }

  int64_t run_bytes(const PictureOrder&, const PromptTokens&) const override {
    return net_.run_bytes(settings_.size, 2);
  }

  void paint(MadePicture& picture, const torch::Tensor& noise, const Text& text, const PictureOrder&,
             const Watch& watch) const override {
    const auto counts = static_cast<const Bag&>(*text).counts.to(device_).unsqueeze(0);
    // Without a word, or followed as trained, one picture says it all.
    const bool guided = settings_.guidance != 1 && counts.count_nonzero().item<int64_t>() > 0;
    const auto words = guided ? torch::cat({counts, torch::zeros_like(counts)}) : counts;
    auto x = noise.to(device_);
    for (int64_t i = 0; i < settings_.steps; ++i) {
      const double time = double(i) / double(settings_.steps);
      auto velocity = net_.run(guided ? torch::cat({x, x}) : x, time, words);
      if (guided) velocity = torch::lerp(velocity.slice(0, 1, 2), velocity.slice(0, 0, 1), settings_.guidance);
      x = x + velocity / settings_.steps;
      watch(double(i + 1) / double(settings_.steps));
    }
    picture.pixels = finished_pixels(x);
  }

 private:
  RectifiedFlowUnet net_;
  FlowSettings settings_;
  torch::Device device_;
};

}  // namespace

bool rectified_flow_recognise(const Safetensors& file) {
  return rectified_flow_unet_recognise(file);
}

std::shared_ptr<const TextToImage> load_rectified_flow(const Safetensors& file, const TextToImageFiles& files) {
  FlowSettings settings;
  settings.size = number<int64_t>(file, "size", 1, 1024);
  settings.steps = number<int64_t>(file, "steps", 1, 1000);
  settings.guidance = number<double>(file, "guidance", 0, 100);
  std::istringstream list(said(file, "words"));
  std::vector<std::string> words;
  for (std::string word; list >> word;) words.push_back(word);
  auto tokenizer = RectifiedFlowWords::make(words).take();
  auto net = RectifiedFlowUnet::load(file, files.device, files.type);
  need_fit(net.vocabulary() == tokenizer->size() && settings.size % net.side_step() == 0);
  return std::make_shared<RectifiedFlow>(std::move(tokenizer), std::move(net), settings, files.device);
}

}  // namespace pinxit
