// SPDX-License-Identifier: Apache-2.0
//
// Vocabularies and settings beside AttnGAN's checkpoints. A vocabulary is a pickle (captions.pickle: captions of the
// training and test pictures, index → word, word → index); only lists, tuples, dicts, strings and whole numbers are
// read from it, and nothing is run. Settings are the small part of YAML that such files use.
//
//     auto words = read_vocabulary("captions.pickle").take();
//     words.word[7];                       // "bird"
//     auto settings = read_settings("bird_attn2.yml").take();
//     settings["TREE.BRANCH_NUM"];         // "3"
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

struct Vocabulary {
  std::vector<std::string> word;         ///< by index; word[0] is "<end>"
  std::map<std::string, int64_t> index;  ///< of each word
};

/// Takes [train, test, index → word, word → index] or either of the dicts alone. Indices are 0 … n-1 without gaps,
/// and where both directions are there they agree.
/// Errors: file_unreadable, model_damaged, model_unsupported (other objects in it, named).
Result<Vocabulary> read_vocabulary(const std::string& path);

/// Maps nested by indentation, with single values and lists of single values. Keys of inner maps are joined with dots,
/// items of lists are KEY.0, KEY.1, …; values are texts without their quotes.
/// Errors: file_unreadable, model_damaged (with the line), model_unsupported (anchors, tags, several documents, …).
Result<std::map<std::string, std::string>> read_settings(const std::string& path);

}  // namespace pinxit
