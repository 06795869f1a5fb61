// SPDX-License-Identifier: Apache-2.0
//
// A stand-alone host for the Models window, without GIMP. Not installed.
//
//     models_host              shows it; at the end one line of JSON: {"end":"closed"}
#include <gtk/gtk.h>

#include <cstdio>

#include "dialogs/models/models_window.h"

int main(int argc, char** argv) {
  gtk_init(&argc, &argv);
  const pinxit::Status end = pinxit::run_models_window();
  std::printf("{\"end\":\"%s\"}\n", end ? "closed" : "error");
  return end ? 0 : 1;
}
