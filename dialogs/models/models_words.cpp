// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_words.h"

#include <glib.h>

#include <algorithm>
#include <array>

#include "dialogs/shared/words.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

using State = ModelState::State;
using Phase = InstallProgress::Phase;

constexpr struct {
  const char* operation;
  const char* title;
} uses[] = {
    {"fast-style", N_("Fast Style")},
    {"encoder", N_("Neural Style")},
    {"any-style", N_("Fast Style with pictures of your own")},
    {"generate", N_("Generate from Text")},
    {"generate-part", N_("Generate from Text: a part of its models")},
    {"text-encoder", N_("Generate from Text: a part of its models")},
    {"preview-decoder", N_("Generate from Text: previews")},
};

constexpr std::array<const char*, 6> phases = {
    N_("Waiting: another program works on it"), N_("Downloading"), N_("Trying again"), N_("Verifying"),
    N_("Converting"), N_("Finishing"),
};

void append(std::string& line, const std::string& part, const char* between) {
  if (!part.empty()) line += (line.empty() ? "" : between) + part;
}

}  // namespace

bool is_here(const ModelState& model) { return model.state == State::installed || model.state == State::damaged; }

std::string model_state_words(const ModelState& model) {
  switch (model.state) {
    case State::installed: return _("Installed");
    case State::damaged:
      return model.problem.empty() ? std::string(_("Damaged")) : format_text(_("Damaged: %s"), model.problem.c_str());
    case State::partial:
      if (model.download_bytes > 0)
        return format_text(_("Begun: %s of %s are here"), disk_size(model.fetched_bytes).c_str(),
                           disk_size(model.download_bytes).c_str());
      return format_text(_("Begun: %s are here"), disk_size(model.fetched_bytes).c_str());
    case State::missing: break;
  }
  return _("Not installed");
}

std::string model_size_words(const ModelState& model) {
  const int64_t bytes = is_here(model) ? model.disk_bytes : model.download_bytes;
  return bytes > 0 ? disk_size(bytes) : "";
}

std::string model_facts_line(const ModelState& model) {
  std::string line;
  if (model.state == State::damaged) append(line, _("Damaged"), " · ");
  if (model.state == State::partial) append(line, model_state_words(model), " · ");
  else append(line, model_size_words(model), " · ");
  if (model.trust == Trust::length) append(line, _("unverified"), " · ");
  append(line, model.licence, " · ");
  if (model.memory_bytes > 0)
    append(line, format_text(_("%s memory"), disk_size(model.memory_bytes).c_str()), " · ");
  return line;
}

std::string model_use_words(const ModelState& model) {
  for (const auto& use : uses)
    if (model.operation == use.operation) return _(use.title);
  return {};
}

std::string trust_words(const ModelState& model) {
  switch (model.trust) {
    case Trust::sha256: return _("By its SHA-256 sum");
    case Trust::git_blob: return _("By its Git sum (SHA-1)");
    case Trust::sha256_prefix: return _("By the first digits of its SHA-256 sum");
    case Trust::length: break;
  }
  return model.offered ? _("Unverified: nobody has published a sum, only the length is compared")
                       : _("Unverified: nothing tells where its files come from");
}

std::string progress_words(const InstallProgress& progress) {
  std::string text = _(phases[size_t(progress.phase)]);
  if (progress.phase == Phase::retrying && !progress.note.empty()) return progress.note;
  const bool bytes = progress.phase == Phase::downloading || progress.phase == Phase::verifying;
  if (!bytes || progress.done <= 0) return text + "…";
  if (progress.total > 0)
    text = format_text(_("%s: %s of %s"), text.c_str(), disk_size(progress.done).c_str(),
                       disk_size(progress.total).c_str());
  else text = format_text(_("%s: %s"), text.c_str(), disk_size(progress.done).c_str());
  if (progress.phase == Phase::downloading && progress.bytes_per_second > 0)
    text += ", " + format_text(_("%s/s"), disk_size(int64_t(progress.bytes_per_second)).c_str());
  if (progress.seconds_left >= 1)
    text += ", " + format_text(_("%s left"), time_left(progress.seconds_left).c_str());
  return text;
}

double progress_share(const InstallProgress& progress) {
  if (progress.total <= 0) return -1;
  return std::clamp(double(progress.done) / double(progress.total), 0.0, 1.0);
}

bool model_fits(const ModelState& model, const std::string& search) {
  std::string words = search;
  if (*g_strstrip(words.data()) == '\0') return true;
  const std::string known = model.title + " " + model.id + " " + model.purpose + " " + model.description + " " +
                            model.licence + " " + model_use_words(model) + " " + model_state_words(model);
  return g_str_match_string(search.c_str(), known.c_str(), TRUE);
}

}  // namespace pinxit
