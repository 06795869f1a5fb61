// SPDX-License-Identifier: Apache-2.0
//
// The recipe: how a layer was made, kept in the layer itself as the parasite "pinxit-recipe", saved with the XCF and
// undone with the layer. It is JSON text:
//
//     {"recipe": 1, "procedure": "plug-in-pinxit-fast-style",
//      "request": {…}, "facts": {…}, "pinxit": "0.1.0", "gimp": "3.0.4",
//      "source": {"tattoo": 3, "name": "Background", "checksum": "pinxit64:…", "width": 4000, "height": 3000},
//      "selection": false}
//
// A layer that is a state on the way to the painting says which one: "iteration": 3. One that was made from text has no
// source.
//
// `request` is to_json of the request, `facts` what the engine said about the run (Outcome::facts). Readers take
// version 1 and ignore fields they do not know. Secrets have no place here: recipes travel with pictures.
#pragma once

#include <libgimp/gimp.h>

#include <optional>
#include <string>

#include "engine/base/error.h"
#include "engine/requests/json.h"

namespace pinxit {

struct Recipe {
  static constexpr const char* parasite = "pinxit-recipe";
  static constexpr int version = 1;

  struct Origin {
    unsigned tattoo = 0;  ///< gimp_item_get_tattoo of the source: the same layer after saving and loading; 0: none
    std::string name;
    std::string checksum;  ///< of the source's pixels when they were read, see pixels.h
    int64_t width = 0, height = 0;
  };

  std::string procedure;
  AnyRequest request;
  std::string facts;         ///< JSON object text
  std::string pinxit, gimp;  ///< versions that made the layer
  Origin source;
  bool selection = false;  ///< a selection limits the result
  int iteration = -1;      ///< of the state that the layer shows; -1: the finished painting
};

std::string recipe_to_json(const Recipe& recipe);
/// Errors: protocol (no recipe, or of a version this Pinxit does not know), and those of request_from_json.
Result<Recipe> recipe_from_json(const std::string& text);

/// The layer may be one that is not in an image yet. Main thread.
void attach_recipe(GimpLayer* layer, const Recipe& recipe);
/// Nothing if the layer has none. Main thread.
std::optional<Result<Recipe>> recipe_of(GimpLayer* layer);

/// The titles of the styles in `facts`, joined with " + "; empty if the facts name none.
std::string style_titles(const std::string& facts);

}  // namespace pinxit
