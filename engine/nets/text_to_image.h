// SPDX-License-Identifier: Apache-2.0
//
// From a prompt to pictures: the one interface of every net that paints from text.
//
//     auto model = load_text_to_image({.generator = "bird.safetensors", .text_encoder = "text.safetensors",
//                                      .tokenizer = WordTokenizer::load("words.txt").take()}).take();
//     model->describe().sizes                       // 64, 128 and 256 pixels
//     model->read(prompt).unknown_words             // to be told before the run
//     PictureOrder order{.prompt = prompt, .seed = 100, .count = 5, .attention = true};
//     model->plan(order)                            // bytes; refuses what run would refuse
//     model->run(order, [&](MadePicture picture) { … }, [&](double done) { meter.at(done); });
//
// Every picture has a seed of its own (picture_seed), and its random numbers are drawn from that alone, on the CPU: the
// picture does not depend on how many others are made with it, on the number of threads, or on the device (but for
// rounding). An order of one picture with a picture's own seed makes this picture again.
//
// A new model derives from TextToImage (the part marked protected) and gets one line in text_to_image.cpp. Models never
// change after loading and keep no prompt: one is loaded once for many prompts, by any thread, one run at a time.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/nets/clip_text.h"
#include "engine/text/tokenizer.h"

namespace pinxit {

struct TextToImageFacts {
  struct Size {
    int64_t width = 0, height = 0;
  };
  std::string kind;          ///< "attngan", "conv-generator", "rectified-flow"
  std::vector<Size> sizes;   ///< pixels, small to large: what one run paints; the last is the picture itself
  bool any_size = false;     ///< an order may ask for others than the last of `sizes`
  bool takes_prompt = true;  ///< false: paints without, and refuses one
  bool attention = false;    ///< can tell which words a pixel looked at
  bool grey = false;         ///< the three channels are always equal
  int64_t parameters = 0, weight_bytes = 0;  ///< of all nets together
};

/// A way from one picture to another: pictures 0 … count - 1 lie at equal steps from `first` to `last`.
struct PictureVariation {
  enum class Along { nothing, noise, text } along = Along::nothing;
  int64_t seed = 0;            ///< along noise: of the other end; turns from one noise to the other on a sphere
  std::string prompt;          ///< along text: of the other end; all pictures have the noise of the order's seed
  double first = 0, last = 1;  ///< 0 is the order's own prompt and seed, 1 the other end
};

struct PictureOrder {
  static constexpr int largest_count = 10'000;
  std::string prompt;
  int64_t seed = 100;             ///< 0 … 2³¹-1
  int count = 1;                  ///< 1 … largest_count
  int64_t width = 0, height = 0;  ///< 0: the model's own; other sizes only where the model takes any
  bool all_sizes = false;         ///< the smaller pictures too
  bool attention = false;         ///< where words show too; nothing where the model cannot tell
  PictureVariation vary;
  int64_t memory_bytes = 0;  ///< what a run may take beside the weights; 0: no limit
};

struct MadePicture {
  int index = 0;
  int64_t seed = 0;
  double share = 0;                      ///< of the other end, in a variation
  torch::Tensor pixels;                  ///< [3,H,W] float32 on the CPU, sRGB 0..1
  std::vector<torch::Tensor> smaller;    ///< the same picture in the model's smaller sizes, small to large
  std::vector<std::string> words;        ///< that `attention` is about
  std::vector<torch::Tensor> attention;  ///< [words,h,w] float32 on the CPU, small to large; 1 in sum over the words
};

struct TextToImagePlan {
  int64_t weight_bytes = 0, run_bytes = 0;
};

/// The seed of picture `index` of an order: `seed` itself for the first; 0 … 2³¹-1.
int64_t picture_seed(int64_t seed, int index);
/// Standard normal numbers of a seed, float32 on the CPU; what torch.randn draws after torch.manual_seed.
torch::Tensor seeded_noise(int64_t seed, const std::vector<int64_t>& shape);
/// share 0: a, 1: b, on the great circle between; lengths go linearly.
torch::Tensor noise_between(const torch::Tensor& a, const torch::Tensor& b, double share);

class TextToImage {
 public:
  using Deliver = std::function<void(MadePicture picture)>;  ///< in order, as soon as each is ready
  using Watch = std::function<void(double done)>;            ///< 0..1, often; throws to stop (Cancelled)
  virtual ~TextToImage() = default;

  virtual TextToImageFacts describe() const = 0;
  /// What of a prompt is read. Throws Failure(bad_argument) where it is not text.
  PromptTokens read(const std::string& prompt) const;
  /// Throws Failure: bad_argument (no prompt, no known word, a size, …), out_of_memory.
  TextToImagePlan plan(const PictureOrder& order) const;
  /// As plan, or what `deliver` and `watch` throw. Either may be empty.
  void run(const PictureOrder& order, const Deliver& deliver, const Watch& watch = {}) const;
  /// All pictures together, [N,3,H,W] float32 on the CPU, sRGB 0..1.
  torch::Tensor run_all(const PictureOrder& order, const Watch& watch = {}) const;

 protected:
  /// What a text encoder makes of a prompt; each model has its own.
  struct TextFeatures {
    virtual ~TextFeatures() = default;
    std::vector<std::string> words;
  };
  using Text = std::shared_ptr<const TextFeatures>;
  explicit TextToImage(std::shared_ptr<const Tokenizer> tokenizer) : tokenizer_(std::move(tokenizer)) {}
  virtual Text encode(const PromptTokens& tokens) const = 0;
  virtual Text between(const Text& a, const Text& b, double share) const = 0;
  virtual std::vector<int64_t> noise_shape(const PictureOrder& order) const = 0;
  /// Bytes of one picture beside the weights, about.
  virtual int64_t run_bytes(const PictureOrder& order, const PromptTokens& tokens) const = 0;
  /// One picture: sets pixels, and what else the order asks for. No `text` without prompt. `watch` is never empty.
  virtual void paint(MadePicture& picture, const torch::Tensor& noise, const Text& text, const PictureOrder& order,
                     const Watch& watch) const = 0;

 private:
  PromptTokens readable(const std::string& prompt) const;
  std::shared_ptr<const Tokenizer> tokenizer_;
};

struct TextToImageFiles {
  std::string generator;     ///< safetensors: ConvGenerator (flowers, digits), Attngan, or a whole rectified flow
  std::string text_encoder;  ///< safetensors: ClipText or AttnganText, as the generator wants; empty: none is needed
  std::shared_ptr<const Tokenizer> tokenizer;  ///< ClipTokenizer or WordTokenizer, likewise
  ClipTextSettings clip;
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
};

/// Recognises the generator by its tensors and loads it with its text encoder.
/// Errors: model_missing (a part is not given), file_unreadable, model_damaged (also: parts that do not fit each
/// other), model_unsupported.
Result<std::shared_ptr<const TextToImage>> load_text_to_image(const TextToImageFiles& files);

}  // namespace pinxit
