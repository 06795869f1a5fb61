// SPDX-License-Identifier: Apache-2.0
//
// Where models come in from files: two buttons that ask for a file or a folder, things dropped on the window, and a
// strip for each import that runs.
//
//     ModelsImports imports;
//     imports.on_import = [&](const std::string& path) { jobs.import(path); };
//     imports.accept_drops(window);
//     imports.show(job);                                // each step
//     imports.remove(job.subject);
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <map>
#include <string>

#include "dialogs/models/models_strip.h"
#include "dialogs/shared/main_loop.h"

namespace pinxit {

class ModelsImports {
 public:
  ModelsImports();
  ModelsImports(const ModelsImports&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void(const std::string& path)> on_import, on_cancel;

  void accept_drops(GtkWidget* window);
  void show(const ModelJob& job);
  void remove(const std::string& path);

 private:
  GtkWidget* button(const char* mnemonic, const char* help, const char* question, GtkFileChooserAction action);
  void dropped(GtkSelectionData* data);

  GtkWidget* column_;
  std::map<std::string, JobStrip> strips_;
  Mailbox mailbox_;
};

}  // namespace pinxit
