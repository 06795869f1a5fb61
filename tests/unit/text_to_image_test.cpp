// SPDX-License-Identifier: Apache-2.0
//
// The interface of nets that paint from text, with nets of a few channels and random weights: seeds, variations, sizes,
// refusals, stopping.
#include "engine/nets/text_to_image.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>

#include "engine/nets/attention_view.h"
#include "engine/weights/safetensors.h"
#include "tests/support/save_tensors.h"

namespace pinxit {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

/// Words "a" to "h" are ids 1 to 8; ends with id 9 where the encoder is CLIP's.
class Letters : public Tokenizer {
 public:
  explicit Letters(bool with_end) : with_end_(with_end) {}
  PromptTokens read(const std::string& prompt) const override {
    PromptTokens tokens;
    for (const char c : prompt) {
      if (c == ' ') continue;
      if (c >= 'a' && c <= 'h') {
        tokens.ids.push_back(c - 'a' + 1);
        tokens.words.emplace_back(1, c);
      } else {
        tokens.unknown_words.emplace_back(1, c);
      }
    }
    if (with_end_) tokens.ids.push_back(9);
    return tokens;
  }
  int64_t size() const override { return 10; }

 private:
  bool with_end_;
};

class Models {
 public:
  Models() {
    std::string name = std::filesystem::temp_directory_path() / "pinxit-images-XXXXXX";
    folder = mkdtemp(name.data());
    torch::manual_seed(5);
    save("flowers", conv(true));
    save("digits", conv(false));
    save("birds", birds());
    save("clip", clip());
    save("lstm", lstm());
  }
  ~Models() { std::filesystem::remove_all(folder); }

  std::shared_ptr<const TextToImage> load(const std::string& generator) const {
    return load_text_to_image(files(generator)).take();
  }
  TextToImageFiles files(const std::string& generator) const {
    TextToImageFiles files{.generator = folder / generator};
    if (generator == "digits") return files;
    const bool flowers = generator == "flowers";
    files.text_encoder = folder / (flowers ? "clip" : "lstm");
    files.tokenizer = std::make_shared<Letters>(flowers);
    files.clip = {2, "quick_gelu"};
    return files;
  }
  void save(const std::string& name, const Tensors& tensors) const {
    ASSERT_TRUE(save_safetensors(folder / name, tensors));
  }

  static void weight(Tensors& all, const std::string& name, const std::vector<int64_t>& shape, double fan) {
    all[name + ".weight"] = torch::randn(shape) / std::sqrt(fan);
  }
  static void norm(Tensors& all, const std::string& name, int64_t width, bool running = true) {
    all[name + ".weight"] = 1 + 0.2 * torch::randn({width});
    all[name + ".bias"] = 0.2 * torch::randn({width});
    if (!running) return;
    all[name + ".running_mean"] = 0.2 * torch::randn({width});
    all[name + ".running_var"] = 0.5 + torch::rand({width});
  }
  static Tensors conv(bool text) {
    Tensors all;
    int index = 0;
    const auto name = [&](int i) { return "main." + std::to_string(i); };
    if (text) {
      weight(all, "feature_maps.0", {6, 5, 8, 8}, 6);
      norm(all, "feature_maps.1", 5);
      weight(all, "prompt_features.0", {8, 3, 8, 8}, 2);
      norm(all, "prompt_features.1", 3);
    } else {
      weight(all, name(0), {6, 8, 7, 7}, 6);
      norm(all, name(1), 8);
      index = 3;
    }
    for (int i = 0; i < 2; ++i, index += 3) {
      weight(all, name(index), {8, 8, 4, 4}, 16);
      norm(all, name(index + 1), 8);
    }
    weight(all, name(index), {text ? 3 : 1, 8, 4, 4}, 64);
    return all;
  }
  static Tensors birds() {
    Tensors all;
    weight(all, "ca_net.fc", {12, 8}, 8);
    all["ca_net.fc.bias"] = 0.1 * torch::randn({12});
    weight(all, "h_net1.fc.0", {2 * 16 * 16, 7}, 7);
    norm(all, "h_net1.fc.1", 2 * 16 * 16);
    int64_t width = 16;
    for (int i = 1; i <= 2; ++i, width /= 2) {
      weight(all, "h_net1.upsample" + std::to_string(i) + ".1", {width, width, 3, 3}, 9.0 * double(width));
      norm(all, "h_net1.upsample" + std::to_string(i) + ".2", width);
    }
    for (int n = 2; n <= 3; ++n) {
      const std::string name = "h_net" + std::to_string(n) + ".";
      weight(all, name + "att.conv_context", {width, 8, 1, 1}, 2);
      weight(all, name + "residual.0.block.0", {4 * width, 2 * width, 3, 3}, 18.0 * double(width));
      norm(all, name + "residual.0.block.1", 4 * width);
      weight(all, name + "residual.0.block.3", {2 * width, 2 * width, 3, 3}, 18.0 * double(width));
      norm(all, name + "residual.0.block.4", 2 * width);
      weight(all, name + "upsample.1", {2 * width, 2 * width, 3, 3}, 18.0 * double(width));
      norm(all, name + "upsample.2", 2 * width);
    }
    for (const char* n : {"1", "2", "3"}) weight(all, std::string("img_net") + n + ".img.0", {3, width, 3, 3}, 9);
    return all;
  }
  static Tensors clip() {
    Tensors all;
    const std::string model = "text_model.";
    weight(all, model + "embeddings.token_embedding", {10, 8}, 1);
    weight(all, model + "embeddings.position_embedding", {20, 8}, 4);
    const auto linear = [&](const std::string& name, int64_t out, int64_t in) {
      weight(all, name, {out, in}, double(in));
      all[name + ".bias"] = 0.1 * torch::randn({out});
    };
    for (const char* part : {"q", "k", "v", "out"})
      linear(model + "encoder.layers.0.self_attn." + part + "_proj", 8, 8);
    linear(model + "encoder.layers.0.mlp.fc1", 16, 8);
    linear(model + "encoder.layers.0.mlp.fc2", 8, 16);
    for (const char* name : {"encoder.layers.0.layer_norm1", "encoder.layers.0.layer_norm2", "final_layer_norm"})
      norm(all, model + name, 8, false);
    return all;
  }
  static Tensors lstm() {
    Tensors all;
    weight(all, "encoder", {10, 5}, 1);
    for (const std::string direction : {"", "_reverse"}) {
      all["rnn.weight_ih_l0" + direction] = torch::randn({16, 5});
      all["rnn.weight_hh_l0" + direction] = torch::randn({16, 4});
      all["rnn.bias_ih_l0" + direction] = torch::randn({16});
      all["rnn.bias_hh_l0" + direction] = torch::randn({16});
    }
    return all;
  }
  std::filesystem::path folder;
};

class Painting : public testing::Test {
 protected:
  const Models models;
  static std::vector<MadePicture> all(const TextToImage& model, const PictureOrder& order) {
    std::vector<MadePicture> made;
    model.run(order, [&](MadePicture picture) { made.push_back(std::move(picture)); });
    return made;
  }
  static ErrorCode refusal(const TextToImage& model, const PictureOrder& order) {
    try {
      model.plan(order);
    } catch (const Failure& failure) {
      EXPECT_FALSE(failure.error.sentence.empty());
      EXPECT_THROW(model.run(order, {}), Failure);
      return failure.error.code;
    }
    return ErrorCode::internal;
  }
};

TEST_F(Painting, a_picture_depends_on_its_seed_alone) {
  for (const char* name : {"flowers", "birds"}) {
    SCOPED_TRACE(name);
    const auto model = models.load(name);
    const PictureOrder order{.prompt = "a b", .seed = 100, .count = 4};
    const auto made = all(*model, order);
    ASSERT_EQ(made.size(), 4u);
    EXPECT_EQ(made[0].seed, 100);
    const auto again = model->run_all(order);
    for (size_t i = 0; i < made.size(); ++i) {
      EXPECT_EQ(made[i].index, int(i));
      EXPECT_TRUE(again[int64_t(i)].equal(made[i].pixels));
      for (size_t k = 0; k < i; ++k) EXPECT_GT((made[i].pixels - made[k].pixels).abs().max().item<double>(), 0.02);
      EXPECT_TRUE(model->run_all({.prompt = "a b", .seed = made[i].seed})[0].equal(made[i].pixels));
    }
    EXPECT_FALSE(model->run_all({.prompt = "a b", .seed = 101})[0].equal(made[0].pixels));
    EXPECT_FALSE(model->run_all({.prompt = "a c", .seed = 100})[0].equal(made[0].pixels));
    const int threads = at::get_num_threads();
    at::set_num_threads(1);
    const auto alone = model->run_all(order);
    at::set_num_threads(threads == 1 ? 2 : threads);
    EXPECT_LE((alone - model->run_all(order)).abs().max().item<double>(), 1.0 / 255);
    at::set_num_threads(threads);
    EXPECT_GE(again.min().item<double>(), 0);
    EXPECT_LE(again.max().item<double>(), 1);
  }
}

TEST_F(Painting, seeds_are_torchs_and_do_not_repeat) {
  torch::manual_seed(42);
  EXPECT_TRUE(seeded_noise(42, {1, 100}).equal(torch::randn({1, 100})));
  std::set<int64_t> seeds;
  for (int64_t seed = 0; seed < 100; ++seed)
    for (int i = 0; i < 100; ++i) seeds.insert(picture_seed(seed, i));
  EXPECT_GE(seeds.size(), 9'998u);
  EXPECT_GE(*seeds.begin(), 0);
  EXPECT_LT(*seeds.rbegin(), int64_t(1) << 31);
}

TEST_F(Painting, sizes_words_and_attention) {
  const auto birds = models.load("birds");
  const auto facts = birds->describe();
  EXPECT_TRUE(facts.attention && facts.takes_prompt && !facts.grey && !facts.any_size);
  ASSERT_EQ(facts.sizes.size(), 3u);
  auto made = all(*birds, {.prompt = "c d?e", .all_sizes = true, .attention = true});
  ASSERT_EQ(made[0].smaller.size(), 2u);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(made[0].smaller[i].sizes(), (std::vector<int64_t>{3, facts.sizes[i].height, facts.sizes[i].width}));
  EXPECT_EQ(made[0].pixels.sizes(), (std::vector<int64_t>{3, 64, 64}));
  EXPECT_EQ(made[0].words, (std::vector<std::string>{"c", "d", "e"}));
  ASSERT_EQ(made[0].attention.size(), 2u);
  for (const auto& maps : made[0].attention) {
    EXPECT_EQ(maps.size(0), 3);
    EXPECT_LE((maps.sum(0) - 1).abs().max().item<double>(), 1e-3);
  }
  made = all(*birds, {.prompt = "c d"});
  EXPECT_TRUE(made[0].smaller.empty() && made[0].attention.empty() && made[0].words.empty());

  const auto digits = models.load("digits");
  EXPECT_TRUE(digits->describe().grey);
  const auto drawn = digits->run_all({.count = 3});
  EXPECT_EQ(drawn.sizes(), (std::vector<int64_t>{3, 3, 28, 28}));
  EXPECT_TRUE(drawn.select(1, 0).equal(drawn.select(1, 2)));
}

TEST_F(Painting, generators_of_one_and_two_branches_and_of_one_picture) {
  const auto sides = [&](const std::vector<std::string>& dropped, bool one_picture) {
    auto tensors = Models::birds();
    if (one_picture) tensors["img_net.img.0.weight"] = tensors["img_net3.img.0.weight"];
    for (const auto& start : dropped)
      std::erase_if(tensors, [&](const auto& item) { return item.first.starts_with(start); });
    models.save("birds", tensors);
    const auto model = models.load("birds");
    const auto made = all(*model, {.prompt = "a b", .all_sizes = true, .attention = true});
    std::vector<int64_t> found;
    for (const auto& smaller : made[0].smaller) found.push_back(smaller.size(1));
    found.push_back(made[0].pixels.size(1));
    EXPECT_EQ(found.size(), model->describe().sizes.size());
    EXPECT_EQ(model->describe().attention, !made[0].attention.empty());
    return found;
  };
  EXPECT_EQ(sides({"h_net3", "img_net3"}, false), (std::vector<int64_t>{16, 32}));
  EXPECT_EQ(sides({"h_net2", "h_net3", "img_net2", "img_net3"}, false), (std::vector<int64_t>{16}));
  EXPECT_EQ(sides({"img_net1", "img_net2", "img_net3"}, true), (std::vector<int64_t>{64}));
}

TEST_F(Painting, the_strongest_words_are_shown) {
  MadePicture picture;
  picture.pixels = torch::full({3, 64, 64}, 0.5);
  auto maps = torch::full({12, 32, 32}, 0.02);
  maps[3].slice(1, 0, 16).fill_(0.7);   // half of the picture
  maps[8].slice(0, 24, 32).fill_(0.9);  // a quarter of it
  picture.attention = {maps / maps.sum(0)};
  const auto views = strongest_words(picture, 3);
  ASSERT_EQ(views.size(), 3u);
  EXPECT_EQ(views[0].word, 3u);
  EXPECT_EQ(views[1].word, 8u);
  EXPECT_EQ(views[0].map.sizes(), (std::vector<int64_t>{64, 64}));
  EXPECT_NEAR(views[0].map.max().item<double>(), 1, 1e-6);
  EXPECT_GT(views[0].map[10][5].item<double>(), 0.9);
  EXPECT_LT(views[0].map[10][60].item<double>(), 0.1);
  EXPECT_GT(views[1].map[60][10].item<double>(), views[1].map[10][10].item<double>());
  EXPECT_EQ(views[2].map.abs().max().item<double>(), 0);
  EXPECT_NEAR(views[2].overlay.max().item<double>(), 0.5 * 75 / 255, 1e-5);
  EXPECT_TRUE(strongest_words(MadePicture()).empty());
}

TEST_F(Painting, variations_go_from_one_end_to_the_other) {
  for (const char* name : {"flowers", "birds"}) {
    SCOPED_TRACE(name);
    const auto model = models.load(name);
    PictureOrder order{.prompt = "a b", .seed = 7, .count = 5};
    order.vary = {.along = PictureVariation::Along::noise, .seed = 8};
    auto made = all(*model, order);
    EXPECT_TRUE(made[0].pixels.equal(model->run_all({.prompt = "a b", .seed = 7})[0]));
    EXPECT_TRUE(made[4].pixels.equal(model->run_all({.prompt = "a b", .seed = 8})[0]));
    EXPECT_EQ(made[1].share, 0.25);
    order.vary = {.along = PictureVariation::Along::text, .prompt = "g h"};
    made = all(*model, order);
    EXPECT_TRUE(made[0].pixels.equal(model->run_all({.prompt = "a b", .seed = 7})[0]));
    EXPECT_LE((made[4].pixels - model->run_all({.prompt = "g h", .seed = 7})[0]).abs().max().item<double>(), 1e-5);
    for (size_t i = 1; i < 5; ++i) EXPECT_GT((made[i].pixels - made[i - 1].pixels).abs().max().item<double>(), 1e-3);
  }
  const auto a = seeded_noise(1, {5000}), b = seeded_noise(2, {5000});
  EXPECT_NEAR(noise_between(a, b, 0.5).std().item<double>(), 1, 0.05);  // the straight line's middle has 0.71
  EXPECT_LE((noise_between(a, a, 0.5) - a).abs().max().item<double>(), 1e-6);
}

TEST_F(Painting, refuses_what_it_cannot_paint) {
  const auto birds = models.load("birds"), digits = models.load("digits");
  EXPECT_EQ(refusal(*birds, {.prompt = ""}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*birds, {.prompt = "x y"}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*digits, {.prompt = "a"}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*birds, {.prompt = "a", .count = 0}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*birds, {.prompt = "a", .seed = -1}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*birds, {.prompt = "a", .width = 65}), ErrorCode::bad_argument);
  EXPECT_EQ(refusal(*birds, {.prompt = "a", .memory_bytes = 1000}), ErrorCode::out_of_memory);
  EXPECT_GT(birds->plan({.prompt = "a", .width = 64, .height = 64}).run_bytes, 0);
  EXPECT_EQ(birds->read("a y").unknown_words, std::vector<std::string>{"y"});
}

TEST_F(Painting, stops_where_watch_throws) {
  for (const char* name : {"flowers", "birds"}) {
    const auto model = models.load(name);
    int delivered = 0;
    double last = -1;
    const auto watch = [&](double done) {
      EXPECT_GE(done, last);
      if ((last = done) > 0.6) throw Cancelled();
    };
    EXPECT_THROW(model->run(
                     {.prompt = "a", .count = 4}, [&](MadePicture) { ++delivered; }, watch),
                 Cancelled);
    EXPECT_EQ(delivered, 2);
    EXPECT_LT(last, 0.75);
  }
}

TEST_F(Painting, parts_must_be_there_and_fit) {
  const auto code = [](const TextToImageFiles& files) { return load_text_to_image(files).error().code; };
  auto files = models.files("birds");
  files.text_encoder.clear();
  EXPECT_EQ(code(files), ErrorCode::model_missing);
  files = models.files("flowers");
  files.tokenizer = nullptr;
  EXPECT_EQ(code(files), ErrorCode::model_missing);
  files.tokenizer = std::make_shared<Letters>(true);
  files.text_encoder = models.folder / "lstm";
  EXPECT_EQ(code(files), ErrorCode::model_unsupported);
  files = models.files("clip");
  EXPECT_EQ(code(files), ErrorCode::model_unsupported);
  files = models.files("nowhere");
  EXPECT_EQ(code(files), ErrorCode::file_unreadable);

  auto tensors = Models::lstm();
  tensors["encoder.weight"] = torch::randn({6, 5});
  models.save("lstm", tensors);
  EXPECT_EQ(code(models.files("birds")), ErrorCode::model_damaged);
  for (const char* missing : {"h_net2.residual.0.block.4.running_var", "img_net2.img.0.weight", "ca_net.fc.bias"}) {
    tensors = Models::birds();
    tensors.erase(missing);
    models.save("birds", tensors);
    EXPECT_EQ(code(models.files("birds")), ErrorCode::model_damaged) << missing;
  }
}

}  // namespace
}  // namespace pinxit
