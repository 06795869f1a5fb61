// SPDX-License-Identifier: Apache-2.0
//
// Command line options made of a request's declaration: one option for each argument that shows there.
//
//     RequestOptions<FastStyleRequest> options(_("IN…"));         // or (_("IN…"), {{"strength", 's'}}): -s too
//     options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, _("…"), _("FILE")});
//     options.parse(count, words);        // throws Failure(bad_argument); --help prints and ends the program
//     options.request, options.words()    // what was asked for, and the words that are no options
#pragma once

#include <glib.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {

/// Options that are not of a request.
class Options {
 public:
  explicit Options(const char* parameters) : context_(g_option_context_new(parameters)) {
    group_ = g_option_group_new(nullptr, nullptr, nullptr, this, nullptr);
    g_option_group_set_translation_domain(group_, PINXIT_TEXT_DOMAIN);
    g_option_context_set_main_group(context_, group_);
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  virtual ~Options() {
    g_option_context_free(context_);
    g_strfreev(words_);
  }

  void add(const GOptionEntry& entry) {
    const GOptionEntry entries[] = {entry, GOptionEntry{}};
    g_option_group_add_entries(group_, entries);
  }

  void parse(int count, char** words) {
    add({G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words_, nullptr, nullptr});
    g_autoptr(GError) problem = nullptr;
    if (g_option_context_parse(context_, &count, &words, &problem)) return;
    if (failed_) throw Failure(*failed_);
    throw Failure(ErrorCode::bad_argument, problem->message,
                  format_text(_("“%s --help” lists the options."), g_get_prgname()));
  }

  std::vector<std::string> words() const {
    std::vector<std::string> list;
    for (char** word = words_; word && *word; ++word) list.emplace_back(*word);
    return list;
  }

 protected:
  std::optional<Error> failed_;  ///< of an argument

 private:
  GOptionContext* context_;
  GOptionGroup* group_ = nullptr;  ///< the context's
  char** words_ = nullptr;
};

/// A path is meant from where the program was called; the engine works elsewhere.
inline std::string absolute_file(const std::string& path) {
  g_autofree char* absolute = g_canonicalize_filename(path.c_str(), nullptr);
  return absolute;
}

/// The same for what may be an id of the catalogue.
inline std::string absolute_model(const std::string& model) {
  if (model.find('/') != std::string::npos) return absolute_file(model);
  for (const char* ending : {".safetensors", ".pth", ".pt", ".yml", ".yaml"})
    if (model.ends_with(ending)) return absolute_file(model);
  return model;
}

template <class R>
class RequestOptions : public Options {
 public:
  /// `letters`: arguments that have a short option as well.
  explicit RequestOptions(const char* parameters, std::map<std::string, char> letters = {})
      : Options(parameters), letters_(std::move(letters)) {
    for (const Argument<R>& argument : R::arguments()) {
      if (!(argument.faces & face_command_line)) continue;
      const bool toggle = std::holds_alternative<typename Argument<R>::Toggle>(argument.value);
      const bool as_it_is = std::holds_alternative<typename Argument<R>::Styles>(argument.value) ||
                            argument.name == std::string("captions") || is_prompt(argument.name);
      const int flags = toggle ? G_OPTION_FLAG_NO_ARG : as_it_is ? G_OPTION_FLAG_FILENAME : 0;
      const auto letter = letters_.find(argument.name);
      add({argument.name, letter == letters_.end() ? char(0) : letter->second, flags, G_OPTION_ARG_CALLBACK,
           reinterpret_cast<void*>(on_option), argument.help,
           toggle ? nullptr : value_names_.emplace_back(value_name(argument)).c_str()});
    }
  }
  R request;

 private:
  using A = Argument<R>;
  static constexpr bool styles_are_files = std::is_same_v<R, NeuralStyleRequest>;

  static std::string value_name(const A& argument) {
    if (std::holds_alternative<typename A::Styles>(argument.value))
      return styles_are_files ? _("FILE[:WEIGHT]") : _("STYLE[:WEIGHT]");
    if (std::holds_alternative<typename A::Text>(argument.value)) return text_name(argument.name);
    if (std::holds_alternative<typename A::Texts>(argument.value)) return _("TEXT[;TEXT…]");
    const auto* choice = std::get_if<typename A::Choice>(&argument.value);
    if (!choice) return _("NUMBER");
    std::string names;
    for (const std::string& value : choice->values) names += (names.empty() ? "" : "|") + value;
    return names;
  }

  static bool is_prompt(const std::string& argument) { return argument.ends_with("prompt"); }

  static std::string text_name(const std::string& argument) {
    if (argument == "captions") return _("FILE");
    return is_prompt(argument) ? _("TEXT") : _("NAME|FILE");
  }

  /// "--count" or "-n" as the argument's name.
  std::string argument_of(const std::string& option) const {
    if (option.starts_with("--")) return option.substr(2);
    for (const auto& [name, letter] : letters_)
      if (option[1] == letter) return name;
    return option;
  }

  static gboolean on_option(const char* option, const char* value, gpointer self, GError** problem) {
    auto* options = static_cast<RequestOptions*>(static_cast<Options*>(self));
    const Status status = options->set(options->argument_of(option), value ? value : "true");
    if (status) return TRUE;
    options->failed_ = status.error();
    g_set_error_literal(problem, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, status.error().sentence.c_str());
    return FALSE;
  }

  Status set(const std::string& name, const std::string& text) {
    for (const A& argument : R::arguments()) {
      const auto* styles = std::get_if<typename A::Styles>(&argument.value);
      if (styles && name == argument.name) return add_styles(request.*styles->member, text);
    }
    return set_argument(request, name, text);
  }

  /// The option may be repeated.
  static Status add_styles(std::vector<WeightedStyle>& styles, const std::string& text) {
    auto more = styles_from_text(text);
    if (!more) return more.error();
    for (WeightedStyle& style : *more) {
      style.style = styles_are_files ? absolute_file(style.style) : absolute_model(style.style);
      styles.push_back(std::move(style));
    }
    return Nothing{};
  }

  std::map<std::string, char> letters_;
  std::deque<std::string> value_names_;  ///< as long as the options are
};

}  // namespace pinxit
