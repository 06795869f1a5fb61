// SPDX-License-Identifier: Apache-2.0
#include "engine/install/own_model.h"

#include <glib.h>
#include <json-glib/json-glib.h>

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/download.h"
#include "engine/install/entry.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Phase = InstallProgress::Phase;

/// The parts that a network in several files needs; others are taken as they come.
const std::map<std::string, std::vector<std::string>> needed_parts = {
    {"microast", {"content-encoder", "style-encoder", "modulator", "decoder"}},
    {"magenta-arbitrary", {"predict", "transfer"}},
    {"taef2", {"decoder", "encoder"}},
};

/// What nets are for that do not paint by themselves.
std::string operation_of(const RecognisedNet& net) {
  if (!net.operation.empty()) return net.operation;
  return net.kind == "taef2" ? "preview-decoder" : "any-style";
}

/// "starry_night.pth.tar" -> "starry_night"
std::string stem_of(const std::string& path) {
  fs::path name = fs::path(path).filename();
  for (const char* ending : {".tar", ".pth", ".pt", ".ckpt", ".bin", ".safetensors", ".onnx", ".tflite", ".xml"})
    if (name.extension() == ending && name.has_stem()) name = name.stem();
  return name.string();
}

std::string title_of(const std::string& name) {
  g_autofree char* valid = g_filename_display_name(name.c_str());
  std::string title = valid;
  std::replace(title.begin(), title.end(), '_', ' ');
  std::replace(title.begin(), title.end(), '-', ' ');
  if (!title.empty()) title[0] = g_ascii_toupper(title[0]);
  return title;
}

std::string members_of(const RecognisedNet& net, const std::string& name, const std::string& source) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "title", title_of(name));
  json_add(builder, "description", format_text(_("Your own model: %s."), net.title.c_str()));
  json_add(builder, "source", source);
  json_builder_end_object(builder);
  return json_text(builder);
}

int64_t bytes_of(const std::vector<StoredTensor>& tensors) {
  int64_t sum = 0;
  for (const StoredTensor& tensor : tensors) sum += tensor.byte_count();
  return sum;
}

/// An installed model with these weights.
const ModelEntry* same_weights(const Catalogue& catalogue, const std::vector<std::string>& sums) {
  for (const ModelEntry& entry : catalogue.entries()) {
    const auto has = [&](const std::string& sum) {
      return std::any_of(entry.files.begin(), entry.files.end(), [&](const ModelFile& f) { return f.sha256 == sum; });
    };
    if (std::all_of(sums.begin(), sums.end(), has)) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string id_of_name(const std::string& name) {
  std::string id;
  for (const char c : name) {
    const char lower = g_ascii_tolower(c);
    if (g_ascii_isalnum(lower))
      id += lower;
    else if (!id.empty() && id.back() != '-')
      id += '-';
  }
  id = id.substr(0, 80);
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id.empty() ? "model" : id;
}

Status OwnModels::look_at(const std::string& path) {
  return guarded([&]() -> Nothing {
    const Checkpoint checkpoint = read_checkpoint(path).take();
    RecognisedNet net = recognise(checkpoint).take();
    const std::string kind = net.kind, part = net.part;
    (part.empty() ? single_ : in_parts_[kind]).push_back({path, std::move(net)});
    return {};
  });
}

void OwnModels::finish(Imported& imported, const std::string& name) {
  for (const Part& part : single_) make({part}, stem_of(part.path), imported);
  for (auto& [kind, parts] : in_parts_) {
    std::string lacking;
    const auto needed = needed_parts.find(kind);
    for (const std::string& part : needed == needed_parts.end() ? std::vector<std::string>() : needed->second)
      if (std::none_of(parts.begin(), parts.end(), [&](const Part& p) { return p.net.part == part; }))
        lacking += (lacking.empty() ? "" : ", ") + part;
    if (lacking.empty()) {
      make(parts, name, imported);
    } else {
      imported.notes.push_back(format_text(_("%s is one part of %s; import a folder with all of them. Missing: %s."),
                                           shown_path(fs::path(parts[0].path).filename()).c_str(),
                                           parts[0].net.title.c_str(),
                                           lacking.c_str()));
    }
  }
}

void OwnModels::make(const std::vector<Part>& parts, const std::string& name, Imported& imported) {
  int64_t bytes = 0;
  for (const Part& part : parts) bytes += bytes_of(part.net.tensors);
  check_space(options_, bytes);
  const std::string source = format_text(_("Imported from %s."), shown_path(parts[0].path).c_str());
  const std::string wanted = id_of_name(name);
  const Offers offers = Offers::read(options_.offer_folders);
  for (int number = 1;; ++number) {
    const std::string id = number == 1 ? wanted : wanted + "-" + std::to_string(number);
    if (offers.find(id)) continue;  // that name is somebody else's, who may come later
    Work work = Work::take(options_.store, id, {}, stop_);
    const Catalogue catalogue = Catalogue::read({options_.store});
    work.clean();
    make_folder(work.ready());
    NewEntry entry{id, parts[0].net.kind, operation_of(parts[0].net), members_of(parts[0].net, name, source), {},
                   Trust::length, shown_path(parts[0].path)};
    std::vector<std::string> sums;
    for (const Part& part : parts) {
      const std::string role = part.net.part.empty() ? "weights" : part.net.part, file = role + ".safetensors";
      if (fs::exists(work.ready() + "/" + file)) continue;  // the same part once more
      write_safetensors(work.ready() + "/" + file, part.net.tensors, part.net.metadata).take();
      sums.push_back(sum_file(work.ready() + "/" + file, {}, stop_).sha256);
      entry.files.push_back({role, file, sums.back()});
    }
    if (const ModelEntry* same = same_weights(catalogue, sums)) {
      imported.notes.push_back(format_text(_("%s is there already, as “%s”."),
                                           shown_path(fs::path(parts[0].path).filename()).c_str(),
                                           same->title.c_str()));
      work.finish();
      return imported.ids.push_back(same->id);
    }
    if (catalogue.find(id) || fs::exists(options_.store + "/" + id)) {
      work.finish();
      continue;
    }
    finish_entry(entry, work, options_, board_, stop_);
    return imported.ids.push_back(id);
  }
}

}  // namespace pinxit
