// SPDX-License-Identifier: Apache-2.0
//
// Nets and tokenizers of Generate from Text against reference outputs at the tolerances of each index.json; nets of
// full size, built from the manifests with random weights.
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include "engine/nets/attngan.h"
#include "engine/nets/conv_generator.h"
#include "engine/nets/text_to_image.h"
#include "engine/text/clip_tokenizer.h"
#include "engine/text/word_tokenizer.h"
#include "tests/support/save_tensors.h"

#define NEEDS(part) \
  if (!std::filesystem::exists(shared + "/" + (part))) GTEST_SKIP() << "skipped: needs ../shared/" << (part)

namespace pinxit {
namespace {

const std::string shared = PINXIT_SHARED_DATA;

class Json {
 public:
  explicit Json(const std::string& path) : parser_(json_parser_new()) {
    if (!json_parser_load_from_file(parser_, path.c_str(), nullptr)) throw std::runtime_error("cannot read " + path);
    root = json_node_get_object(json_parser_get_root(parser_));
  }
  ~Json() { g_object_unref(parser_); }
  JsonObject* root = nullptr;

 private:
  JsonParser* parser_;
};

std::vector<JsonObject*> objects(JsonObject* object, const char* name) {
  std::vector<JsonObject*> all;
  JsonArray* list = json_object_get_array_member(object, name);
  for (guint i = 0; i < json_array_get_length(list); ++i) all.push_back(json_array_get_object_element(list, i));
  return all;
}
std::vector<int64_t> numbers(JsonObject* object, const char* name) {
  std::vector<int64_t> all;
  JsonArray* list = json_object_get_array_member(object, name);
  for (guint i = 0; i < json_array_get_length(list); ++i) all.push_back(json_array_get_int_element(list, i));
  return all;
}
std::vector<std::string> strings(JsonObject* object, const char* name) {
  std::vector<std::string> all;
  JsonArray* list = json_object_get_array_member(object, name);
  for (guint i = 0; i < json_array_get_length(list); ++i) all.push_back(json_array_get_string_element(list, i));
  return all;
}
double number(JsonObject* object, const char* group, const char* name) {
  return json_object_get_double_member(json_object_get_object_member(object, group), name);
}
std::string text(JsonObject* object, const char* name) {
  return json_object_get_string_member(object, name);
}

double largest_error(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}
double mean_error(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().mean().item<double>();
}

torch::Tensor every(const torch::Tensor& picture, int64_t step) {
  return picture.slice(-2, 0, std::nullopt, step).slice(-1, 0, std::nullopt, step);
}

const std::string clipgan = shared + "/goldens/clipgan", attngan = shared + "/goldens/attngan";

std::shared_ptr<const WordTokenizer> golden_words(JsonObject* index) {
  return WordTokenizer::make(strings(index, "vocabulary")).take();
}

TEST(ConvGenerator, flowers_and_digits) {
  NEEDS("goldens/clipgan");
  const Json index(clipgan + "/index.json");
  JsonObject* tolerance = json_object_get_object_member(index.root, "tolerance");
  const double most = number(tolerance, "cpu_fp32", "max_abs"), mean = number(tolerance, "cpu_fp32", "mean_abs");
  const auto flowers =
      ConvGenerator::load(clipgan + "/flowers_generator.safetensors", torch::kCPU, torch::kFloat32).take();
  const auto given = Safetensors::open(clipgan + "/flowers_case.safetensors").take();
  EXPECT_EQ(flowers.text_width(), 512);
  const auto made = flowers.run(given.tensor("z"), given.tensor("text"));
  ASSERT_EQ(made.sizes(), (std::vector<int64_t>{3, 3, 128, 128}));
  EXPECT_LE(largest_error(made[0], given.tensor("output_0")), most);
  EXPECT_LE(mean_error(made[0], given.tensor("output_0")), mean);
  for (const char* i : {"1", "2"})
    EXPECT_LE(largest_error(every(made[std::atoi(i)], 4), given.tensor(std::string("output_") + i + "_every_4th")),
              most);

  const auto digits =
      ConvGenerator::load(clipgan + "/digits_generator.safetensors", torch::kCPU, torch::kFloat32).take();
  const auto drawn = Safetensors::open(clipgan + "/digits_case.safetensors").take();
  EXPECT_EQ(digits.text_width(), 0);
  EXPECT_LE(largest_error(digits.run(drawn.tensor("z"), {}), drawn.tensor("output")), most);
  EXPECT_LE(mean_error(digits.run(drawn.tensor("z"), {}), drawn.tensor("output")), mean);

  const auto half =
      ConvGenerator::load(clipgan + "/flowers_generator.safetensors", torch::kCPU, torch::kBFloat16).take();
  EXPECT_LE(mean_error(half.run(given.tensor("z"), given.tensor("text"))[0], given.tensor("output_0")),
            number(tolerance, "reduced_precision", "mean_abs"));
}

TEST(Attngan, every_case) {
  NEEDS("goldens/attngan");
  const Json index(attngan + "/index.json");
  JsonObject* tolerance = json_object_get_object_member(index.root, "tolerance");
  const double in_text = number(tolerance, "cpu_fp32", "word_features_sentence_mu_logvar_c");
  const double in_pictures = number(tolerance, "cpu_fp32", "images_max_abs");
  const double in_attention = number(tolerance, "cpu_fp32", "attention_max_abs");
  const auto encoder = AttnganText::load(attngan + "/text_encoder.safetensors", torch::kCPU, torch::kFloat32).take();
  const auto net = Attngan::load(attngan + "/netG.safetensors", torch::kCPU, torch::kFloat32).take();
  EXPECT_EQ(net.sides(), (std::vector<int64_t>{64, 128, 256}));
  const auto cases = objects(index.root, "cases");
  ASSERT_EQ(cases.size(), 4u);
  for (JsonObject* one : cases) {
    SCOPED_TRACE(text(one, "name"));
    const auto given = Safetensors::open(attngan + "/" + text(one, "tensors")).take();
    const auto features = encoder.run(numbers(one, "token_ids"));
    EXPECT_LE(largest_error(features.words, given.tensor("word_features")), in_text);
    EXPECT_LE(largest_error(features.sentence, given.tensor("sentence")), in_text);
    const auto condition = net.condition(features.sentence);
    const auto c = condition.sample(given.tensor("eps"));
    EXPECT_LE(largest_error(condition.mu, given.tensor("mu")), in_text);
    EXPECT_LE(largest_error(condition.logvar, given.tensor("logvar")), in_text);
    EXPECT_LE(largest_error(c, given.tensor("c_code")), in_text);
    double told = 0;
    const auto made = net.run(given.tensor("z"), c, features, [&](double done) {
      EXPECT_GT(done, told);
      told = done;
    });
    EXPECT_EQ(told, 1);
    const auto compare = [&](const std::string& name, const torch::Tensor& tensor, double most) {
      int found = 0;
      for (const int step : {1, 2, 4}) {
        const std::string full = step == 1 ? name : name + "_every_" + (step == 2 ? "2nd" : "4th");
        if (!given.has(full)) continue;
        ++found;
        EXPECT_LE(largest_error(every(tensor, step), given.tensor(full)), most) << full;
      }
      EXPECT_EQ(found, 1) << name;
    };
    ASSERT_EQ(made.pictures.size(), 3u);
    for (size_t i = 0; i < 3; ++i) compare("image_" + std::to_string(64 << i), made.pictures[i][0], in_pictures);
    ASSERT_EQ(made.attention.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      compare("attention_" + std::to_string(i + 1), made.attention[i], in_attention);
      EXPECT_LE((made.attention[i].sum(0) - 1).abs().max().item<double>(), 1e-3);
    }
  }
}

TEST(WordTokenizer, every_case_of_attngan) {
  NEEDS("goldens/attngan");
  const Json index(attngan + "/index.json");
  const auto words = golden_words(index.root);
  const auto cases = objects(json_object_get_object_member(index.root, "tokenizer"), "cases");
  ASSERT_GE(cases.size(), 7u);
  for (JsonObject* one : cases) {
    const auto tokens = words->read(text(one, "text"));
    EXPECT_EQ(tokens.ids, numbers(one, "token_ids")) << text(one, "text");
    EXPECT_EQ(tokens.unknown_words, strings(one, "unknown_words")) << text(one, "text");
    EXPECT_EQ(tokens.words.empty(), text(one, "must_be") != "accepted") << text(one, "text");
  }
}

TEST(ClipTokenizer, ids_of_texts_in_many_languages) {
  NEEDS("goldens/sd/clip-tokenizer-cases.json");
  NEEDS("models/bpe_simple_vocab_16e6.txt.gz");
  const Json index(shared + "/goldens/sd/clip-tokenizer-cases.json");
  const auto clip = ClipTokenizer::load(shared + "/models/bpe_simple_vocab_16e6.txt.gz").take();
  EXPECT_EQ(clip->start(), 49406);
  EXPECT_EQ(clip->end(), 49407);
  const auto cases = objects(index.root, "cases");
  ASSERT_GE(cases.size(), 30u);
  int too_long = 0;
  for (JsonObject* one : cases) {
    const std::string prompt = text(one, "text");
    auto expected = numbers(one, "ids");
    EXPECT_EQ(clip->ids(prompt), expected) << prompt;
    const auto tokens = clip->read(prompt);
    EXPECT_EQ(tokens.left_out.empty(), expected.size() <= 75) << prompt;
    EXPECT_EQ(tokens.words.empty(), expected.empty()) << prompt;
    too_long += expected.size() > 75;
    expected.resize(std::min<size_t>(expected.size(), 75));
    expected.insert(expected.begin(), 49406);
    expected.push_back(49407);
    EXPECT_EQ(tokens.ids, expected) << prompt;
  }
  EXPECT_EQ(too_long, 1);
}

struct ClipCase {
  const char *name, *folder;
};

class ClipTower : public testing::TestWithParam<ClipCase> {};

TEST_P(ClipTower, vectors) {
  const std::string sd = shared + "/goldens/sd", folder = sd + "/" + GetParam().folder;
  NEEDS("goldens/sd");
  const Json index(sd + "/index.json");
  const auto settings = clip_settings(folder + "/config.json").take();
  const auto net = ClipText::load(folder + "/model.safetensors", settings, torch::kCPU, torch::kFloat32).take();
  int found = 0;
  for (JsonObject* one : objects(index.root, "clip_cases")) {
    if (text(one, "name") != GetParam().name) continue;
    ++found;
    EXPECT_EQ(net.activation(), text(json_object_get_object_member(one, "config"), "hidden_act"));
    const auto given = Safetensors::open(sd + "/" + text(one, "tensors")).take();
    std::vector<std::vector<int64_t>> ids;
    const auto rows = given.tensor("in.input_ids");
    for (int64_t i = 0; i < rows.size(0); ++i)
      ids.emplace_back(rows[i].const_data_ptr<int64_t>(), rows[i].const_data_ptr<int64_t>() + rows.size(1));
    const auto made = net.run(ids);
    const double most = number(one, "tolerance_max_abs", "last_hidden_state");
    EXPECT_LE(largest_error(made.last, given.tensor("out.last_hidden_state")), most);
    EXPECT_LE(largest_error(made.penultimate, given.tensor("out.hidden_states")[-2]),
              number(one, "tolerance_max_abs", "hidden_states_-2"));
    ASSERT_TRUE(given.has("out.pooler_output") || given.has("out.text_embeds") ||
                std::string(GetParam().name) == "clip_h");
    if (given.has("out.pooler_output")) {
      EXPECT_LE(largest_error(made.pooled, given.tensor("out.pooler_output")), most);
    }
    if (given.has("out.text_embeds")) {
      EXPECT_LE(largest_error(made.projected, given.tensor("out.text_embeds")),
                number(one, "tolerance_max_abs", "text_embeds"));
    }
    // Without pads, as the generators take it.
    auto first = ids.front();
    first.resize(size_t(std::max_element(first.begin(), first.end()) - first.begin()) + 1);
    EXPECT_LE(largest_error(net.run({first}).pooled[0], made.pooled[0]), most);
  }
  EXPECT_EQ(found, 1);
}

INSTANTIATE_TEST_SUITE_P(Clip, ClipTower,
                         testing::Values(ClipCase{"clip_l", "tiny-sd15/text_encoder"}, ClipCase{"clip_h", "clip-h"},
                                         ClipCase{"clip_g", "tiny-sdxl/text_encoder_2"}),
                         [](const auto& one) { return std::string(one.param.name); });

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "pinxit-text-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

/// Random weights with the names and shapes of a manifest.
std::string random_weights(const std::vector<JsonObject*>& tensors, const std::filesystem::path& path) {
  std::map<std::string, torch::Tensor> weights;
  torch::manual_seed(3);
  for (JsonObject* one : tensors) {
    const std::string name = text(one, "name");
    const auto shape = numbers(one, "shape");
    if (text(one, "dtype") == "I64")
      weights[name] = torch::ones(shape, torch::kInt64);
    else if (name.ends_with("running_var"))
      weights[name] = torch::rand(shape) + 0.5;
    else
      weights[name] = torch::randn(shape) / std::sqrt(shape.size() > 1 ? double(shape.back() * shape[1]) : 1.0);
  }
  EXPECT_TRUE(save_safetensors(path, weights));
  return path;
}

/// Seconds that `work` takes, told on standard output: no assertion, machines differ.
template <class Work>
auto timed(const char* what, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  std::cout << what << ": "
            << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() << " ms\n";
  return result;
}

TEST(FullSize, flowers_and_digits) {
  NEEDS("goldens/clipgan");
  const Json manifest(clipgan + "/manifest-full-size.json");
  const Folder folder;
  for (const auto& [name, parameters] :
       {std::pair("flowers_generator", 18'521'000), std::pair("digits_generator", 5'134'080)}) {
    JsonObject* one = json_object_get_object_member(manifest.root, name);
    EXPECT_EQ(json_object_get_int_member(one, "parameters"), parameters);
    const auto path = random_weights(objects(one, "tensors"), folder.path / name);
    const auto net = timed("load", [&] { return ConvGenerator::load(path, torch::kCPU, torch::kFloat32).take(); });
    EXPECT_EQ(net.parameters(), parameters) << name;
    EXPECT_EQ(net.side(), net.text_width() ? 128 : 28);
    const auto text = net.text_width() ? torch::randn({512}) : torch::Tensor();
    const auto picture = timed(name, [&] { return net.run(torch::randn({1, 100}), text); });
    EXPECT_TRUE(picture.isfinite().all().item<bool>());
  }
}

TEST(FullSize, birds_and_coco) {
  NEEDS("goldens/attngan");
  const Json manifest(attngan + "/manifest-full-size.json");
  const Folder folder;
  for (const auto& [name, generator_parameters] : {std::pair("bird", 7'084'592), std::pair("coco", 13'811'456)}) {
    JsonObject* one = json_object_get_object_member(manifest.root, name);
    EXPECT_EQ(json_object_get_int_member(one, "netG_parameters"), generator_parameters);
    const auto path = random_weights(objects(one, "netG"), folder.path / name);
    const auto net = timed("load", [&] { return Attngan::load(path, torch::kCPU, torch::kFloat32).take(); });
    EXPECT_EQ(net.parameters(), generator_parameters) << name;
    EXPECT_EQ(net.sides(), (std::vector<int64_t>{64, 128, 256}));
    // COCO's text encoder differs from the birds' in its vocabulary alone, and is not in the manifest.
    JsonObject* bird = json_object_get_object_member(manifest.root, "bird");
    const auto text_path = random_weights(objects(bird, "text_encoder"), folder.path / "text");
    const auto encoder = AttnganText::load(text_path, torch::kCPU, torch::kFloat32).take();
    EXPECT_EQ(encoder.parameters(), 2'075'320);
    EXPECT_EQ(json_object_get_int_member(bird, "text_encoder_parameters"), 2'075'320);
    const auto features = encoder.run({5, 9, 100, 7, 3000});
    const auto c = net.condition(features.sentence).sample(torch::randn({100}));
    const auto made = timed(name, [&] { return net.run(torch::randn({100}), c, features); });
    EXPECT_TRUE(made.pictures.back().isfinite().all().item<bool>());
  }
}

TEST(FullSize, clip) {
  // The sizes of clip-vit-base-patch32, the flower generator's encoder.
  const Folder folder;
  std::map<std::string, torch::Tensor> weights;
  const auto add = [&](const std::string& name, const std::vector<int64_t>& shape) {
    weights["text_model." + name] = torch::randn(shape) * 0.03;
  };
  add("embeddings.token_embedding.weight", {49408, 512});
  add("embeddings.position_embedding.weight", {77, 512});
  const auto affine = [&](const std::string& name, const std::vector<int64_t>& shape) {
    add(name + ".weight", shape);
    add(name + ".bias", {shape[0]});
  };
  for (int i = 0; i < 12; ++i) {
    const std::string layer = "encoder.layers." + std::to_string(i) + ".";
    for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"}) affine(layer + "self_attn." + part, {512, 512});
    affine(layer + "mlp.fc1", {2048, 512});
    affine(layer + "mlp.fc2", {512, 2048});
    affine(layer + "layer_norm1", {512});
    affine(layer + "layer_norm2", {512});
  }
  affine("final_layer_norm", {512});
  const std::string path = folder.path / "clip";
  ASSERT_TRUE(save_safetensors(path, weights));
  const auto net = timed("load", [&] { return ClipText::load(path, {}, torch::kCPU, torch::kFloat32).take(); });
  EXPECT_EQ(net.parameters(), 63'165'952);
  EXPECT_EQ(net.heads(), 8);
  EXPECT_EQ(net.activation(), "quick_gelu");
  const auto made = timed("clip", [&] { return net.run({{49406, 320, 1579, 4055, 49407}}); });
  EXPECT_EQ(made.pooled.sizes(), (std::vector<int64_t>{1, 512}));
}

}  // namespace
}  // namespace pinxit
