// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/generator_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "engine/base/text.h"
#include "engine/requests/generate.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Text = GeneratorFiles::Text;

constexpr std::array<const char*, 3> kinds = {"attngan", "conv-generator", "rectified-flow"};
constexpr std::array<const char*, 2> starters = {"starter-flowers", "tiny-flowers"};
constexpr const char* usual_clip = "clip-vit-base-patch32";

bool is_run(const ModelEntry& entry) {
  return entry.operation == GenerateRequest::operation &&
         std::find(kinds.begin(), kinds.end(), entry.kind) != kinds.end();
}

const char* where_models_are() {
  return _("Filters ▸ Neural ▸ Models… installs models.");
}

Catalogue read_catalogue(const Settings& settings) {
  std::vector<std::string> extra;
  if (!settings.model_folder.empty()) extra.push_back(settings.model_folder);
  return Catalogue::read(extra);
}

// ---- from the catalogue

const ModelEntry* usual_generator(const Catalogue& catalogue) {
  for (const char* id : starters)
    if (const ModelEntry* entry = catalogue.find(id); entry && is_run(*entry)) return entry;
  const ModelEntry* first = nullptr;
  for (const ModelEntry& entry : catalogue.entries())
    if (is_run(entry) && (!first || entry.id < first->id)) first = &entry;
  return first;
}

std::string path_of(const ModelEntry& entry, const char* role) {
  const ModelFile* file = entry.file(role);
  return file ? file->path : std::string();
}

GeneratorFiles files_of_entry(const ModelEntry& entry) {
  GeneratorFiles files;
  files.entry = entry;
  files.generator = path_of(entry, "generator");
  if (files.generator.empty()) files.generator = path_of(entry, "weights");
  files.text_encoder = path_of(entry, "text-encoder");
  files.vocabulary = path_of(entry, "vocabulary");
  files.config = path_of(entry, "config");
  if (files.generator.empty())
    throw Failure(ErrorCode::model_damaged,
                  format_text(_("The catalogue entry of “%s” names no generator."), entry.title.c_str()));
  return files;
}

Failure no_such_model(const Catalogue& catalogue, const std::string& name) {
  std::string list;
  for (const ModelEntry& entry : catalogue.entries())
    if (is_run(entry)) list += (list.empty() ? "" : ", ") + entry.id;
  return {ErrorCode::model_missing, format_text(_("There is no model “%s” that paints from text."), name.c_str()),
          list.empty() ? where_models_are() : format_text(_("Installed are: %s."), list.c_str())};
}

/// The text encoder of a generator that listens to CLIP and brings none.
void take_installed_clip(const Catalogue& catalogue, GeneratorFiles& files) {
  const ModelEntry* clip = nullptr;
  for (const ModelEntry& entry : catalogue.entries())
    if (entry.operation == "text-encoder" && entry.kind == "clip" && (!clip || entry.id == usual_clip)) clip = &entry;
  if (!clip)
    throw Failure(
        ErrorCode::model_missing,
        format_text(_("“%s” listens to CLIP, whose text encoder is not installed."), files.entry.title.c_str()),
        format_text(_("Install “%s”: Filters ▸ Neural ▸ Models…."), "CLIP ViT-B/32"));
  const ModelEntry checked = resolve_model(catalogue, clip->id, clip->operation).take();
  files.text_encoder = path_of(checked, "weights");
  files.vocabulary = path_of(checked, "vocabulary");
  files.config = path_of(checked, "config");
}

// ---- beside a file

bool has_ending(const std::string& name, std::initializer_list<const char*> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return name.ends_with(ending); });
}

bool is_yaml(const std::string& name) {
  return has_ending(name, {".yml", ".yaml"});
}

/// Names of the files in a folder, in order.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The base name of the file that AttnGAN's settings name (they have paths of their author's machine).
std::string named_file(const std::map<std::string, std::string>& settings, const char* key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::string() : fs::path(found->second).filename().string();
}

/// The one .yml whose TRAIN.NET_G is `generator`, or the only one there is unless it names another file of the folder.
std::string settings_beside(const fs::path& folder, const std::vector<std::string>& names,
                            const std::string& generator) {
  std::vector<std::string> found;
  std::copy_if(names.begin(), names.end(), std::back_inserter(found), is_yaml);
  for (const std::string& name : found) {
    const auto settings = guarded([&] { return generator_settings(folder / name); });
    if (settings && named_file(*settings, "TRAIN.NET_G") == generator) return folder / name;
  }
  if (found.size() != 1) return {};
  const auto settings = guarded([&] { return generator_settings(folder / found.front()); });
  const std::string other = settings ? named_file(*settings, "TRAIN.NET_G") : std::string();
  if (std::find(names.begin(), names.end(), other) != names.end()) return {};
  return folder / found.front();
}

std::string first_of(const fs::path& folder, const std::vector<std::string>& names,
                     const std::function<bool(const std::string&)>& fits) {
  const auto found = std::find_if(names.begin(), names.end(), fits);
  return found == names.end() ? std::string() : (folder / *found).string();
}

/// AttnGAN's text encoder has an LSTM, CLIP's has none. What cannot be read is taken, so that loading tells why.
bool listens_as(Text text, const fs::path& file) {
  const auto weights = read_checkpoint(file);
  return !weights || (weights->find("rnn.weight_ih_l0") != nullptr) == (text == Text::words);
}

void take_parts_beside(GeneratorFiles& files) {
  const fs::path generator = files.generator, folder = generator.parent_path();
  const auto names = names_in(folder);
  if (files.text == Text::words) {
    if (files.config.empty()) files.config = settings_beside(folder, names, generator.filename());
    const auto settings = generator_settings(files.config);
    const std::string encoder = named_file(settings, "TRAIN.NET_E");
    if (!encoder.empty())
      files.text_encoder = first_of(folder, names, [&](const auto& name) { return name == encoder; });
    files.vocabulary = first_of(folder, names, [](const std::string& name) {
      return name == "vocabulary.json" || name == "vocabulary.txt" || has_ending(name, {".pickle", ".pkl"});
    });
  } else {
    files.config = first_of(folder, names, [](const std::string& name) { return name == "config.json"; });
    files.vocabulary = first_of(folder, names, [](const std::string& name) {
      return name == "merges.txt" || name.starts_with("bpe_simple_vocab");
    });
  }
  if (!files.text_encoder.empty()) return;
  for (const bool ready : {true, false})
    if (files.text_encoder.empty())
      files.text_encoder = first_of(folder, names, [&](const std::string& name) {
        const bool named = name.starts_with("text-encoder") || name.starts_with("text_encoder");
        return named && (ready ? name.ends_with(".safetensors") : has_ending(name, {".pth", ".pt", ".bin"})) &&
               listens_as(files.text, folder / name);
      });
}

/// From AttnGAN's settings to its generator, which lies beside them.
std::string generator_of_settings(const std::string& path) {
  const std::string name = named_file(generator_settings(path), "TRAIN.NET_G");
  const fs::path generator = fs::path(path).parent_path() / name;
  if (!name.empty() && fs::is_regular_file(generator)) return generator;
  throw Failure(ErrorCode::model_missing,
                format_text(_("The generator that “%s” names is not beside it."), path.c_str()),
                name.empty() ? std::string() : format_text(_("Put %s into the same folder."), name.c_str()));
}

Text text_of(const Checkpoint& weights) {
  if (weights.find("ca_net.fc.weight")) return Text::words;
  return weights.find("prompt_features.0.weight") ? Text::clip : Text::none_or_own;
}

GeneratorFiles chosen(const Catalogue& catalogue, const std::string& name) {
  if (name == "auto") {
    const ModelEntry* entry = usual_generator(catalogue);
    if (!entry)
      throw Failure(ErrorCode::model_missing, _("No model that paints from text is installed."), where_models_are());
    return files_of_entry(resolve_model(catalogue, entry->id, entry->operation).take());
  }
  if (const ModelEntry* known = catalogue.find(name)) {
    if (known->operation != GenerateRequest::operation) throw no_such_model(catalogue, name);
    if (!is_run(*known))
      throw Failure(ErrorCode::model_unsupported,
                    format_text(_("This Pinxit cannot paint with “%s” yet."), known->title.c_str()),
                    _("Choose another model, or update Pinxit."));
    return files_of_entry(resolve_model(catalogue, name, GenerateRequest::operation).take());
  }
  if (name.find('/') == std::string::npos && !name.ends_with(".safetensors")) throw no_such_model(catalogue, name);
  const std::string path = is_yaml(name) ? generator_of_settings(name) : name;
  auto files = files_of_entry(resolve_model(catalogue, path, GenerateRequest::operation).take());
  if (is_yaml(name)) files.config = name;
  return files;
}

}  // namespace

std::string GeneratorFiles::sha256() const {
  for (const ModelFile& file : entry.files)
    if (file.path == generator) return file.sha256;
  return {};
}

std::vector<std::string> GeneratorFiles::all() const {
  std::vector<std::string> paths;
  for (const std::string* path : {&generator, &text_encoder, &vocabulary, &config})
    if (!path->empty()) paths.push_back(*path);
  return paths;
}

GeneratorFiles choose_generator(const std::string& name, const Settings& settings) {
  const Catalogue catalogue = read_catalogue(settings);
  GeneratorFiles files = chosen(catalogue, name);
  files.text = text_of(read_checkpoint(files.generator).take());
  const bool by_path = files.entry.kind.empty();
  if (by_path && files.text != Text::none_or_own) take_parts_beside(files);
  if (files.text == Text::clip && files.text_encoder.empty()) take_installed_clip(catalogue, files);
  return files;
}

}  // namespace pinxit
