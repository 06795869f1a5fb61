// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <torch/types.h>
#include <torch/version.h>

#include "engine/base/text.h"
#include "engine/compute/convolutions_choice.h"
#include "engine/compute/device.h"
#include "engine/compute/kernels.h"
#include "engine/compute/memory.h"
#include "engine/operations/fast_style.h"
#include "engine/operations/generate.h"
#include "engine/operations/neural_style.h"
#include "engine/requests/json_building.h"

namespace pinxit {

struct Workshop::State {
  ModelShelf shelf;
  GeneratorShelf generators;
  Learnt learnt;
};

Workshop::Workshop() : state_(std::make_unique<State>()) {}
Workshop::~Workshop() = default;

namespace {

/// Runs an operation; what LibTorch throws becomes an Error a painter understands. `forget` frees what was learnt.
template <class Work>
Result<std::string> told(Work&& work, const std::function<void()>& forget, const char* gpu_hint) {
  return guarded([&]() -> std::string {
    try {
      return work();
    } catch (const c10::OutOfMemoryError&) {
      forget();
      throw Failure(ErrorCode::out_of_memory, _("The GPU has too little free memory for this picture."), gpu_hint);
    } catch (const std::bad_alloc&) {
      forget();
      throw;
    } catch (const c10::Error& problem) {
      const std::string text = problem.what_without_backtrace();
      if (text.find("alloc") != std::string::npos && text.find("memory") != std::string::npos)
        throw Failure(out_of_memory_error());
      throw Failure(ErrorCode::internal, text.substr(0, text.find('\n')));
    }
  });
}

}  // namespace

Result<std::string> Workshop::fast_style(const FastStyleRequest& request, Task& task) {
  return told([&] { return run_fast_style(request, task, state_->shelf, state_->learnt); },
              [&] { state_->learnt.clear(); }, _("Choose the device cpu, or set a smaller maximum size."));
}

Result<std::string> Workshop::neural_style(const NeuralStyleRequest& request, Task& task) {
  return told([&] { return run_neural_style(request, task, state_->shelf); }, [&] { state_->learnt.clear(); },
              _("Choose the device cpu, or a smaller size."));
}

Result<std::string> Workshop::evaluate(const NeuralStyleRequest& request, Task& task) {
  return told([&] { return run_evaluation(request, task, state_->shelf); }, [&] { state_->learnt.clear(); },
              _("Choose the device cpu, or smaller pictures."));
}

Result<std::string> Workshop::generate(const GenerateRequest& request, Task& task) {
  return told([&] { return run_generate(request, task, state_->generators); }, [&] { state_->learnt.clear(); },
              _("Choose the device cpu, or another model."));
}

Result<std::string> Workshop::read_prompt(const GenerateRequest& request, Task& task) {
  return told([&] { return run_read_prompt(request, task, state_->generators); }, [&] { state_->learnt.clear(); },
              _("Choose the device cpu, or another model."));
}

std::string Workshop::describe() {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_builder_set_member_name(json, "devices");
  json_builder_begin_array(json);
  for (const auto& name : devices_here()) json_builder_add_string_value(json, name.c_str());
  json_builder_end_array(json);
  json_add(json, "libtorch", TORCH_VERSION);
  json_add(json, "threads", at::get_num_threads());
  json_add(json, "kernels", kernels().name);
  json_add(json, "free_memory", free_memory(torch::kCPU));
  json_builder_set_member_name(json, "models");
  json_builder_begin_array(json);
  for (const auto& net : state_->shelf.nets()) json_builder_add_string_value(json, net->entry.title.c_str());
  for (const auto& encoder : state_->shelf.encoders())
    json_builder_add_string_value(json, encoder->entry.title.c_str());
  for (const auto& generator : state_->generators.generators())
    json_builder_add_string_value(json, generator->files.entry.title.c_str());
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_text(json);
}

void Workshop::forget() {
  state_->shelf.clear();
  state_->generators.clear();
  state_->learnt.clear();
  rest();
}

void Workshop::rest() {
  release_convolution_workspace();
  malloc_trim(0);
}

}  // namespace pinxit
