// SPDX-License-Identifier: Apache-2.0
//
// The styles as tiles: thumbnail and title, a search entry above, what is known of the chosen one below.
//
//     StyleGallery gallery;
//     gallery.fill(catalogue);
//     gallery.on_chosen = [&] { … gallery.chosen() … };
//     gallery.choose(request.styles);     // from last values or a preset
//
// A tile stands for a list of weighted styles. Tiles of the catalogue hold one; weights files opened by the painter
// and mixes from presets or scripts get a tile of their own, first in the gallery, until the window closes. Search
// takes the beginnings of words in any order, without regard to case and accents. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "dialogs/shared/main_loop.h"
#include "engine/requests/fast_style.h"
#include "engine/store/catalogue.h"

namespace pinxit {

/// What one tile shows and stands for.
struct Tile {
  std::vector<WeightedStyle> styles;
  std::string title, description, thumbnail;
  std::string search_text;
};

Tile tile_of(const ModelEntry& entry);
/// A weights file ("my-net" for /path/my-net.safetensors) or a mix ("candy 70 % + mosaic 30 %").
Tile tile_of_styles(const std::vector<WeightedStyle>& styles);
/// Whether every word of `search` begins a word of the tile's title, id, description or licence.
bool tile_fits(const Tile& tile, const std::string& search);

class StyleGallery {
 public:
  StyleGallery();
  StyleGallery(const StyleGallery&) = delete;
  GtkWidget* widget() const { return box_; }
  void take_focus();

  std::function<void()> on_chosen;     ///< another tile is chosen
  std::function<void()> on_activated;  ///< double click or Return on a tile
  std::function<void()> on_models;     ///< the Models window is asked for

  /// Again: tiles of the catalogue are replaced, and nothing is chosen.
  void fill(const Catalogue& catalogue);
  bool empty() const { return tiles_.empty(); }
  /// Nothing where nothing is chosen.
  std::vector<WeightedStyle> chosen() const;
  void choose(const std::vector<WeightedStyle>& styles);

 private:
  void add(Tile tile, bool first);
  void show_page();
  void tell_about_chosen();
  void open_weights_file();
  GtkWidget* no_styles_page();
  GtkFlowBoxChild* chosen_child() const;

  std::vector<Tile> tiles_;
  GtkWidget* box_;
  GtkEntry* search_;
  GtkFlowBox* flow_;
  GtkStack* pages_;
  GtkLabel* about_;
  Mailbox mailbox_;
};

}  // namespace pinxit
