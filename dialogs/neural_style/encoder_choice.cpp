// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/encoder_choice.h"

#include <glib.h>
#include <glib/gstdio.h>

#include <algorithm>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr const char* kind = "vgg19";
constexpr const char* built_in = "pinxit-small";

}  // namespace

std::vector<Encoder> installed_encoders(const Catalogue& catalogue) {
  std::vector<Encoder> encoders;
  for (const ModelEntry& entry : catalogue.entries()) {
    if (entry.kind != kind) continue;
    const ModelFile* weights = entry.file("weights");
    if (!weights) continue;
    int64_t bytes = weights->bytes;
    if (GStatBuf facts; bytes == 0 && g_stat(weights->path.c_str(), &facts) == 0) bytes = facts.st_size;
    encoders.push_back({entry.id, entry.title.empty() ? entry.id : entry.title, bytes});
  }
  std::stable_sort(encoders.begin(), encoders.end(),
                   [](const Encoder& a, const Encoder& b) { return a.bytes > b.bytes; });
  return encoders;
}

bool lacks_encoders(const std::vector<Encoder>& installed) {
  return std::ranges::all_of(installed, [](const Encoder& one) { return one.id == built_in; });
}

std::string encoder_sentence(const std::vector<Encoder>& installed, const std::string& chosen) {
  const auto found = std::find_if(installed.begin(), installed.end(),
                                  [&](const Encoder& one) { return chosen == "auto" || one.id == chosen; });
  if (found == installed.end()) {
    if (chosen == "auto") return _("No encoder is installed: there is nothing to compare pictures with.");
    g_autofree char* name = g_path_get_basename(chosen.c_str());
    return format_text(_("Encoder: %s"), name);
  }
  if (found->id != built_in) return format_text(_("Encoder: %s"), found->title.c_str());
  return installed.size() > 1 ? std::string(_("Small built-in encoder."))
                              : std::string(_("Small built-in encoder. Install VGG19 for finer strokes."));
}

}  // namespace pinxit
