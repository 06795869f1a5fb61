// SPDX-License-Identifier: Apache-2.0
//
// What can be done with the chosen run: a row of buttons. It does nothing itself; it asks before a run is deleted.
//
//     GalleryActions actions;
//     actions.on_delete = [&] { gallery.remove(id); … };
//     actions.show(entry, {.open = true, .run_again = true});
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

#include "engine/gallery/gallery.h"

namespace pinxit {

class GalleryActions {
 public:
  enum class What { result, shown, all, result_and_all };
  struct Possible {  ///< by the host
    bool open = false, run_again = false;
  };

  GalleryActions();
  GalleryActions(const GalleryActions&) = delete;
  GtkWidget* widget() const { return row_; }

  std::function<void(What)> on_open;
  std::function<void()> on_run_again, on_delete;
  /// Gives the error that keeps the name from being taken.
  std::function<Status(const std::string& name)> on_rename;

  void show(const GalleryEntry& entry, bool has_pictures, Possible possible);
  void ask_to_delete();
  void ask_for_name();

 private:
  struct Offered {
    int64_t id = -1;
    bool result = false, pictures = false;
    bool operator==(const Offered&) const = default;
  };
  void fill_choice(const Offered& offered);
  GtkWidget* rename_form();
  void rename();

  GalleryEntry entry_;
  Offered offered_;
  GtkWidget* row_;
  GtkComboBoxText* what_;
  GtkWidget* open_;
  GtkWidget* run_again_;
  GtkWidget* rename_;
  GtkWidget* popover_;
  GtkEntry* name_;
  GtkLabel* name_problem_;
  GtkWidget* delete_;
};

}  // namespace pinxit
