// SPDX-License-Identifier: Apache-2.0
//
// The rectified flow against what its training script paints (tests/goldens/make_rectified_flow.py), its words, its
// refusals; and the starter that comes with Pinxit, where there is one.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "engine/nets/rectified_flow_unet.h"
#include "engine/nets/rectified_flow_words.h"
#include "engine/nets/text_to_image.h"
#include "engine/weights/safetensors.h"
#include "tests/support/save_tensors.h"

namespace pinxit {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;
using Metadata = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

/// Uniform numbers -1..1, as make_rectified_flow.py has them.
torch::Tensor spread(uint64_t number, const std::vector<int64_t>& shape, double base, double scale) {
  auto values = torch::empty(shape);
  float* at = values.mutable_data_ptr<float>();
  for (uint64_t i = 0; i < uint64_t(values.numel()); ++i) {
    uint64_t x = ((number << 32) + i) * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    at[i] = float(base + scale * (double((x ^ (x >> 31)) >> 11) / 0x1p52 - 1));
  }
  return values.to(torch::kHalf);
}

class Flow : public testing::Test {
 protected:
  Flow() {
    std::string name = std::filesystem::temp_directory_path() / "pinxit-flow-XXXXXX";
    folder_ = mkdtemp(name.data());
    at::set_num_threads(1);  // of nets this small, several threads wait for each other most of the time
    metadata = golden.metadata();
    uint64_t number = 0;
    for (const auto& line : lines(metadata.at("layout"))) {
      std::istringstream fields(line);
      std::string tensor;
      double base = 0, scale = 0;
      fields >> tensor >> base >> scale;
      std::vector<int64_t> shape;
      for (int64_t size = 0; fields >> size;) shape.push_back(size);
      tensors[tensor] = spread(number++, shape, base, scale);
    }
    prompts = lines(metadata.at("prompts"));
  }
  ~Flow() override { std::filesystem::remove_all(folder_); }

  Result<std::shared_ptr<const TextToImage>> load(torch::ScalarType type = torch::kFloat32) const {
    const std::string path = folder_ / "flow.safetensors";
    EXPECT_TRUE(save_safetensors(path, tensors, metadata));
    return load_text_to_image({.generator = path, .type = type});
  }
  static double largest_error(const torch::Tensor& a, const torch::Tensor& b) {
    EXPECT_EQ(a.sizes(), b.sizes());
    return (a - b).abs().max().item<double>();
  }

  const Safetensors golden = Safetensors::open(PINXIT_GOLDENS "/rectified_flow.safetensors").take();
  Tensors tensors;
  Metadata metadata;
  std::vector<std::string> prompts;

 private:
  std::filesystem::path folder_;
};

TEST_F(Flow, paints_what_its_training_script_paints) {
  const auto model = load().take();
  const auto facts = model->describe();
  EXPECT_EQ(facts.kind, "rectified-flow");
  EXPECT_EQ(facts.parameters, std::stoll(metadata.at("parameters")));
  EXPECT_EQ(facts.sizes.back().width, 16);
  EXPECT_TRUE(facts.takes_prompt && !facts.attention && !facts.any_size && !facts.grey);
  const auto pictures = golden.tensor("pictures");
  for (int i = 0; i < 2; ++i) {
    const auto made = model->run_all({.prompt = prompts[size_t(i)], .seed = 100 + i});
    EXPECT_LE(largest_error(made * 2 - 1, pictures.slice(0, i, i + 1)), 1e-4) << prompts[size_t(i)];
  }
  // Reduced precision stays near.
  const auto half = load(torch::kBFloat16).take()->run_all({.prompt = prompts[0], .seed = 100});
  EXPECT_LE((half * 2 - 1 - pictures[0]).abs().mean().item<double>(), 0.02);
}

TEST_F(Flow, velocities_and_sizes) {
  load().take();
  Tensors single;
  for (const auto& [name, tensor] : tensors) single[name] = tensor.to(torch::kFloat32);
  const std::string path = std::filesystem::temp_directory_path() / ("pinxit-flow-" + std::to_string(getpid()));
  ASSERT_TRUE(save_safetensors(path, single));
  const auto net = RectifiedFlowUnet::load(Safetensors::open(path).take(), torch::kCPU, torch::kFloat32);
  std::filesystem::remove(path);
  EXPECT_EQ(net.side_step(), 8);
  EXPECT_EQ(net.vocabulary(), 6);
  EXPECT_EQ(net.weight_bytes(), 4 * net.parameters());
  auto words = torch::zeros({2, 6});
  words[0][2] = words[0][4] = words[1][1] = words[1][3] = words[1][5] = 1;  // red tulip, white lily valley
  const auto noise = torch::cat({seeded_noise(100, {1, 3, 16, 16}), seeded_noise(101, {1, 3, 16, 16})});
  EXPECT_LE(largest_error(net.run(noise, 0.25, words), golden.tensor("velocity")), 2e-5);
  EXPECT_EQ(net.run(torch::randn({1, 3, 24, 40}), 0, words.slice(0, 0, 1)).sizes(),
            (std::vector<int64_t>{1, 3, 24, 40}));
  EXPECT_THROW(net.run(torch::randn({1, 3, 20, 16}), 0, words.slice(0, 0, 1)), Failure);
  EXPECT_GT(net.run_bytes(128, 2), net.run_bytes(64, 2));
}

TEST_F(Flow, a_picture_depends_on_its_seed_alone) {
  const auto model = load().take();
  const PictureOrder order{.prompt = "a red tulip", .seed = 100, .count = 3};
  std::vector<MadePicture> made;
  model->run(order, [&](MadePicture picture) { made.push_back(std::move(picture)); });
  ASSERT_EQ(made.size(), 3u);
  for (const auto& picture : made)
    EXPECT_TRUE(model->run_all({.prompt = "red tulips!", .seed = picture.seed})[0].equal(picture.pixels));
  EXPECT_GT(largest_error(made[0].pixels, made[1].pixels), 0.1);
  EXPECT_GT(largest_error(model->run_all({.prompt = "white tulip", .seed = 100})[0], made[0].pixels), 0.01);
  at::set_num_threads(2);
  EXPECT_LE(largest_error(model->run_all({.prompt = "red tulip", .seed = 100})[0], made[0].pixels), 1.0 / 255);
  at::set_num_threads(1);

  PictureOrder way{.prompt = "red tulip", .seed = 7, .count = 3};
  way.vary = {.along = PictureVariation::Along::text, .prompt = "white lily"};
  const auto steps = model->run_all(way);
  EXPECT_TRUE(steps[0].equal(model->run_all({.prompt = "red tulip", .seed = 7})[0]));
  EXPECT_LE(largest_error(steps[2], model->run_all({.prompt = "white lily", .seed = 7})[0]), 1e-5);
  EXPECT_GT(largest_error(steps[0], steps[1]), 1e-3);
}

TEST_F(Flow, words_that_say_only_flower_are_no_guidance) {
  const auto model = load().take();
  const auto any = model->run_all({.prompt = "a flower", .seed = 5});
  metadata["guidance"] = "1";
  EXPECT_TRUE(load().take()->run_all({.prompt = "Flowers", .seed = 5}).equal(any));
  // With guidance 1 words are followed as trained, in one picture instead of two.
  EXPECT_GT(largest_error(load().take()->run_all({.prompt = "red", .seed = 5}), any), 0.01);
}

TEST_F(Flow, stops_within_a_step) {
  const auto model = load().take();
  int heard = 0, delivered = 0;
  const auto stop_in_second = [&](double done) {
    ++heard;
    if (done > 0.7) throw Cancelled();
  };
  EXPECT_THROW(model->run(
                   {.prompt = "red", .count = 2}, [&](MadePicture) { ++delivered; }, stop_in_second),
               Cancelled);
  EXPECT_EQ(delivered, 1);
  // The beginning, four steps and the end of the first picture, two steps of the second.
  EXPECT_EQ(heard, 1 + 4 + 1 + 2);
}

TEST_F(Flow, refuses_prompts_it_cannot_read) {
  const auto model = load().take();
  const auto refusal = [&](const PictureOrder& order) {
    try {
      model->plan(order);
    } catch (const Failure& failure) {
      return failure.error;
    }
    return Error{};
  };
  EXPECT_EQ(refusal({.prompt = ""}).code, ErrorCode::bad_argument);
  EXPECT_NE(refusal({.prompt = "green mountain"}).sentence.find("“mountain”"), std::string::npos);
  EXPECT_EQ(refusal({.prompt = "red \xFF"}).code, ErrorCode::bad_argument);
  EXPECT_EQ(refusal({.prompt = "red", .width = 32}).code, ErrorCode::bad_argument);
  EXPECT_EQ(refusal({.prompt = "red", .memory_bytes = 1000}).code, ErrorCode::out_of_memory);
  EXPECT_GT(model->plan({.prompt = "red"}).run_bytes, 3 * 16 * 16 * 4);
}

TEST_F(Flow, files_are_whole_or_damaged) {
  const auto code = [&] {
    const auto loaded = load();
    return loaded ? ErrorCode::internal : loaded.error().code;
  };
  EXPECT_EQ(code(), ErrorCode::internal);  // sound
  const auto whole = tensors;
  int turn = 0;
  for (const auto& [name, tensor] : whole) {
    // Without these it is no flow at all, or a smaller one.
    if (name == "words.weight" || name == "time.0.weight" || name == "first.weight" || name == "middle.1.all.weight")
      continue;
    tensors.erase(name);
    EXPECT_EQ(code(), ErrorCode::model_damaged) << "without " << name;
    if (++turn % 8 == 0) {
      tensors[name] = torch::cat({tensor, tensor});
      EXPECT_EQ(code(), ErrorCode::model_damaged) << "twice the " << name;
    }
    tensors[name] = tensor;
  }
  const auto facts = metadata;
  for (const auto& [name, wrong] :
       std::map<std::string, Words>{{"size", {"", "12", "0", "99999", "16x"}},
                                    {"steps", {"0", "-1", "four"}},
                                    {"guidance", {"nan", "-1", ""}},
                                    {"words", {"", "<end> white", "<end> white red lily tulip tulip"}}}) {
    for (const auto& value : wrong) {
      metadata[name] = value;
      EXPECT_EQ(code(), ErrorCode::model_damaged) << name << " is " << value;
    }
    metadata.erase(name);
    EXPECT_EQ(code(), ErrorCode::model_damaged) << "without " << name;
    metadata = facts;
  }
}

TEST_F(Flow, of_too_many_levels_are_damaged) {
  constexpr int levels = 64, width = 32;  // 2^64 has no bits left: every side seems to fit
  const int64_t condition = tensors.at("words.weight").size(0);
  const auto add = [&](const std::string& name, const std::vector<int64_t>& shape) {
    tensors[name + ".weight"] = torch::zeros(shape, torch::kHalf);
    tensors[name + ".bias"] = torch::zeros({shape[0]}, torch::kHalf);
  };
  const auto add_block = [&](const std::string& name, int64_t in) {
    add(name + ".norm1", {in});
    add(name + ".conv1", {width, in, 3, 3});
    add(name + ".norm2", {width});
    add(name + ".conv2", {width, width, 3, 3});
    add(name + ".condition", {2 * width, condition});
    if (in != width) add(name + ".skip", {width, in, 1, 1});
  };
  std::erase_if(tensors,
                [](const auto& one) { return !one.first.starts_with("words.") && !one.first.starts_with("time."); });
  add("first", {width, 12, 3, 3});
  for (int level = 0; level < levels; ++level) {
    add_block("down." + std::to_string(2 * level), width);
    add_block("up." + std::to_string(2 * level), 2 * width);
  }
  for (const char* name : {"middle.0", "middle.2"}) add_block(name, width);
  add("middle.1.norm", {width});
  add("middle.1.all", {3 * width, width, 1, 1});
  add("middle.1.out", {width, width, 1, 1});
  add("norm", {width});
  add("last", {12, width, 3, 3});
  const auto loaded = load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::model_damaged);
  EXPECT_NE(loaded.error().sentence.find("“down.21”"), std::string::npos) << loaded.error().sentence;
}

TEST(RectifiedFlowWords, reads_what_it_knows_and_tells_the_rest) {
  const auto words =
      RectifiedFlowWords::make({"<end>", "red", "white", "tulip", "daisy", "iris", "lily", "valley"}).take();
  EXPECT_EQ(words->size(), 8);
  const auto read = [&](const std::string& prompt) { return words->read(prompt); };
  EXPECT_EQ(read("A RED tulip").words, (Words{"red", "tulip"}));
  EXPECT_EQ(read("A RED tulip").ids, (std::vector<int64_t>{1, 3}));
  EXPECT_TRUE(read("the lily-of-the-valley").unknown_words.empty());
  EXPECT_EQ(read("lily\nof\tthe  valley.").words, (Words{"lily", "valley"}));
  EXPECT_EQ(read("tulips, daisies; irises").words, (Words{"tulip", "daisy", "iris"}));
  EXPECT_EQ(read("the tulip's “white”… the daisy’s").words, (Words{"tulip", "white", "daisy"}));
  EXPECT_TRUE(read("the tulip's “white”… the daisy’s").unknown_words.empty());
  EXPECT_EQ(read("red red tulip, red").words, (Words{"red", "tulip"}));
  EXPECT_EQ(read("two flowers").ids, std::vector<int64_t>{0});
  EXPECT_EQ(read("two flowers").unknown_words, Words{"two"});
  EXPECT_EQ(read("rosé Tulpe 🌷 郁金香, Tulpe <end> 7").unknown_words,
            (Words{"rosé", "tulpe", "🌷", "郁金香", "end", "7"}));
  EXPECT_TRUE(read("").words.empty() && read(" …, ").unknown_words.empty() && read("a the").words.empty());
  for (const char* wrong : {"\xFF", "red \xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
    EXPECT_THROW(read(wrong), Failure) << wrong;
  EXPECT_THROW(read(std::string("red\0tulip", 9)), Failure);
  for (const auto& wrong : {Words{}, Words{"<end>"}, Words{"<end>", "red", "red"}, Words{"<end>", ""}})
    EXPECT_EQ(RectifiedFlowWords::make(wrong).error().code, ErrorCode::model_damaged);
}

TEST(Starter, paints_every_prompt_of_its_sheet) {
  std::vector<std::filesystem::path> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(PINXIT_MODELS "/text", none)) {
    const auto weights = entry.path() / (entry.path().filename().string() + ".safetensors");
    if (std::filesystem::exists(weights)) found.push_back(weights);
  }
  ASSERT_FALSE(found.empty()) << "no starter in models/text";
  for (const auto& weights : found) {
    SCOPED_TRACE(weights);
    const auto model = load_text_to_image({.generator = weights}).take();
    std::map<std::string, torch::Tensor> colour;  // mean of the middle, red green blue
    const auto start = std::chrono::steady_clock::now();
    int pictures = 0;
    for (const std::string prompt : {"red tulip", "yellow tulip", "white daisy", "yellow sunflower", "pink rose",
                                     "red rose", "purple iris", "orange tigerlily"}) {
      EXPECT_TRUE(model->read(prompt).unknown_words.empty()) << prompt;
      const auto made = model->run_all({.prompt = prompt, .count = 5});
      EXPECT_TRUE(made.isfinite().all().item<bool>());
      EXPECT_GT((made[0] - made[1]).abs().mean().item<double>(), 0.02) << prompt;
      const int64_t side = made.size(2), edge = side / 4;
      colour[prompt] = made.slice(2, edge, side - edge).slice(3, edge, side - edge).mean({0, 2, 3});
      pictures += 5;
    }
    std::cout << weights.filename().string() << ": "
              << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / pictures
              << " s a picture\n";
    const auto at = [&](const char* prompt, int channel) { return colour.at(prompt)[channel].item<double>(); };
    EXPECT_GT(at("red tulip", 0) - at("red tulip", 1), at("yellow tulip", 0) - at("yellow tulip", 1));
    EXPECT_GT(at("purple iris", 2) - at("purple iris", 1), at("yellow sunflower", 2) - at("yellow sunflower", 1));
    EXPECT_GT(at("pink rose", 2), at("red rose", 2));
  }
}

}  // namespace
}  // namespace pinxit
