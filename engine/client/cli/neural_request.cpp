// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/neural_request.h"

#include <glib.h>

#include "engine/base/text.h"
#include "engine/client/cli/shared_files.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {

std::string preset_of(const std::string& name_or_file) {
  if (name_or_file.find('/') == std::string::npos && !name_or_file.ends_with(".json")) return name_or_file;
  g_autofree char* text = nullptr;
  gsize size = 0;
  g_autoptr(GError) problem = nullptr;
  if (!g_file_get_contents(name_or_file.c_str(), &text, &size, &problem))
    throw Failure(ErrorCode::file_unreadable,
                  format_text(_("The preset “%s” cannot be read: %s."), name_or_file.c_str(), problem->message),
                  _("Check the file's name and that you may read it."));
  const std::string json = g_strstrip(text);
  if (!json.starts_with("{"))
    throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not a preset in JSON."), name_or_file.c_str()),
                  _("“pinxit presets NAME” prints one to begin with."));
  const auto preset = neural_preset(json);
  if (!preset)
    throw Failure(preset.error().code, name_or_file + ": " + preset.error().sentence, preset.error().hint);
  return json;
}

std::vector<NamedPicture> style_pictures(const NeuralStyleRequest& request) {
  std::vector<NamedPicture> pictures;
  for (size_t i = 0; i < request.styles.size(); ++i)
    pictures.push_back({"style-" + std::to_string(i), read_shared(request.styles[i].style).pixels});
  for (size_t i = 0; i < request.style_masks.size(); ++i)
    if (!request.style_masks[i].empty())
      pictures.push_back({"mask-" + std::to_string(i), read_shared(request.style_masks[i]).pixels});
  return pictures;
}

}  // namespace pinxit
