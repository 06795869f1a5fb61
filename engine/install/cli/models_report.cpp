// SPDX-License-Identifier: Apache-2.0
#include "engine/install/cli/models_report.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/client/cli/report.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

using Phase = InstallProgress::Phase;

std::string size_text(int64_t bytes) {
  g_autofree char* text = g_format_size(guint64(std::max<int64_t>(0, bytes)));
  return text;
}

std::string time_text(double seconds) {
  const int whole = int(std::ceil(seconds));
  if (whole < 60) return format_text(_("%d s left"), whole);
  if (whole < 3600) return format_text(_("%d min %02d s left"), whole / 60, whole % 60);
  return format_text(_("%d h %02d min left"), whole / 3600, whole / 60 % 60);
}

std::string phase_text(Phase phase) {
  switch (phase) {
    case Phase::waiting:
      return _("another program works on it; waiting");
    case Phase::downloading:
      return _("downloading");
    case Phase::retrying:
      return _("trying again");
    case Phase::verifying:
      return _("verifying");
    case Phase::converting:
      return _("converting");
    case Phase::finishing:
      return _("finishing");
  }
  return {};
}

std::string state_text(const ModelState& model) {
  using State = ModelState::State;
  switch (model.state) {
    case State::missing:
      return _("not installed");
    case State::partial:
      return _("partly there");
    case State::installed:
      return _("installed");
    case State::damaged:
      return _("damaged");
  }
  return {};
}

std::string padded(const std::string& text, long width) {
  return text + std::string(size_t(std::max(0l, width - g_utf8_strlen(text.c_str(), -1))), ' ');
}

void add_model(JsonBuilder* builder, const ModelState& model) {
  json_add(builder, "id", model.id);
  json_add(builder, "state", std::string(state_name(model.state)));
  json_add(builder, "title", model.title);
  json_add(builder, "kind", model.kind);
  json_add(builder, "operation", model.operation);
  json_add(builder, "description", model.description);
  json_add(builder, "purpose", model.purpose);
  json_add(builder, "licence", model.licence);
  json_add(builder, "licence_url", model.licence_url);
  json_add(builder, "source", model.source);
  json_add(builder, "trust", std::string(trust_name(model.trust)));
  json_add(builder, "download_bytes", model.download_bytes);
  json_add(builder, "fetched_bytes", model.fetched_bytes);
  json_add(builder, "disk_bytes", model.disk_bytes);
  json_add(builder, "memory_bytes", model.memory_bytes);
  json_add(builder, "folder", model.folder);
  json_add(builder, "thumbnail", model.thumbnail);
  json_add(builder, "problem", model.problem);
  for (const auto& [name, value] : {std::pair("offered", model.offered), std::pair("removable", model.removable)}) {
    json_builder_set_member_name(builder, name);
    json_builder_add_boolean_value(builder, value);
  }
}

void line(const std::string& event, const std::function<void(JsonBuilder*)>& members) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "event", event);
  members(builder);
  json_builder_end_object(builder);
  std::puts(json_text(builder).c_str());
  std::fflush(stdout);
}

}  // namespace

ModelsReport::ModelsReport(bool json) : json_(json), terminal_(!json && isatty(STDERR_FILENO)) {}

ModelsReport::~ModelsReport() {
  clear();
}

OnProgress ModelsReport::progress() {
  return [this](const InstallProgress& progress) { show(progress); };
}

void ModelsReport::show(const InstallProgress& progress) {
  if (json_)
    return line("progress", [&](JsonBuilder* builder) {
      json_add(builder, "id", progress.id);
      json_add(builder, "phase", std::string(phase_name(progress.phase)));
      json_add(builder, "file", progress.file);
      json_add(builder, "done", progress.done);
      json_add(builder, "total", progress.total);
      json_add(builder, "bytes_per_second", progress.bytes_per_second);
      json_add(builder, "seconds_left", progress.seconds_left);
      json_add(builder, "note", progress.note);
    });
  if (!progress.note.empty()) return note(progress.id + ": " + progress.note);
  if (!terminal_) return;
  std::string text = progress.id + ": " + phase_text(progress.phase);
  if (progress.total > 0) text += ", " + size_text(progress.done) + " / " + size_text(progress.total);
  if (progress.bytes_per_second > 0) text += ", " + size_text(int64_t(progress.bytes_per_second)) + "/s";
  if (progress.seconds_left >= 0 && progress.done < progress.total) text += ", " + time_text(progress.seconds_left);
  print(stderr, "\r\033[K" + text);
  shown_ = true;
}

void ModelsReport::list(const std::vector<ModelState>& models, const DiskUse& use) {
  if (json_) {
    for (const ModelState& model : models) line("model", [&](JsonBuilder* builder) { add_model(builder, model); });
    return line("store", [&](JsonBuilder* builder) {
      json_add(builder, "folder", use.store);
      json_add(builder, "models_bytes", use.models);
      json_add(builder, "unfinished_bytes", use.unfinished);
      json_add(builder, "kept_bytes", use.kept);
      json_add(builder, "free_bytes", use.free);
    });
  }
  long ids = 0, states = 0, licences = 0;
  for (const ModelState& model : models) {
    ids = std::max(ids, long(model.id.size()));
    states = std::max(states, g_utf8_strlen(state_text(model).c_str(), -1));
    licences = std::max(licences, long(model.licence.size()));
  }
  for (const ModelState& model : models) {
    const int64_t bytes = model.disk_bytes ? model.disk_bytes : model.download_bytes;
    const std::string size = bytes ? size_text(bytes) : "—";
    std::string text = padded(model.id, ids + 2) + padded(state_text(model), states + 2) + padded(size, 11) +
                       padded(model.licence.empty() ? "—" : model.licence, licences + 2) + model.title;
    if (model.offered && model.trust == Trust::length) text += std::string("  [") + _("unverified") + "]";
    if (!model.problem.empty()) text += "  (" + model.problem + ")";
    print(stdout, text + "\n");
  }
  print(stdout, "\n" + format_text(_("In %s: models %s, unfinished downloads %s; %s free."), use.store.c_str(),
                                   size_text(use.models).c_str(), size_text(use.unfinished).c_str(),
                                   size_text(use.free).c_str()) + "\n");
  if (use.kept > 0)
    print(stdout, format_text(_("In %s: %s that were put aside; “models remove --kept” deletes them."),
                              use.kept_folder.c_str(), size_text(use.kept).c_str()) + "\n");
}

void ModelsReport::done(const char* what, const std::string& id, const std::string& where) {
  if (json_)
    return line(what, [&](JsonBuilder* builder) {
      json_add(builder, "id", id);
      json_add(builder, "folder", where);
    });
  clear();
  const std::string name = what;
  const std::string word = name == "installed" ? _("installed") : name == "imported" ? _("imported")
                         : name == "removed"   ? _("removed")
                         : name == "verified"  ? _("verified, sound")
                                               : _("converted");
  print(stdout, id + ": " + word + (where.empty() ? "" : " → " + where) + "\n");
}

void ModelsReport::note(const std::string& text) {
  if (json_) return line("note", [&](JsonBuilder* builder) { json_add(builder, "text", text); });
  clear();
  print(stderr, "pinxit: " + text + "\n");
}

void ModelsReport::failed(const std::string& id, const Error& error) {
  clear();
  if (json_)
    line("error", [&](JsonBuilder* builder) {
      json_add(builder, "id", id);
      json_add(builder, "code", std::string(error_name(error.code)));
      json_add(builder, "sentence", error.sentence);
      json_add(builder, "hint", error.hint);
    });
  print_error(error, id);
}

void ModelsReport::clear() {
  if (shown_) print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace pinxit
