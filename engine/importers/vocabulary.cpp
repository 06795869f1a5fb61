// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/vocabulary.h"

#include "engine/base/json_reader.h"
#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"
#include "engine/importers/pickle.h"

namespace pinxit {
namespace {

constexpr size_t file_limit = size_t(256) << 20, value_limit = 16'000'000;

std::string word_of(const PickleValue& value) {
  if (value.kind != PickleKind::text || !is_utf8(value.text)) unsound(_("a word in it is no UTF-8 text"));
  return std::string(value.text);
}

/// index → word
void read_words(const PickleValues& values, const PickleValue& dict, Vocabulary& vocabulary) {
  const size_t count = dict.items.size() / 2;
  std::vector<bool> seen(count);
  vocabulary.word.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const PickleValue& key = values[dict.items[2 * i]];
    if (key.kind != PickleKind::whole || key.whole < 0 || uint64_t(key.whole) >= count || seen[size_t(key.whole)])
      unsound(_("the numbers of its words have gaps"));
    seen[size_t(key.whole)] = true;
    vocabulary.word[size_t(key.whole)] = word_of(values[dict.items[2 * i + 1]]);
  }
}

/// word → index
void read_indices(const PickleValues& values, const PickleValue& dict, Vocabulary& vocabulary) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& number = values[dict.items[i + 1]];
    const bool sound =
        number.kind == PickleKind::whole && number.whole >= 0 && uint64_t(number.whole) < dict.items.size() / 2;
    if (!sound || !vocabulary.index.emplace(word_of(values[dict.items[i]]), number.whole).second)
      unsound(_("the numbers of its words have gaps"));
  }
}

void complete(Vocabulary& vocabulary) {
  if (vocabulary.word.empty()) {
    vocabulary.word.resize(vocabulary.index.size());
    for (const auto& [word, index] : vocabulary.index) vocabulary.word[size_t(index)] = word;
  }
  const bool given = !vocabulary.index.empty();
  if (given && vocabulary.index.size() != vocabulary.word.size()) unsound(_("its two lists of words differ"));
  for (size_t i = 0; i < vocabulary.word.size(); ++i) {
    const auto [place, is_new] = vocabulary.index.emplace(vocabulary.word[i], int64_t(i));
    if (given ? is_new || place->second != int64_t(i) : !is_new) unsound(_("its two lists of words differ"));
  }
  if (vocabulary.word.empty()) unread(_("there are no words in it"));
}

}  // namespace

Vocabulary parse_vocabulary(const HeldBytes& file) {
  if (file.size() > file_limit) unread(_("it is too large for a vocabulary"));
  PickleValues values(value_limit);
  PickleHost plain;
  ByteReader in(file.view);
  const PickleValue& top = values[read_pickle(in, plain, values)];
  std::vector<const PickleValue*> dicts = {&top};
  const bool listed = top.kind == PickleKind::list || top.kind == PickleKind::tuple;
  if (listed && top.items.size() == 4) dicts = {&values[top.items[2]], &values[top.items[3]]};
  Vocabulary vocabulary;
  for (const PickleValue* dict : dicts) {
    if (dict->kind != PickleKind::dict || dict->items.empty()) unread(_("it is a pickle, but not a vocabulary"));
    if (values[dict->items[0]].kind == PickleKind::whole)
      read_words(values, *dict, vocabulary);
    else
      read_indices(values, *dict, vocabulary);
  }
  complete(vocabulary);
  return vocabulary;
}

Result<Vocabulary> read_vocabulary(const std::string& path) {
  return reading_file(path, [&] { return parse_vocabulary(map_file(path)); });
}

}  // namespace pinxit
