// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/neural_desk.h"

#include "engine/base/text.h"
#include "engine/compute/device.h"
#include "engine/operations/encoders.h"
#include "engine/requests/json.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

torch::ScalarType type_of(const std::string& precision) {
  if (precision == "fp64") return torch::kFloat64;
  if (precision == "bf16") return torch::kBFloat16;
  return torch::kFloat32;
}

std::shared_ptr<const ShelvedEncoder> take_encoder(const ModelEntry& entry, const NeuralDesk& desk, const Task& task,
                                                   ModelShelf& shelf) {
  if (!shelf.has_encoder(entry, desk.device, desk.type)) tell(task, Event::Kind::loading, entry.title);
  return shelf.encoder(entry, desk.device, desk.type);
}

}  // namespace

const char* NeuralDesk::precision() const {
  return type == torch::kFloat64 ? "fp64" : type == torch::kBFloat16 ? "bf16" : "fp32";
}

void tell(const Task& task, Event::Kind kind, const std::string& text) {
  if (!task.emit) return;
  Event event;
  event.kind = kind;
  event.text = text;
  task.emit(event);
}

NeuralDesk prepare_desk(const NeuralStyleRequest& request, const Task& task, ModelShelf& shelf) {
  validate(request).take();
  NeuralDesk desk;
  desk.preset = neural_preset(request.preset).take();
  const auto choice = choose_device(request.device == "auto" ? task.settings.device : request.device);
  desk.device = choice.device;
  if (choice.fell_back) tell(task, Event::Kind::note, _("No GPU that Pinxit can use: painting on the CPU."));
  desk.type = type_of(request.precision);
  const ModelEntry entry = choose_encoder(request.encoder, task.settings);
  desk.encoder = take_encoder(entry, desk, task, shelf);
  for (const auto& note : encoder_notes(desk.encoder->net->layers(), desk.preset, entry.title))
    tell(task, Event::Kind::note, note);
  return desk;
}

void move_to_cpu(NeuralDesk& desk, const Task& task, ModelShelf& shelf) {
  tell(task, Event::Kind::note, _("The GPU has too little free memory: painting on the CPU."));
  desk.device = torch::kCPU;
  desk.encoder = take_encoder(ModelEntry(desk.encoder->entry), desk, task, shelf);
}

SrgbView needed_picture(const Task& task, const std::string& name) {
  const SrgbView* found = task.picture(name);
  if (!found || found->width <= 0 || found->height <= 0)
    throw Failure(ErrorCode::bad_argument, format_text(_("The picture “%s” did not come with the request."), name.c_str()),
                  _("This is a mistake of the program that asked; please report it."));
  return *found;
}

}  // namespace pinxit
