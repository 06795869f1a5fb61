// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/encoders.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr const char* operation = "encoder";

int64_t bytes_of(const ModelEntry& entry) {
  const ModelFile* weights = entry.file("weights");
  std::error_code missing;
  const auto size = weights ? std::filesystem::file_size(weights->path, missing) : 0;
  return missing ? 0 : int64_t(size);
}

}  // namespace

ModelEntry choose_encoder(const std::string& name, const Settings& settings) {
  std::vector<std::string> extra;
  if (!settings.model_folder.empty()) extra.push_back(settings.model_folder);
  const Catalogue catalogue = Catalogue::read(extra);
  if (!name.empty() && name != "auto") {
    auto entry = resolve_model(catalogue, name, operation);
    if (!entry && entry.error().code == ErrorCode::model_missing && name.find('/') == std::string::npos)
      throw Failure(ErrorCode::model_missing, format_text(_("There is no encoder “%s”."), name.c_str()),
                    _("Choose auto, or the path of a VGG19 weights file."));
    return entry.take();
  }
  const ModelEntry* largest = nullptr;
  for (const ModelEntry& entry : catalogue.entries())
    if (entry.operation == operation && bytes_of(entry) > (largest ? bytes_of(*largest) : 0)) largest = &entry;
  if (!largest)
    throw Failure(ErrorCode::model_missing, _("No encoder for Neural Style is installed."),
                  _("Install one, or name a VGG19 weights file."));
  return resolve_model(catalogue, largest->id, operation).take();
}

std::vector<std::string> encoder_notes(const std::vector<std::string>& layers, const NeuralPreset& preset,
                                       const std::string& title) {
  const auto has = [&](const std::string& layer) { return std::find(layers.begin(), layers.end(), layer) != layers.end(); };
  std::vector<std::string> notes;
  if (!has(preset.content.layer))
    notes.push_back(format_text(_("The encoder “%s” has no layer %s: %s stands for it."), title.c_str(),
                                preset.content.layer.c_str(), layers.back().c_str()));
  std::vector<std::string> missing;
  for (const StyleTerm& term : preset.style)
    for (const FeatureTap& tap : term.taps)
      if (!has(tap.layer) && std::find(missing.begin(), missing.end(), tap.layer) == missing.end())
        missing.push_back(tap.layer);
  std::string list;
  for (const auto& layer : missing) list += (list.empty() ? "" : ", ") + layer;
  if (!list.empty())
    notes.push_back(format_text(_("The encoder “%s” lacks %s: the style is compared without it."), title.c_str(),
                                list.c_str()));
  return notes;
}

}  // namespace pinxit
