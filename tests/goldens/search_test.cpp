// SPDX-License-Identifier: Apache-2.0
//
// Neural Style's search against goldens/gatys: the trajectory of 50 Adam steps, the bound of 100 evaluations of L-BFGS;
// what every preset records; ends asked for in the middle; memory that runs out.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/optimise/resize.h"
#include "engine/optimise/search.h"
#include "engine/pictures/files.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

const std::string shared = PINXIT_SHARED_DATA;
const std::string folder = shared + "/goldens/gatys";
const std::string encoder_file = shared + "/models/vgg19/vgg19-16x.safetensors";

#define SKIP_WITHOUT_GOLDENS()                                                          \
  if (!std::filesystem::exists(folder) || !std::filesystem::exists(encoder_file))       \
  GTEST_SKIP() << "skipped: needs ../shared/goldens/gatys and ../shared/models/vgg19"

/// [1,3,H,W] 0..1.
torch::Tensor picture(const std::string& path) {
  const auto file = read_picture(path).take();
  const auto rgba = torch::from_blob(const_cast<float*>(file.pixels.data.data()),
                                     {file.pixels.height, file.pixels.width, 4}, torch::kFloat32);
  return ((rgba.slice(2, 0, 3) * 255).round() / 255).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

std::shared_ptr<const Vgg19> encoder() {
  static const auto net =
      std::make_shared<const Vgg19>(Vgg19::load(encoder_file, torch::kCPU, torch::kFloat32).take());
  return net;
}

JsonObject* golden(const char* name) {
  static JsonParser* parser = [] {
    JsonParser* made = json_parser_new();
    json_parser_load_from_file(made, (folder + "/index.json").c_str(), nullptr);
    return made;
  }();
  return json_object_get_object_member(json_node_get_object(json_parser_get_root(parser)), name);
}

std::string golden_picture(JsonObject* object, const char* name) {
  const std::string file = json_object_get_string_member(object, name);
  return std::filesystem::exists(folder + "/" + file) ? folder + "/" + file : shared + "/goldens/" + file;
}

/// The pictures of the goldens, 192 × 256, with the content as start.
SearchInputs usual_inputs(const NeuralPreset& preset) {
  SearchInputs inputs;
  inputs.net = encoder();
  inputs.preset = preset;
  inputs.content = picture(shared + "/goldens/inputs/kodim23_192x256.png");
  inputs.styles.push_back({picture(shared + "/goldens/inputs/starry-night_h192.png"), 1, {}});
  return inputs;
}

SearchPlan plan_for(const SearchInputs& inputs, int iterations, int64_t tile_side = 0) {
  return plan_search(inputs.preset.schedule, iterations, size_of(inputs.content),
                     [=](SearchSize) { return tile_side; });
}

double mean_levels(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a * 255).round() - (b * 255).round()).abs().mean(torch::kFloat64).item<double>();
}

NeuralPreset adam50_preset(double average) {
  NeuralPreset preset = neural_preset("crowsonkb").take();
  preset.schedule.coarsest = 0;
  preset.schedule.steps = 1;
  preset.schedule.average = average;
  return preset;
}

TEST(Search, follows_the_golden_trajectory_of_adam) {
  SKIP_WITHOUT_GOLDENS();
  JsonObject* adam50 = golden("adam50");
  const auto inputs = usual_inputs(adam50_preset(0));
  const auto end = search(inputs, plan_for(inputs, 50), {});
  JsonArray* losses = json_object_get_array_member(adam50, "loss_before_step");
  ASSERT_EQ(json_array_get_length(losses), 50u);
  ASSERT_EQ(end.losses.size(), 51u);
  for (guint i = 0; i < 50; ++i) {
    const double expected = json_array_get_double_element(losses, i);
    EXPECT_NEAR(end.losses[i].total, expected, 1e-3 * expected) << "before step " << i;
  }
  const double last = json_object_get_double_member(adam50, "final_total");
  EXPECT_NEAR(end.losses[50].total, last, 1e-3 * last);
  EXPECT_LE(mean_levels(end.picture, picture(golden_picture(adam50, "image_png"))), 0.5);
}

TEST(Search, has_the_golden_mean_of_the_iterates) {
  SKIP_WITHOUT_GOLDENS();
  auto preset = adam50_preset(0.99);
  preset.schedule.steps = 5;  // states in between change nothing
  const auto inputs = usual_inputs(preset);
  const auto end = search(inputs, plan_for(inputs, 10), {});
  EXPECT_LE(mean_levels(end.picture, picture(golden_picture(golden("adam50"), "ema_png"))), 0.25);
}

TEST(Search, lbfgs_gets_as_low_as_the_reference_in_100_evaluations) {
  SKIP_WITHOUT_GOLDENS();
  JsonObject* runs = json_object_get_object_member(golden("lbfgs100"), "runs");
  for (const char* name : {"content", "mix", "grey"}) {
    JsonObject* run = json_object_get_object_member(runs, name);
    ASSERT_TRUE(run);
    NeuralPreset preset = neural_preset("classic").take();
    preset.schedule.steps = 10;
    preset.schedule.count_evaluations = true;
    auto inputs = usual_inputs(preset);
    inputs.start = picture(golden_picture(run, "start_png"));
    const auto end = search(inputs, plan_for(inputs, 10), {});
    const double first = json_object_get_double_member(run, "first_loss");
    EXPECT_NEAR(end.losses.front().total, first, 1e-4 * first);
    EXPECT_LE(end.losses.back().total, json_object_get_double_member(run, "bound_smallest_total")) << name;
    RecordProperty(std::string("lbfgs_") + name, std::to_string(end.losses.back().total));
    printf("    %s: %.2f, bound %.2f\n", name, end.losses.back().total,
           json_object_get_double_member(run, "bound_smallest_total"));
  }
}

TEST(Search, ten_iterations_are_eleven_falling_states_with_every_preset) {
  SKIP_WITHOUT_GOLDENS();
  for (NeuralPreset preset : neural_presets()) {
    SCOPED_TRACE(preset.id);
    preset.schedule.steps = std::min(preset.schedule.steps, 5);
    const auto inputs = usual_inputs(preset);
    std::vector<SearchState> states;
    double done = 0;
    SearchEvents events;
    events.state = [&](const SearchState& state) { states.push_back(state); };
    events.progress = [&](double now) {
      EXPECT_GE(now, done);
      done = now;
    };
    const auto end = search(inputs, plan_for(inputs, 10), events);
    ASSERT_EQ(states.size(), 11u);
    ASSERT_EQ(end.losses.size(), 11u);
    EXPECT_FALSE(end.finished_early);
    EXPECT_NEAR(done, 1, 1e-9);
    for (int i = 0; i <= 10; ++i) {
      EXPECT_EQ(states[size_t(i)].iteration, i);
      EXPECT_EQ(states[size_t(i)].of, 10);
      EXPECT_EQ(states[size_t(i)].losses.total, end.losses[size_t(i)].total);
      EXPECT_GE(states[size_t(i)].picture.min().item<double>(), 0);
      EXPECT_LE(states[size_t(i)].picture.max().item<double>(), 1);
    }
    EXPECT_LT(end.losses[10].total, 0.7 * end.losses[0].total);
    EXPECT_LE(end.losses[10].total, end.losses[5].total);
    EXPECT_EQ(size_of(states[10].picture), size_of(inputs.content));
    EXPECT_TRUE(end.picture.equal(states[10].picture));
  }
}

TEST(Search, same_inputs_same_picture_and_the_seed_matters) {
  SKIP_WITHOUT_GOLDENS();
  NeuralPreset preset = neural_preset("best").take();
  preset.schedule.steps = 3;
  auto inputs = usual_inputs(preset);
  inputs.start_from = "noise";
  const auto one = search(inputs, plan_for(inputs, 5), {}), two = search(inputs, plan_for(inputs, 5), {});
  EXPECT_TRUE(one.picture.equal(two.picture));
  inputs.seed = 1;
  EXPECT_GT(mean_levels(one.picture, search(inputs, plan_for(inputs, 5), {}).picture), 0.1);
}

TEST(Search, finish_ends_within_one_step_with_the_last_state) {
  SKIP_WITHOUT_GOLDENS();
  for (const char* id : {"best", "classic"}) {
    SCOPED_TRACE(id);
    NeuralPreset preset = neural_preset(id).take();
    preset.schedule.steps = 6;
    const auto inputs = usual_inputs(preset);
    std::stop_source finish;
    int steps = 0, after = 0;
    torch::Tensor last;
    SearchEvents events;
    events.finish = finish.get_token();
    events.state = [&](const SearchState& state) { last = state.picture.clone(); };
    events.glimpse = [&](const torch::Tensor&) {
      if (finish.stop_requested()) ++after;
      if (++steps == 20) finish.request_stop();  // two steps after the third state
    };
    const auto end = search(inputs, plan_for(inputs, 10), events);
    EXPECT_TRUE(end.finished_early);
    EXPECT_EQ(after, 0);
    EXPECT_EQ(end.losses.size(), 4u);
    EXPECT_EQ(size_of(end.picture), size_of(inputs.content));
    EXPECT_TRUE(end.picture.equal(resized(last, size_of(inputs.content))));
  }
}

TEST(Search, finish_before_the_first_state_gives_the_start) {
  SKIP_WITHOUT_GOLDENS();
  const auto inputs = usual_inputs(neural_preset("classic").take());
  std::stop_source finish;
  finish.request_stop();
  SearchEvents events;
  events.finish = finish.get_token();
  const auto end = search(inputs, plan_for(inputs, 10), events);
  EXPECT_TRUE(end.finished_early);
  EXPECT_EQ(end.losses.size(), 1u);
  EXPECT_TRUE(end.picture.equal(inputs.content));
}

TEST(Search, stop_throws_within_one_step) {
  SKIP_WITHOUT_GOLDENS();
  const auto inputs = usual_inputs(neural_preset("best").take());
  std::stop_source stop;
  int steps = 0;
  SearchEvents events;
  events.stop = stop.get_token();
  events.glimpse = [&](const torch::Tensor&) {
    if (++steps == 7) stop.request_stop();
  };
  EXPECT_THROW(search(inputs, plan_for(inputs, 10), events), Cancelled);
  EXPECT_EQ(steps, 7);
}

TEST(Search, masks_guide_two_paintings) {
  SKIP_WITHOUT_GOLDENS();
  NeuralPreset preset = neural_preset("best").take();
  preset.schedule.coarsest = 0;
  preset.schedule.steps = 4;
  auto inputs = usual_inputs(preset);
  inputs.content = torch::full({1, 3, 96, 128}, 0.5);
  auto left = torch::zeros({1, 1, 96, 128});
  left.slice(3, 0, 64).fill_(1);
  // Flat colours as paintings: each half takes its own.
  const auto flat = [](double r, double g, double b) {
    return torch::tensor({r, g, b}, torch::kFloat32).view({1, 3, 1, 1}).expand({1, 3, 96, 128}).contiguous();
  };
  inputs.styles = {{flat(0.9, 0.2, 0.1), 1, left}, {flat(0.1, 0.2, 0.9), 1, 1 - left}};
  const auto mean = search(inputs, plan_for(inputs, 10), {}).picture.mean({2}).mean({0});  // [3,W]
  const auto red = mean[0] - mean[2];
  EXPECT_GT(red.slice(0, 4, 48).min().item<double>(), 0.1);
  EXPECT_LT(red.slice(0, 80, 124).max().item<double>(), -0.1);
}

/// LibTorch's memory with a limit to single blocks, as a computer with little memory would set one.
class NarrowAllocator : public c10::Allocator {
 public:
  explicit NarrowAllocator(c10::Allocator* inner) : inner_(inner) {}
  c10::DataPtr allocate(size_t bytes) override {
    if (limit > 0 && bytes > limit) {
      ++refused;
      throw std::bad_alloc();
    }
    return inner_->allocate(bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }
  void copy_data(void* to, const void* from, std::size_t count) const override { inner_->copy_data(to, from, count); }
  size_t limit = 0;
  int refused = 0;

 private:
  c10::Allocator* inner_;
};

TEST(Search, goes_on_with_smaller_tiles_when_memory_runs_out) {
  SKIP_WITHOUT_GOLDENS();
  NeuralPreset preset = neural_preset("best").take();
  preset.schedule.coarsest = 0;
  preset.schedule.steps = 1;
  auto inputs = usual_inputs(preset);
  inputs.content = resized(inputs.content, {768, 576});
  const auto whole = search(inputs, plan_for(inputs, 5), {});
  auto* usual = c10::GetCPUAllocator();
  NarrowAllocator narrow(usual);
  c10::SetCPUAllocator(&narrow, 100);
  std::vector<std::string> notes;
  SearchEvents events;
  events.note = [&](const std::string& sentence) { notes.push_back(sentence); };
  events.state = [&](const SearchState& state) {
    // A feature plane of the whole picture (28 MB) no longer fits, and after the second state no quarter (11 MB).
    narrow.limit = state.iteration >= 2 ? size_t(8) << 20 : state.iteration == 1 ? size_t(20) << 20 : 0;
  };
  SearchEnd end;
  std::exception_ptr problem;
  try {
    end = search(inputs, plan_for(inputs, 5), events);
  } catch (...) {
    problem = std::current_exception();
  }
  narrow.limit = 0;
  c10::SetCPUAllocator(usual, 100);
  if (problem) std::rethrow_exception(problem);
  EXPECT_GE(notes.size(), 2u);
  EXPECT_GE(narrow.refused, 2);
  EXPECT_GE(end.tile_side, 128);
  EXPECT_LT(end.tile_side, 384);
  ASSERT_EQ(end.losses.size(), 6u);
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(end.losses[i].total, whole.losses[i].total, 2e-3 * whole.losses[i].total);
}

TEST(Search, passes_on_what_no_tile_can_help) {
  SKIP_WITHOUT_GOLDENS();
  const auto inputs = usual_inputs(adam50_preset(0.99));
  auto* usual = c10::GetCPUAllocator();
  NarrowAllocator narrow(usual);
  c10::SetCPUAllocator(&narrow, 100);
  SearchEvents events;
  std::vector<std::string> notes;
  events.note = [&](const std::string& sentence) { notes.push_back(sentence); };
  events.state = [&](const SearchState&) { narrow.limit = 1000; };
  EXPECT_THROW(search(inputs, plan_for(inputs, 5), events), std::bad_alloc);
  narrow.limit = 0;
  c10::SetCPUAllocator(usual, 100);
  EXPECT_EQ(notes.size(), 1u);  // 256 pixels, then 128
}

}  // namespace
}  // namespace pinxit
