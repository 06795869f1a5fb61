// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/generate.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/base/text.h"
#include "engine/compute/device.h"
#include "engine/compute/memory.h"
#include "engine/nets/attention_view.h"
#include "engine/operations/generate_facts.h"
#include "engine/operations/neural_desk.h"
#include "engine/operations/progress_meter.h"
#include "engine/optimise/level_objective.h"
#include "engine/pictures/resample.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

using Clock = std::chrono::steady_clock;
using Picture = std::shared_ptr<const SrgbPicture>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// [3,H,W] or [H,W] (grey), 0..1 -> opaque.
Picture opaque(const torch::Tensor& colours) {
  const bool grey = colours.dim() == 2;
  const torch::Tensor planes = colours.clamp(0, 1).contiguous();
  const int64_t height = planes.size(-2), width = planes.size(-1), area = width * height;
  auto picture = std::make_shared<SrgbPicture>(width, height);
  const float* from = planes.data_ptr<float>();
  for (int64_t i = 0; i < area; ++i) {
    for (int64_t c = 0; c < 3; ++c) picture->data[size_t(4 * i + c)] = from[(grey ? 0 : c * area) + i];
    picture->data[size_t(4 * i + 3)] = 1;
  }
  return picture;
}

/// With `side` pixels on the longer side; 0: as it is.
Picture scaled(Picture picture, int64_t side) {
  const int64_t longest = std::max(picture->width, picture->height);
  if (side <= 0 || longest == side) return picture;
  const auto fitted = [&](int64_t whole) {
    return std::max<int64_t>(std::llround(double(whole) * double(side) / double(longest)), 1);
  };
  auto result = std::make_shared<SrgbPicture>(fitted(picture->width), fitted(picture->height));
  resample(picture->view(), result->span());
  return result;
}

/// Also where a loader says so: what LibTorch throws within one comes out of guarded() as an internal error.
bool lacks_memory(const std::exception& problem) {
  const auto* failure = dynamic_cast<const Failure*>(&problem);
  if (!failure) return is_out_of_memory(problem);
  const Error& error = failure->error;
  return error.code == ErrorCode::out_of_memory ||
         (error.code == ErrorCode::internal && error.sentence.find("out of memory") != std::string::npos);
}

/// Somebody asked to finish: the pictures so far are the result.
struct Enough {};

class Generate {
 public:
  Generate(const GenerateRequest& request, Task& task, GeneratorShelf& shelf)
      : request_(request), task_(task), shelf_(shelf), meter_(task.emit, task.stop) {}

  std::string run() {
    load();
    meter_.at(0);
    const PictureOrder order = make_order();
    PictureOrder checked = order;
    checked.memory_bytes = 0;  // of which paint() takes care
    model().plan(checked);
    const PromptTokens text = model().read(order.prompt);
    tell_of(text, /*about_prompt=*/true);
    if (order.vary.along == PictureVariation::Along::text)
      tell_of(model().read(order.vary.prompt), /*about_prompt=*/false);
    tell_what_is_missing();
    const auto began = last_ = Clock::now();
    try {
      paint(order);
    } catch (const Enough&) {
    }
    meter_.at(1);
    facts_.seconds = seconds_since(began);
    return facts_.to_json(kept_->files, about_, text);
  }

  std::string read_prompt() {
    load();
    const PromptTokens text =
        about_.takes_prompt && !is_blank(request_.prompt) ? model().read(request_.prompt) : PromptTokens();
    return prompt_facts(kept_->files, about_, text);
  }

 private:
  const TextToImage& model() const { return *kept_->model; }

  // ---- the model

  void load() {
    validate(request_).take();
    const auto began = Clock::now();
    const auto choice = choose_device(request_.device == "auto" ? task_.settings.device : request_.device);
    if (choice.fell_back) tell(task_, Event::Kind::note, _("No GPU that Pinxit can use: painting on the CPU."));
    const GeneratorFiles files = choose_generator(request_.model, task_.settings);
    try {
      take_model(files, choice.device);
    } catch (const std::exception& problem) {
      if (!choice.device.is_cuda() || !lacks_memory(problem)) throw;
    }
    if (!kept_) take_model_to_cpu(files);
    facts_.load_seconds = seconds_since(began);
  }

  void take_model(const GeneratorFiles& files, torch::Device device) {
    const auto type = request_.precision == "bf16" ? torch::kBFloat16 : torch::kFloat32;
    if (!shelf_.has(files, device, type)) tell(task_, Event::Kind::loading, files.entry.title);
    kept_ = shelf_.generator(files, device, type);
    about_ = model().describe();
    facts_.device = device.str();
    facts_.precision = type == torch::kBFloat16 ? "bf16" : "fp32";
  }

  void take_model_to_cpu(const GeneratorFiles& files) {
    tell(task_, Event::Kind::note, _("The GPU has too little free memory: painting on the CPU."));
    take_model(files, torch::kCPU);
  }

  // ---- the order

  PictureOrder make_order() const {
    PictureOrder order;
    order.prompt = is_blank(request_.prompt) ? std::string() : request_.prompt;
    order.seed = request_.seed;
    order.count = request_.count;
    order.all_sizes = request_.all_sizes;
    order.attention = request_.maps || request_.strip;
    if (request_.vary == "noise") {
      order.vary.along = PictureVariation::Along::noise;
      order.vary.seed = request_.vary_seed;
    } else if (request_.vary == "text") {
      if (is_blank(request_.vary_prompt))
        throw Failure(ErrorCode::bad_argument, _("The second prompt is empty."),
                      _("Describe what the pictures shall lead to, or choose not to vary the text."));
      order.vary.along = PictureVariation::Along::text;
      order.vary.prompt = request_.vary_prompt;
    }
    order.memory_bytes = memory_budget(kept_->device, int64_t(task_.settings.memory_limit_mib) << 20);
    if (about_.any_size && request_.size > 0) take_size(order);
    return order;
  }

  /// In the model's proportions, in steps that its layers can halve; what is missing to the very size is scaled.
  void take_size(PictureOrder& order) const {
    constexpr int64_t step = 16;
    const auto& own = about_.sizes.back();
    const auto side = [&](int64_t whole) {
      const double wanted = double(whole) * request_.size / double(std::max(own.width, own.height));
      return std::max<int64_t>(std::llround(wanted / double(step)) * step, step);
    };
    order.width = side(own.width), order.height = side(own.height);
  }

  /// `about_prompt`: of the request's own prompt, which is another one for each caption of a batch.
  void tell_of(const PromptTokens& text, bool about_prompt) const {
    const auto tell_words = [&](const std::string& sentence) {
      if (!task_.emit) return;
      Event event;
      event.kind = Event::Kind::note;
      event.text = sentence;
      event.about_prompt = about_prompt;
      task_.emit(event);
    };
    if (!text.unknown_words.empty())
      tell_words(format_text(_("The model does not know these words and leaves them out: %s."),
                             listed(text.unknown_words).c_str()));
    if (!text.left_out.empty())
      tell_words(
          format_text(_("The prompt is too long for the model, which leaves out its end: %s"), text.left_out.c_str()));
  }

  void tell_what_is_missing() const {
    if ((request_.maps || request_.strip) && !about_.attention)
      tell(task_, Event::Kind::note, _("This model cannot tell where it looked at which word: there are no maps."));
    if (request_.all_sizes && about_.sizes.size() < 2)
      tell(task_, Event::Kind::note, _("This model paints in one size only."));
  }

  // ---- painting

  void paint(const PictureOrder& order) {
    try {
      run_model(order);
      return;
    } catch (const std::exception& problem) {
      if (!kept_->device.is_cuda() || !lacks_memory(problem)) throw;
    }
    take_model_to_cpu(GeneratorFiles(kept_->files));
    PictureOrder again = order;
    again.memory_bytes = memory_budget(torch::kCPU, int64_t(task_.settings.memory_limit_mib) << 20);
    run_model(again);
  }

  void run_model(const PictureOrder& order) {
    model().run(
        order, [&](MadePicture picture) { deliver(picture); }, [&](double done) { meter_.at(done); });
  }

  /// The picture, and behind it what belongs to it. A picture that went out before the move to the CPU does not again.
  void deliver(const MadePicture& made) {
    if (size_t(made.index) < facts_.pictures.size()) return;
    const double seconds = seconds_since(last_);
    Made label;
    label.index = made.index, label.of = request_.count;
    label.seed = made.seed, label.share = made.share;
    const Picture picture = scaled(opaque(made.pixels), request_.size);
    emit(label, "picture", {}, picture);
    for (const torch::Tensor& smaller : made.smaller) emit(label, "smaller", {}, opaque(smaller));
    if (request_.maps)
      for (const torch::Tensor& maps : made.attention)
        for (size_t word = 0; word < made.words.size(); ++word)
          emit(label, "attention", made.words[word], opaque(maps[int64_t(word)]));
    if (request_.strip) emit_strip(label, made);
    facts_.pictures.push_back({made.seed, made.share, picture->width, picture->height, seconds});
    last_ = Clock::now();
    if (task_.finish.stop_requested()) throw Enough();
  }

  /// The strongest words' overlays side by side.
  void emit_strip(const Made& label, const MadePicture& made) const {
    std::vector<torch::Tensor> overlays;
    std::vector<std::string> words;
    for (const WordView& view : strongest_words(made)) {
      overlays.push_back(view.overlay);
      words.push_back(made.words.at(view.word));
    }
    if (!overlays.empty()) emit(label, "strip", listed(words), opaque(torch::cat(overlays, 2)));
  }

  void emit(Made label, const char* role, const std::string& word, Picture picture) const {
    if (!task_.emit) return;
    label.role = role;
    label.word = word;
    Event event;
    event.kind = Event::Kind::picture;
    event.made = std::move(label);
    event.width = picture->width, event.height = picture->height;
    event.picture = std::move(picture);
    task_.emit(event);
  }

  const GenerateRequest& request_;
  Task& task_;
  GeneratorShelf& shelf_;
  ProgressMeter meter_;
  std::shared_ptr<const ShelvedGenerator> kept_;
  TextToImageFacts about_;
  GenerateFacts facts_;
  Clock::time_point last_{};  ///< when the last picture was done
};

}  // namespace

std::string run_generate(const GenerateRequest& request, Task& task, GeneratorShelf& shelf) {
  return Generate(request, task, shelf).run();
}

std::string run_read_prompt(const GenerateRequest& request, Task& task, GeneratorShelf& shelf) {
  return Generate(request, task, shelf).read_prompt();
}

}  // namespace pinxit
