// SPDX-License-Identifier: Apache-2.0
//
// How a request declares its arguments, once, for every face it has:
//
//     PDB procedure and dialog   plugin/ walks `R::arguments()` and adds one GIMP argument each
//     command line               `pinxit` walks it and adds one option each
//     wire, recipe, preset       to_json / from_json (json.h) walk it
//
// Each argument names a member of the request struct; kinds are the alternatives of `Argument::value`.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

struct WeightedStyle;

/// Where an argument shows. Every argument is in the wire message, the recipe and the preset.
enum Face : unsigned { face_pdb = 1, face_command_line = 2, face_everywhere = 3 };

/// Whether `text` is one of a choice's `values` ("cuda:N" stands for cuda:0, cuda:1, …).
bool choice_allows(const std::vector<std::string>& values, const std::string& text);
/// "auto, cpu, cuda or cuda:N": the values as a sentence names them.
std::string choice_list(const std::vector<std::string>& values);

/// A list of texts as one string and back: parts divided by ';', where "\\;" is a semicolon of a part and spaces around
/// the parts of a longer list do not count. No text is an empty list.
std::string texts_to_text(const std::vector<std::string>& texts);
std::vector<std::string> texts_from_text(const std::string& text);

template <class R>
struct Argument {
  struct Styles {  ///< a list of weighted styles; one string in the PDB, repeatable on the command line
    std::vector<WeightedStyle> R::*member;
  };
  struct Number {
    double R::*member;
    double minimum, maximum;
  };
  struct Integer {
    int R::*member;
    int minimum, maximum;
  };
  struct Toggle {
    bool R::*member;
  };
  struct Choice {  ///< one of `values`; a value ending in ":N" stands for any whole number there (cuda:N)
    std::string R::*member;
    std::vector<std::string> values;
  };
  struct Text {
    std::string R::*member;
  };
  struct Texts {  ///< a list; one string in the PDB and on the command line (texts_to_text)
    std::vector<std::string> R::*member;
  };
  using Value = std::variant<Styles, Number, Integer, Toggle, Choice, Text, Texts>;

  const char* name;   ///< "keep-colors": PDB argument, option and JSON field alike ("style" is the list "styles" there)
  const char* label;  ///< N_() marked, with a mnemonic for the dialog
  const char* help;   ///< N_() marked, one sentence
  Value value;
  unsigned faces = face_everywhere;
};

}  // namespace pinxit
