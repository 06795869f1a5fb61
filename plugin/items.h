// SPDX-License-Identifier: Apache-2.0
//
// What GIMP tells of the items of an image, as values.
//
//     for (GimpItem* layer : children_of(image, nullptr)) names.push_back(name_of(layer));
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include <optional>
#include <string>
#include <vector>

namespace pinxit {

/// Throws what GIMP said last.
[[noreturn]] void refused();

std::string name_of(GimpItem* item);
/// Whether that is its name, or was until GIMP put " #1" behind it because it is taken.
bool is_called(GimpItem* item, const std::string& name);

/// From the top of the Layers dialog down; without `parent` the layers on the image itself. None for an item that is no
/// group.
std::vector<GimpItem*> children_of(GimpImage* image, GimpItem* parent);

/// What locks the item's pixels: itself, or a group it is in. Null: nothing.
GimpItem* locked_by(GimpItem* item);

/// A text that goes with the item: copied, saved and undone with it. Throws Failure where GIMP refuses it.
void attach_text(GimpItem* item, const char* parasite, const std::string& text);
std::optional<std::string> attached_text(GimpItem* item, const char* parasite);

/// Non-destructive filters.
bool has_filters(GimpDrawable* drawable);

}  // namespace pinxit
