// SPDX-License-Identifier: Apache-2.0
#include "fake_generate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "engine/client/runtime.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

constexpr int own_side = 64, smaller_side = 32;
constexpr size_t most_words = 18;

struct Read {
  std::vector<std::string> words, unknown_words;
  std::string left_out;
};

Read read(const std::string& prompt) {
  Read all;
  std::istringstream text(prompt);
  for (std::string word; text >> word;) {
    if (word.front() == 'x') {
      if (std::find(all.unknown_words.begin(), all.unknown_words.end(), word) == all.unknown_words.end())
        all.unknown_words.push_back(word);
    } else if (all.words.size() < most_words) {
      all.words.push_back(word);
    } else {
      all.left_out += (all.left_out.empty() ? "" : " ") + word;
    }
  }
  return all;
}

bool takes_prompt(const GenerateRequest& request) {
  return request.model != "digits";
}

std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

void check(const GenerateRequest& request, const std::string& prompt, const Read& text) {
  if (!takes_prompt(request)) {
    if (!prompt.empty())
      throw Failure(ErrorCode::bad_argument, "This model takes no prompt.",
                    "Leave the prompt empty, or choose another model.");
    return;
  }
  if (!text.words.empty()) return;
  if (text.unknown_words.empty())
    throw Failure(ErrorCode::bad_argument, "The prompt is empty.", "Describe the picture in words.");
  throw Failure(ErrorCode::bad_argument, "The model knows none of these words: " + listed(text.unknown_words) + ".",
                "Use simple English words for what the model paints.");
}

void note(const Task& task, const std::string& text, bool about_prompt = true) {
  Event event;
  event.kind = Event::Kind::note;
  event.text = text;
  event.about_prompt = about_prompt;
  task.emit(event);
}

void progress(const Task& task, int step, int of) {
  Event event;
  event.kind = Event::Kind::progress;
  event.step = step, event.of = of;
  task.emit(event);
}

std::shared_ptr<const SrgbPicture> plain(int64_t width, int64_t height, std::array<float, 3> color) {
  auto picture = std::make_shared<SrgbPicture>(width, height);
  for (int64_t i = 0; i < width * height; ++i) {
    std::copy(color.begin(), color.end(), picture->data.begin() + 4 * i);
    picture->data[size_t(4 * i + 3)] = 1;
  }
  return picture;
}

void deliver(const Task& task, Made made, const char* role, const std::string& word,
             std::shared_ptr<const SrgbPicture> picture) {
  made.role = role;
  made.word = word;
  Event event;
  event.kind = Event::Kind::picture;
  event.made = made;
  event.picture = std::move(picture);
  task.emit(event);
}

/// One picture and all that belongs to it.
void deliver_all(const GenerateRequest& request, const Task& task, const Made& made, const Read& text, int64_t side) {
  const auto color = fake_color(made.seed, made.share);
  deliver(task, made, "picture", {}, plain(side, side, color));
  if (request.all_sizes) deliver(task, made, "smaller", {}, plain(smaller_side, smaller_side, color));
  if (request.maps)
    for (size_t i = 0; i < text.words.size(); ++i) {
      const float grey = float(i + 1) / float(text.words.size());
      deliver(task, made, "attention", text.words[i], plain(smaller_side, smaller_side, {grey, grey, grey}));
    }
  if (!request.strip || text.words.empty()) return;
  const std::vector<std::string> first(text.words.begin(),
                                       text.words.begin() + ptrdiff_t(std::min<size_t>(5, text.words.size())));
  deliver(task, made, "strip", listed(first), plain(own_side * int64_t(first.size()), own_side, color));
}

void add_list(JsonBuilder* json, const char* name, const std::vector<std::string>& texts) {
  json_builder_set_member_name(json, name);
  json_builder_begin_array(json);
  for (const std::string& text : texts) json_builder_add_string_value(json, text.c_str());
  json_builder_end_array(json);
}

void add_model(JsonBuilder* json, const GenerateRequest& request) {
  const std::string id = request.model == "auto" ? "fake" : request.model;
  json_builder_set_member_name(json, "model");
  json_builder_begin_object(json);
  json_add(json, "id", id);
  json_add(json, "title", id);
  json_add(json, "kind", std::string("fake"));
  json_add(json, "sha256", std::string());
  json_builder_end_object(json);
}

void add_text(JsonBuilder* json, const Read& text) {
  add_list(json, "words", text.words);
  add_list(json, "unknown_words", text.unknown_words);
  json_add(json, "left_out", text.left_out);
}

}  // namespace

std::array<float, 3> fake_color(int64_t seed, double share) {
  const auto level = [&](int64_t factor) { return float(double((seed * factor) % 256) / 255 * (1 - share / 2)); };
  return {level(7), level(31), level(101)};
}

std::string fake_read_prompt(const GenerateRequest& request) {
  const Read text = takes_prompt(request) ? read(request.prompt) : Read();
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  add_model(json, request);
  for (const auto& [name, value] :
       {std::pair("takes_prompt", takes_prompt(request)), {"attention", takes_prompt(request)}, {"any_size", false}}) {
    json_builder_set_member_name(json, name);
    json_builder_add_boolean_value(json, value);
  }
  json_builder_set_member_name(json, "sizes");
  json_builder_begin_array(json);
  for (const int side : {smaller_side, own_side}) {
    json_builder_begin_array(json);
    for (int i = 0; i < 2; ++i) json_builder_add_int_value(json, side);
    json_builder_end_array(json);
  }
  json_builder_end_array(json);
  add_text(json, text);
  json_builder_end_object(json);
  return json_text(json);
}

std::string fake_generate(const GenerateRequest& request, const Task& task, const std::function<void()>& take_time) {
  const Read text = takes_prompt(request) ? read(request.prompt) : Read();
  check(request, request.prompt, text);
  if (request.vary == "text") check(request, request.vary_prompt, read(request.vary_prompt));
  if (request.model == "cpu-only") note(task, "No GPU here: painting on the CPU.", false);
  if (!text.unknown_words.empty())
    note(task, "The model does not know these words and leaves them out: " + listed(text.unknown_words) + ".");
  if (!text.left_out.empty())
    note(task, "The prompt is too long for the model, which leaves out its end: “" + text.left_out + "”.");
  const int64_t side = request.size > 0 ? request.size : own_side;
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_add(json, "engine", std::string(PINXIT_VERSION));
  json_add(json, "device", std::string("cpu"));
  json_add(json, "precision", std::string("fp32"));
  add_model(json, request);
  add_text(json, text);
  json_add(json, "seconds", 0.5);
  json_add(json, "load_seconds", 0.25);
  json_builder_set_member_name(json, "pictures");
  json_builder_begin_array(json);
  for (int i = 0; i < request.count; ++i) {
    take_time();
    if (request.model == "tally") std::ofstream(runtime_folder().take() + "/painted", std::ios::app) << i << '\n';
    Made made;
    made.index = i, made.of = request.count;
    made.seed = request.vary == "no" ? (int64_t(request.seed) + i * 1000) % 2147483648 : request.seed;
    made.share = request.vary == "no" ? 0 : request.count == 1 ? 1 : double(i) / (request.count - 1);
    deliver_all(request, task, made, text, side);
    progress(task, i + 1, request.count);
    if (request.model == "abort-" + std::to_string(i + 1)) std::abort();
    json_builder_begin_object(json);
    json_add(json, "seed", made.seed);
    json_add(json, "share", made.share);
    json_add(json, "width", side);
    json_add(json, "height", side);
    json_add(json, "seconds", 0.1);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_text(json);
}

}  // namespace pinxit
