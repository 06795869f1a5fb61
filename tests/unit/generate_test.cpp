// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text from the request to the events, with the reduced nets of ../shared/goldens in a catalogue of their
// own: seeds, threads, models kept warm, roles of pictures, words, settings of COCO, refusals, stopping.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/importers/tensors.h"
#include "engine/operations/generator_files.h"
#include "engine/operations/operation.h"
#include "tests/support/save_tensors.h"
#include "tests/unit/importers_samples.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Kind = Event::Kind;
const fs::path goldens = fs::path(PINXIT_SHARED_DATA) / "goldens";

/// Sets a variable of the environment as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before, was_set_ = true;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { was_set_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool was_set_ = false;
};

std::string made_folder() {
  char pattern[] = "/tmp/pinxit-generate-XXXXXX";
  return mkdtemp(pattern);
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class Generating : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(goldens / "attngan") || !fs::exists(goldens / "clipgan"))
      GTEST_SKIP() << "skipped: needs ../shared/goldens/attngan and clipgan";
    install_birds("birds");
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::vector<std::string> words() {
    std::vector<std::string> words;
    g_autoptr(JsonParser) parser = json_parser_new();
    json_parser_load_from_file(parser, (goldens / "attngan/index.json").c_str(), nullptr);
    JsonArray* list = json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "vocabulary");
    for (guint i = 0; i < json_array_get_length(list); ++i) words.push_back(json_array_get_string_element(list, i));
    return words;
  }
  static std::string vocabulary() {
    std::string text;
    for (const std::string& word : words()) text += (text.empty() ? "{\"words\":[\"" : "\",\"") + word;
    return text + "\"]}";
  }
  /// As the store leaves it.
  void install_birds(const std::string& id, const std::string& more_files = "") {
    const fs::path place = folder_ / "models" / id;
    fs::create_directories(place);
    fs::copy(goldens / "attngan/netG.safetensors", place / "generator.safetensors");
    fs::copy(goldens / "attngan/text_encoder.safetensors", place / "text-encoder.safetensors");
    write(place / "vocabulary.json", vocabulary());
    write(place / "model.json", R"({"pinxit":1,"id":")" + id +
                                    R"(","kind":"attngan","operation":"generate","title":"The )" + id +
                                    R"(","files":[{"role":"generator","path":"generator.safetensors"},)"
                                    R"({"role":"text-encoder","path":"text-encoder.safetensors"},)"
                                    R"({"role":"vocabulary","path":"vocabulary.json"})" +
                                    more_files + "]}");
  }

  static GenerateRequest order(const std::string& prompt = "a red bird", int count = 1) {
    GenerateRequest request;
    request.prompt = prompt, request.count = count, request.model = "birds", request.device = "cpu";
    return request;
  }
  /// Keeps the events.
  Result<std::string> run(const GenerateRequest& request, bool only_read = false) {
    events_.clear();
    Task task;
    task.stop = stop_.get_token();
    task.finish = finish_.get_token();
    task.emit = [&](const Event& event) {
      events_.push_back(event);
      if (on_event_) on_event_(event);
    };
    return only_read ? workshop_.read_prompt(request, task) : workshop_.generate(request, task);
  }
  std::vector<Event> pictures(const std::string& role = "picture") const {
    std::vector<Event> found;
    for (const Event& event : events_)
      if (event.kind == Kind::picture && event.made->role == role) found.push_back(event);
    return found;
  }
  std::vector<std::string> texts(Kind kind) const {
    std::vector<std::string> found;
    for (const Event& event : events_)
      if (event.kind == kind) found.push_back(event.text);
    return found;
  }
  bool notes_about_the_prompt() const {
    return std::all_of(events_.begin(), events_.end(),
                       [](const Event& event) { return event.kind != Kind::note || event.about_prompt; });
  }
  std::vector<Event> painted(const GenerateRequest& request) {
    const auto facts = run(request);
    EXPECT_TRUE(facts) << facts.error().sentence;
    return pictures();
  }
  std::string refusal(const GenerateRequest& request) {
    const auto facts = run(request);
    return facts ? "none" : std::string(error_name(facts.error().code)) + ": " + facts.error().sentence;
  }
  static double difference(const Event& a, const Event& b) {
    double most = a.picture->data.size() == b.picture->data.size() ? 0 : INFINITY;
    for (size_t i = 0; i < std::min(a.picture->data.size(), b.picture->data.size()); ++i)
      most = std::max(most, double(std::fabs(a.picture->data[i] - b.picture->data[i])));
    return most;
  }
  /// Another program's checkpoint with the tensors of a safetensors file.
  static std::string as_pth(const fs::path& path) {
    const Checkpoint checkpoint = read_checkpoint(path).take();
    std::vector<std::pair<std::string, std::string>> members;
    std::vector<std::string> keys;
    std::string data;
    for (const StoredTensor& tensor : checkpoint.tensors) {
      const std::vector<float> values = tensor.floats();
      keys.push_back(std::to_string(keys.size()));
      const std::vector<int32_t> shape(tensor.shape.begin(), tensor.shape.end());
      std::vector<int32_t> strides(shape.size(), 1);
      for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
      members.emplace_back(
          tensor.name,
          samples::tensor(samples::storage("FloatStorage", keys.back(), int32_t(values.size())), 0, shape, strides));
      data += samples::number(int64_t(values.size())) + samples::numbers(values);
    }
    return samples::legacy_header() + samples::pickle(samples::dict(members)) + samples::legacy_keys(keys) + data;
  }

  const fs::path folder_ = made_folder();
  const Variable models_{"PINXIT_MODEL_PATH", folder_ / "models"}, data_{"PINXIT_DATA_DIR_USER", folder_ / "data"},
      config_{"PINXIT_CONFIG_DIR", folder_ / "config"};
  Workshop workshop_;
  std::vector<Event> events_;
  std::function<void(const Event&)> on_event_;
  std::stop_source stop_, finish_;
};

TEST_F(Generating, the_same_seed_gives_the_same_pictures) {
  const auto first = painted(order("a red bird", 3));
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].made->seed, 100);
  EXPECT_EQ(first[2].made->of, 3);
  EXPECT_EQ(first[0].picture->width, 256);
  EXPECT_EQ(first[0].picture->data[3], 1);
  const auto again = painted(order("a red bird", 3));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(difference(first[i], again[i]), 0) << i;
  GenerateRequest other = order("a red bird", 1);
  other.seed = int(first[2].made->seed);
  EXPECT_EQ(difference(painted(other).at(0), first[2]), 0) << "one alone";
  other.seed = 101;
  EXPECT_GT(difference(painted(other).at(0), first[0]), 0.1);
  EXPECT_GT(difference(painted(order("a yellow bird")).at(0), first[0]), 0.01) << "words count";
}

TEST_F(Generating, threads_change_no_level) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = painted(order());
  at::set_num_threads(2);
  const auto two = painted(order());
  at::set_num_threads(threads);
  EXPECT_LE(difference(one.at(0), two.at(0)), 1. / 255);
}

TEST_F(Generating, the_second_prompt_loads_nothing) {
  const auto facts = run(order());
  ASSERT_TRUE(facts) << facts.error().sentence;
  EXPECT_EQ(texts(Kind::loading), (std::vector<std::string>{"The birds"}));
  EXPECT_TRUE(facts->starts_with(R"({"engine":"0)")) << *facts;
  EXPECT_NE(facts->find(R"("model":{"id":"birds","title":"The birds","kind":"attngan","sha256":")"), std::string::npos);
  EXPECT_NE(facts->find(R"("words":["a","red","bird"],"unknown_words":[],"left_out":"")"), std::string::npos) << *facts;
  EXPECT_NE(facts->find(R"("pictures":[{"seed":100,"share":0)"), std::string::npos) << *facts;
  run(order("a blue bird")).take();
  EXPECT_TRUE(texts(Kind::loading).empty());
  const std::string description = workshop_.describe();
  EXPECT_NE(description.find(R"("models":["The birds"])"), std::string::npos) << description;
  fs::last_write_time(folder_ / "models/birds/vocabulary.json",
                      fs::last_write_time(folder_ / "models/birds/vocabulary.json") + std::chrono::seconds(2));
  run(order()).take();
  EXPECT_EQ(texts(Kind::loading).size(), 1u) << "a changed file";
  workshop_.forget();
  run(order()).take();
  EXPECT_EQ(texts(Kind::loading).size(), 1u) << "after memory ran out";
}

TEST_F(Generating, sizes_maps_and_strip_come_behind_the_picture) {
  GenerateRequest request = order("a red bird", 2);
  request.all_sizes = request.maps = request.strip = true;
  request.size = 300;
  run(request).take();
  std::vector<std::string> roles;
  for (const Event& event : events_)
    if (event.kind == Kind::picture) roles.push_back(std::to_string(event.made->index) + event.made->role);
  ASSERT_EQ(roles.size(), 2 * (1 + 2 + 6 + 1u));
  EXPECT_EQ(roles[0], "0picture");
  EXPECT_EQ(roles[1], "0smaller");
  EXPECT_EQ(roles[3], "0attention");
  EXPECT_EQ(roles[9], "0strip");
  EXPECT_EQ(roles[10], "1picture");
  EXPECT_EQ(pictures()[0].picture->width, 300);
  const auto smaller = pictures("smaller"), maps = pictures("attention"), strips = pictures("strip");
  EXPECT_EQ(smaller[0].picture->width, 64);
  EXPECT_EQ(smaller[1].picture->width, 128);
  EXPECT_EQ(strips[0].picture->width, 3 * 256);
  EXPECT_EQ(strips[0].picture->height, 256);
  EXPECT_EQ(std::count(strips[0].made->word.begin(), strips[0].made->word.end(), ','), 2);
  for (const size_t first : {0, 3}) {
    EXPECT_EQ(maps[first].made->word, "a");
    EXPECT_EQ(maps[first + 2].made->word, "bird");
    EXPECT_EQ(maps[first].picture->width, first ? 128 : 64);
    for (size_t i = 0; i < maps[first].picture->data.size(); i += 4) {
      double sum = 0;
      for (size_t word = 0; word < 3; ++word) {
        const float* pixel = &maps[first + word].picture->data[i];
        ASSERT_EQ(pixel[0], pixel[2]) << "grey";
        sum += double(pixel[0]);
      }
      ASSERT_NEAR(sum, 1, 1e-3);
    }
  }
}

TEST_F(Generating, words_that_are_not_read_are_told) {
  const auto facts = run(order("a tiny red bird"));
  ASSERT_TRUE(facts) << facts.error().sentence;
  EXPECT_EQ(texts(Kind::note),
            (std::vector<std::string>{"The model does not know these words and leaves them out: tiny."}));
  EXPECT_TRUE(notes_about_the_prompt());
  EXPECT_NE(facts->find(R"("unknown_words":["tiny"])"), std::string::npos);
  std::string longest;
  for (int i = 0; i < 25; ++i) longest += "red ";
  run(order(longest + "blue head")).take();
  ASSERT_EQ(texts(Kind::note).size(), 1u);
  EXPECT_NE(texts(Kind::note)[0].find("blue head"), std::string::npos) << texts(Kind::note)[0];
  EXPECT_EQ(refusal(order("  \n")), "bad-argument: The prompt is empty.");
  EXPECT_EQ(refusal(order("zebra qwerty")), "bad-argument: The model knows none of these words: “zebra”, “qwerty”.");
  EXPECT_TRUE(pictures().empty());
}

TEST_F(Generating, a_prompt_is_read_without_painting) {
  const auto facts = run(order("a tiny bird"), true);
  ASSERT_TRUE(facts) << facts.error().sentence;
  EXPECT_NE(
      facts->find(R"("takes_prompt":true,"attention":true,"any_size":false,"sizes":[[64,64],[128,128],[256,256]],)"
                  R"("words":["a","bird"],"unknown_words":["tiny"],"left_out":"")"),
      std::string::npos)
      << *facts;
  EXPECT_TRUE(pictures().empty());
  EXPECT_TRUE(run(order(""), true));
}

TEST_F(Generating, pictures_lead_to_another_seed) {
  GenerateRequest request = order("a red bird", 3);
  request.vary = "noise", request.vary_seed = 101;
  const auto way = painted(request);
  ASSERT_EQ(way.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(way[i].made->share, double(i) / 2);
  EXPECT_EQ(difference(way[0], painted(order()).at(0)), 0);
  GenerateRequest other = order();
  other.seed = 101;
  EXPECT_EQ(difference(way[2], painted(other).at(0)), 0);
  request.vary = "text";
  EXPECT_EQ(refusal(request), "bad-argument: The second prompt is empty.");
  request.vary_prompt = "a tiny blue bird";
  EXPECT_EQ(difference(painted(request).at(0), way[0]), 0);
  EXPECT_EQ(texts(Kind::note).size(), 1u) << "unknown words of the second prompt";
}

TEST_F(Generating, the_starter_comes_first_and_missing_models_are_told) {
  GenerateRequest request = order();
  request.model = "auto";
  install_birds("starter-flowers");
  EXPECT_NE(run(request).take().find(R"("id":"starter-flowers")"), std::string::npos);
  request.model = "brids";
  EXPECT_EQ(refusal(request), "model-missing: There is no model “brids” that paints from text.");
  request.model = "great-wave";
  EXPECT_TRUE(refusal(request).starts_with("model-missing: There is no model “great-wave”")) << "a style";
  request.model = folder_ / "nothing.safetensors";
  EXPECT_TRUE(refusal(request).starts_with("model-missing: The weights file")) << refusal(request);
  fs::remove(folder_ / "models/birds/text-encoder.safetensors");
  EXPECT_TRUE(refusal(order()).starts_with("model-missing:"));
  write(folder_ / "models/birds/model.json",
        R"({"pinxit":1,"id":"birds","kind":"flux9","operation":"generate","files":[{"role":"w","path":"x"}]})");
  EXPECT_EQ(refusal(order()), "model-unsupported: This Pinxit cannot paint with “birds” yet.");
}

TEST_F(Generating, parts_are_found_beside_a_file) {
  GenerateRequest request = order();
  const auto installed = painted(request);
  request.model = folder_ / "models/birds/generator.safetensors";
  EXPECT_EQ(difference(painted(request).at(0), installed.at(0)), 0);
  EXPECT_TRUE(texts(Kind::loading).empty());
  EXPECT_NE(run(request).take().find(R"("title":"generator")"), std::string::npos)
      << "a warm model has the name that it was asked for by";
  EXPECT_NE(run(order()).take().find(R"("title":"The birds")"), std::string::npos);
  fs::remove(folder_ / "models/birds/vocabulary.json");
  EXPECT_EQ(refusal(request), "model-missing: The model's vocabulary is missing.");
}

TEST_F(Generating, coco_comes_from_its_settings) {
  const fs::path place = folder_ / "coco";
  fs::create_directories(place);
  write(place / "coco_AttnGAN2.pth", as_pth(goldens / "attngan/netG.safetensors"));
  write(place / "text_encoder100.pth", as_pth(goldens / "attngan/text_encoder.safetensors"));
  std::vector<std::pair<std::string, std::string>> ids;
  for (const std::string& word : words()) ids.emplace_back(word, samples::whole(int32_t(ids.size())));
  write(place / "captions.pickle", samples::pickle(samples::dict(ids)));
  const std::string settings =
      "TREE:\n    BRANCH_NUM: 3\nTRAIN:\n    NET_G: '../models/coco_AttnGAN2.pth'\n"
      "    NET_E: '../DAMSMencoders/coco/text_encoder100.pth'\nGAN:\n    GF_DIM: 8\n    R_NUM: 2\n"
      "TEXT:\n    EMBEDDING_DIM: 32\n    WORDS_NUM: 3\n";
  write(place / "coco.yml", settings);
  const auto birds = painted(order());
  GenerateRequest request = order("a red bird with a tail");
  for (const char* model : {"coco.yml", "coco_AttnGAN2.pth"}) {
    request.model = place / model;
    const auto made = painted(request);
    ASSERT_EQ(made.size(), 1u) << model;
    EXPECT_EQ(difference(made[0], birds.at(0)), 0) << "three words of it are read";
    EXPECT_NE(texts(Kind::note).at(0).find("with a tail"), std::string::npos);
  }
  fs::copy(place / "coco_AttnGAN2.pth", place / "bird_AttnGAN2.pth");
  request.model = place / "bird_AttnGAN2.pth";
  EXPECT_NE(run(request).take().find(R"("left_out":"")"), std::string::npos) << "the settings are another model's";
  fs::remove(place / "bird_AttnGAN2.pth");
  install_birds("coco", R"(,{"role":"config","path":"coco.yml"})");
  fs::copy(place / "coco.yml", folder_ / "models/coco/coco.yml");
  request.model = "coco";
  EXPECT_EQ(difference(painted(request).at(0), birds.at(0)), 0) << "from the catalogue";
  request.model = place / "coco.yml";
  for (const std::string wrong : {"GF_DIM: 48", "R_NUM: 3", "BRANCH_NUM: 2"}) {
    std::string text = settings;
    const std::string name = wrong.substr(0, wrong.find(':') + 1);
    text.replace(text.find(name), name.size() + 2, wrong);
    write(place / "coco.yml", text);
    EXPECT_TRUE(refusal(request).starts_with("model-damaged: The model's settings say")) << wrong << refusal(request);
  }
  write(place / "coco.yml", "TRAIN:\n    NET_G: other.pth\n");
  request.model = place / "coco.yml";
  EXPECT_TRUE(refusal(request).starts_with("model-missing: The generator that")) << refusal(request);
}

TEST(AttnganSettings, of_one_branch_name_no_residual_blocks) {
  Checkpoint weights;
  for (const char* name : {"ca_net.fc.weight", "h_net1.fc.0.weight"}) weights.tensors.emplace_back().name = name;
  EXPECT_NO_THROW(check_attngan_settings({{"TREE.BRANCH_NUM", "1"}, {"GAN.R_NUM", "2"}}, weights));
  EXPECT_THROW(check_attngan_settings({{"TREE.BRANCH_NUM", "2"}}, weights), Failure);
}

TEST_F(Generating, digits_take_no_prompt) {
  GenerateRequest request = order("");
  request.model = goldens / "clipgan/digits_generator.safetensors";
  request.maps = request.all_sizes = true;
  const auto made = painted(request);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].picture->width, 28);
  EXPECT_EQ(made[0].picture->data[0], made[0].picture->data[2]);
  EXPECT_EQ(texts(Kind::note).size(), 2u) << "no maps, no other sizes";
  EXPECT_FALSE(notes_about_the_prompt());
  request.prompt = "seven";
  EXPECT_EQ(refusal(request), "bad-argument: This model takes no prompt.");
  EXPECT_NE(run(request, true).take().find("\"takes_prompt\":false"), std::string::npos);
}

/// CLIP's text tower with one narrow layer and byte pairs of one merge.
void install_clip(const fs::path& place) {
  torch::manual_seed(3);
  std::map<std::string, torch::Tensor> all;
  const std::string model = "text_model.";
  const auto linear = [&](const std::string& name, int64_t out, int64_t in) {
    all[model + name + ".weight"] = torch::randn({out, in}) / std::sqrt(double(in));
    all[model + name + ".bias"] = torch::zeros({out});
  };
  all[model + "embeddings.token_embedding.weight"] = torch::randn({515, 512});
  all[model + "embeddings.position_embedding.weight"] = 0.1 * torch::randn({77, 512});
  for (const char* part : {"q", "k", "v", "out"})
    linear("encoder.layers.0.self_attn." + std::string(part) + "_proj", 512, 512);
  linear("encoder.layers.0.mlp.fc1", 8, 512);
  linear("encoder.layers.0.mlp.fc2", 512, 8);
  for (const char* norm : {"encoder.layers.0.layer_norm1", "encoder.layers.0.layer_norm2", "final_layer_norm"}) {
    all[model + norm + ".weight"] = torch::ones({512});
    all[model + norm + ".bias"] = torch::zeros({512});
  }
  fs::create_directories(place);
  save_safetensors(place / "weights.safetensors", all).take();
  write(place / "merges.txt", "#version: 0.2\nw h\n");
  write(place / "config.json", R"({"text_config":{"num_attention_heads":8,"hidden_act":"quick_gelu"}})");
  write(place / "model.json",
        R"({"pinxit":1,"id":"clip-vit-base-patch32","kind":"clip","operation":"text-encoder","files":[)"
        R"({"role":"weights","path":"weights.safetensors"},{"role":"config","path":"config.json"},)"
        R"({"role":"vocabulary","path":"merges.txt"}]})");
}

TEST_F(Generating, flowers_listen_to_the_clip_that_is_installed) {
  GenerateRequest request = order("A white flower", 5);
  request.model = goldens / "clipgan/flowers_generator.safetensors";
  EXPECT_EQ(refusal(request),
            "model-missing: “flowers_generator” listens to CLIP, whose text encoder is not installed.");
  install_clip(folder_ / "models/clip");
  const auto made = painted(request);
  ASSERT_EQ(made.size(), 5u);
  EXPECT_EQ(made[4].picture->width, 128);
  for (size_t i = 1; i < 5; ++i) EXPECT_GT(difference(made[i], made[0]), 0.02) << i;
  GenerateRequest other = request;
  other.prompt = "A red rose", other.count = 1;
  const auto red = painted(other);
  ASSERT_EQ(red.at(0).picture->width, made[0].picture->width);
  EXPECT_GT(difference(red[0], made[0]), 1e-3) << "words count";
  other.prompt = std::string(80, 'b');
  EXPECT_EQ(painted(other).size(), 1u) << "the first word alone is too long";
  ASSERT_EQ(texts(Kind::note).size(), 1u);
  EXPECT_TRUE(texts(Kind::note)[0].starts_with("The prompt is too long")) << texts(Kind::note)[0];
  const fs::path place = folder_ / "downloads";
  fs::create_directories(place);
  fs::copy(goldens / "clipgan/flowers_generator.safetensors", place / "flowers.safetensors");
  fs::copy(goldens / "attngan/text_encoder.safetensors", place / "text_encoder200.safetensors");
  other = request;
  other.model = place / "flowers.safetensors", other.count = 1;
  EXPECT_EQ(difference(painted(other).at(0), made[0]), 0) << "an AttnGAN's text encoder lies beside it";
  EXPECT_EQ(refusal([&] {
              GenerateRequest empty = request;
              empty.prompt.clear();
              return empty;
            }()),
            "bad-argument: The prompt is empty.");
}

TEST_F(Generating, stopping_ends_it) {
  on_event_ = [&](const Event& event) {
    if (event.kind == Kind::picture && event.made->index == 1) stop_.request_stop();
  };
  const auto outcome = run(order("a red bird", 16));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::cancelled);
  EXPECT_EQ(pictures().size(), 2u);
}

TEST_F(Generating, finishing_keeps_what_is_there) {
  on_event_ = [&](const Event& event) {
    if (event.kind == Kind::picture && event.made->index == 1) finish_.request_stop();
  };
  const auto facts = run(order("a red bird", 16));
  ASSERT_TRUE(facts) << facts.error().sentence;
  EXPECT_EQ(pictures().size(), 2u);
  const size_t list = facts->find("\"pictures\":[");
  size_t seeds = 0;
  for (size_t at = list; (at = facts->find("\"seed\":", at + 1)) != std::string::npos;) ++seeds;
  EXPECT_EQ(seeds, 2u) << *facts;
}

}  // namespace
}  // namespace pinxit
