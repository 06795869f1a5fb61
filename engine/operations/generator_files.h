// SPDX-License-Identifier: Apache-2.0
//
// Which model Generate from Text paints with, and where its parts lie.
//
//     GeneratorFiles files = choose_generator("attngan-birds", task.settings);
//     files.entry.title      // for the painter
//     files.vocabulary       // ".../attngan-birds/vocabulary.json"
//
// A model of the catalogue names its files by role: "generator" (or "weights"), "text-encoder", "vocabulary", "config".
// Of a weights file given by its path the other parts are those beside it, named as the importers leave them or as
// their authors do:
//
//     text-encoder.safetensors, text_encoder100.pth       AttnGAN's or CLIP's text encoder
//     vocabulary.json, vocabulary.txt, captions.pickle    AttnGAN's words
//     merges.txt, bpe_simple_vocab_16e6.txt.gz            CLIP's byte pairs
//     coco.yml, config.json                               settings
//
// A generator that listens to CLIP and has no text encoder of its own takes the one installed (operation
// "text-encoder", kind "clip").
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/importers/tensors.h"
#include "engine/requests/settings.h"
#include "engine/store/catalogue.h"

namespace pinxit {

struct GeneratorFiles {
  /// How a generator is told what to paint.
  enum class Text { none_or_own, words, clip };
  ModelEntry entry;
  Text text = Text::none_or_own;
  std::string generator, text_encoder, vocabulary, config;  ///< absolute paths; empty: there is none

  /// Of the generator; empty where it is not known.
  std::string sha256() const;
  /// Those that are not empty.
  std::vector<std::string> all() const;
};

/// `name`: "auto" (the starter, else the first installed that this engine runs), an id of the catalogue, a generator's
/// weights file (safetensors, or a checkpoint that the importers read), or the settings (.yml) of an AttnGAN that name
/// one. Throws Failure: model_missing, model_damaged, model_unsupported, file_unreadable.
GeneratorFiles choose_generator(const std::string& name, const Settings& settings);

/// What a .yml or .json file says, inner maps joined with dots: {"TEXT.WORDS_NUM": "20"}. Empty path: nothing.
/// Throws Failure: file_unreadable, model_damaged, model_unsupported.
std::map<std::string, std::string> generator_settings(const std::string& path);

/// Holds AttnGAN's settings (GAN.GF_DIM, GAN.R_NUM, TREE.BRANCH_NUM) against the weights.
/// Throws Failure(model_damaged) naming the first that differs.
void check_attngan_settings(const std::map<std::string, std::string>& settings, const Checkpoint& weights);

}  // namespace pinxit
