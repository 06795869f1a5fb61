// SPDX-License-Identifier: Apache-2.0
#include "plugin/items.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {

void refused() {
  const char* why = gimp_pdb_get_last_error(gimp_get_pdb());
  throw Failure(ErrorCode::internal, format_text(_("GIMP refused to change the image: %s"), why ? why : ""));
}

std::string name_of(GimpItem* item) {
  g_autofree char* name = gimp_item_get_name(item);
  return name ? name : "";
}

bool is_called(GimpItem* item, const std::string& name) {
  const std::string own = name_of(item);
  if (!own.starts_with(name)) return false;
  return own.size() == name.size() || g_regex_match_simple("^ #[0-9]+$", own.c_str() + name.size(), {}, {});
}

std::vector<GimpItem*> children_of(GimpImage* image, GimpItem* parent) {
  if (parent && !gimp_item_is_group(parent)) return {};
  g_autofree GimpItem** children =
      parent ? gimp_item_get_children(parent) : reinterpret_cast<GimpItem**>(gimp_image_get_layers(image));
  std::vector<GimpItem*> list;
  for (GimpItem** child = children; child && *child; ++child) list.push_back(*child);
  return list;
}

GimpItem* locked_by(GimpItem* item) {
  while (item && !gimp_item_get_lock_content(item)) item = gimp_item_get_parent(item);
  return item;
}

void attach_text(GimpItem* item, const char* parasite, const std::string& text) {
  GimpParasite* attached = gimp_parasite_new(parasite, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                             guint32(text.size()), text.data());
  const bool taken = gimp_item_attach_parasite(item, attached);
  gimp_parasite_free(attached);
  if (!taken) refused();
}

std::optional<std::string> attached_text(GimpItem* item, const char* parasite) {
  GimpParasite* attached = gimp_item_get_parasite(item, parasite);
  if (!attached) return {};
  guint32 size = 0;
  const auto* data = static_cast<const char*>(gimp_parasite_get_data(attached, &size));
  std::string text(data, size);
  gimp_parasite_free(attached);
  return text;
}

bool has_filters(GimpDrawable* drawable) {
  g_autofree GimpDrawableFilter** filters = gimp_drawable_get_filters(drawable);
  return filters && filters[0];
}

}  // namespace pinxit
