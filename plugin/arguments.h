// SPDX-License-Identifier: Apache-2.0
//
// A request as the arguments of a GIMP procedure: one walk over `R::arguments()` for each direction.
//
//     add_arguments<FastStyleRequest>(procedure);                     // when the procedure is made
//     add_arguments<GenerateRequest>(procedure, {"prompt"});          // … with arguments that GIMP must not remember
//     auto request = request_of<FastStyleRequest>(config);            // at the start of a run
//     keep_as_last_values(request, config);                           // after a dialog changed it
//
// GIMP's own ranges and choices are not used: it would replace a wrong choice by the default without a word, and drop
// a number outside its range with a line on the console nobody reads. Arguments take any value, their descriptions
// tell what is meant, and `validate` (requests/json.h) refuses the rest with a sentence.
#pragma once

#include <libgimp/gimp.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/text.h"
#include "engine/requests/declaration.h"
#include "engine/requests/fast_style.h"

namespace pinxit {

template <class... Cases>
struct Each : Cases... {
  using Cases::operator()...;
};

/// Translated label and help of an argument; the help ends with its range.
template <class R>
struct ArgumentTexts {
  explicit ArgumentTexts(const Argument<R>& argument) : label(_(argument.label)), help(_(argument.help)) {
    using A = Argument<R>;
    if (const auto* number = std::get_if<typename A::Number>(&argument.value))
      help += format_text(_(" (%g to %g)"), number->minimum, number->maximum);
    if (const auto* integer = std::get_if<typename A::Integer>(&argument.value))
      help += format_text(_(" (%d to %d)"), integer->minimum, integer->maximum);
  }
  std::string label, help;
};

/// GIMP writes arguments into its settings and into images as parasites, except for those in `private_names`.
template <class R>
void add_arguments(GimpProcedure* procedure, const std::vector<std::string>& private_names = {}) {
  using A = Argument<R>;
  const R defaults;
  for (const A& argument : R::arguments()) {
    if (!(argument.faces & face_pdb)) continue;
    const ArgumentTexts<R> texts(argument);
    const char *name = argument.name, *label = texts.label.c_str(), *help = texts.help.c_str();
    const bool is_private = std::ranges::find(private_names, name) != private_names.end();
    const auto flags = GParamFlags(G_PARAM_READWRITE | (is_private ? GIMP_PARAM_DONT_SERIALIZE : 0));
    const auto add_string = [&](const std::string& value) {
      gimp_procedure_add_string_argument(procedure, name, label, help, value.c_str(), flags);
    };
    std::visit(Each{
                   [&](const typename A::Styles& a) { add_string(styles_to_text(defaults.*a.member)); },
                   [&](const typename A::Choice& a) { add_string(defaults.*a.member); },
                   [&](const typename A::Text& a) { add_string(defaults.*a.member); },
                   [&](const typename A::Texts& a) { add_string(texts_to_text(defaults.*a.member)); },
                   [&](const typename A::Number& a) {
                     gimp_procedure_add_double_argument(procedure, name, label, help, -HUGE_VAL, HUGE_VAL,
                                                        defaults.*a.member, flags);
                   },
                   [&](const typename A::Integer& a) {
                     gimp_procedure_add_int_argument(procedure, name, label, help, G_MININT, G_MAXINT,
                                                     defaults.*a.member, flags);
                   },
                   [&](const typename A::Toggle& a) {
                     gimp_procedure_add_boolean_argument(procedure, name, label, help, defaults.*a.member, flags);
                   },
               },
               argument.value);
  }
}

/// The values as they are: `validate` them. Throws Failure where a text cannot be understood.
template <class R>
R request_of(GimpProcedureConfig* config) {
  using A = Argument<R>;
  R request;
  for (const A& argument : R::arguments()) {
    if (!(argument.faces & face_pdb)) continue;
    const auto text = [&] {
      g_autofree char* value = nullptr;
      g_object_get(config, argument.name, &value, nullptr);
      return std::string(value ? value : "");
    };
    const auto number = [&](auto& member) { g_object_get(config, argument.name, &member, nullptr); };
    std::visit(Each{
                   [&](const typename A::Styles& a) {
                     if (const std::string styles = text(); !styles.empty())
                       request.*a.member = styles_from_text(styles).take();
                   },
                   [&](const typename A::Choice& a) { request.*a.member = text(); },
                   [&](const typename A::Text& a) { request.*a.member = text(); },
                   [&](const typename A::Texts& a) { request.*a.member = texts_from_text(text()); },
                   [&](const typename A::Number& a) { number(request.*a.member); },
                   [&](const typename A::Integer& a) { number(request.*a.member); },
                   [&](const typename A::Toggle& a) {
                     gboolean value = request.*a.member;
                     number(value);
                     request.*a.member = value;
                   },
               },
               argument.value);
  }
  return request;
}

/// GIMP remembers what `config` holds at the end of an interactive run. Nothing secret is ever an argument.
template <class R>
void keep_as_last_values(const R& request, GimpProcedureConfig* config) {
  using A = Argument<R>;
  for (const A& argument : R::arguments()) {
    if (!(argument.faces & face_pdb)) continue;
    const auto set = [&](auto value) { g_object_set(config, argument.name, value, nullptr); };
    std::visit(Each{
                   [&](const typename A::Styles& a) { set(styles_to_text(request.*a.member).c_str()); },
                   [&](const typename A::Choice& a) { set((request.*a.member).c_str()); },
                   [&](const typename A::Text& a) { set((request.*a.member).c_str()); },
                   [&](const typename A::Texts& a) { set(texts_to_text(request.*a.member).c_str()); },
                   [&](const typename A::Number& a) { set(request.*a.member); },
                   [&](const typename A::Integer& a) { set(request.*a.member); },
                   [&](const typename A::Toggle& a) { set(gboolean(request.*a.member)); },
               },
               argument.value);
  }
}

}  // namespace pinxit
