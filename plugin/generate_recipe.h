// SPDX-License-Identifier: Apache-2.0
//
// What an image keeps of pictures made from text: the names of their layers, and the recipe in each.
//
//     gimp_layer_new(image, generated_name(picture).c_str(), …);     // "A white flower – seed 100"
//     attach_recipe(layer, generated_recipe(picture));
//     generated_part_name(picture, 2);                               // "flower (64 × 64)"
//
// Nothing here lets a word of the prompt through while the picture's request says not to keep it (`keep_prompt`):
// layers are then called after the model, maps by numbers, and of the engine's facts only those go into the recipe
// that are known to hold no word.
//
// A recipe's request is an order of this one picture: the model that made it, its own seed, and count 1. Where pictures
// vary, the request is that of all of them, and facts.picture.index tells which one the layer is. facts.prompt_left_out
// is true where there was a prompt that was not kept. facts.picture.id is random: it tells the picture from any other,
// also of the same seed. facts.picture.words are those of its maps, where the prompt was kept.
#pragma once

#include <string>

#include "dialogs/generate/generate_dialog.h"
#include "plugin/recipe.h"

namespace pinxit {

/// Without the versions of Pinxit and GIMP. Each one has an id of its own.
Recipe generated_recipe(const GeneratedPicture& picture);

/// Of the layer that shows the picture, alone or among others.
std::string generated_name(const GeneratedPicture& picture);
/// Of the group of the pictures of one prompt, which `first` is one of.
std::string generated_group_name(const GeneratedPicture& first);
/// Of the group of what belongs to a picture.
std::string generated_details_name(const GeneratedPicture& picture);
/// Of the layer that shows part `number` of the picture.
std::string generated_part_name(const GeneratedPicture& picture, size_t number);

/// What a part is called after, without any word.
struct PartLabel {
  std::string role;  ///< as in Made
  int word = 0;      ///< attention: which word of the prompt, from 1
  int width = 0, height = 0;
};
PartLabel generated_part_label(const GeneratedPicture& picture, size_t number);
/// Whether GIMP's name of the layer of that part is the one it was given. `facts` are those of the picture's recipe.
bool is_generated_part_name(const std::string& name, const PartLabel& part, const std::string& facts);

/// Of a recipe's facts: which picture of its request it is about, 0 …; its id, empty where it has none; and whether its
/// prompt was not kept.
int generated_index(const std::string& facts);
std::string generated_id(const std::string& facts);
bool generated_prompt_left_out(const std::string& facts);

/// Of EngineClient::read_prompt's facts: whether the model takes a prompt.
bool generated_takes_prompt(const std::string& facts);

}  // namespace pinxit
