// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/importers/formats.h"
#include "engine/importers/pytorch_host.h"
#include "engine/importers/zip_archive.h"

namespace pinxit {
namespace {

constexpr uint64_t pickle_limit = uint64_t(64) << 20;  // bytes

/// "archive/data.pkl" → "archive/"
std::string folder_of(const ZipArchive& archive) {
  constexpr std::string_view pickle = "data.pkl";
  const ZipEntry* found = nullptr;
  for (const ZipEntry& entry : archive.entries()) {
    const bool matches = entry.name == pickle || (entry.name.ends_with("/data.pkl") &&
                                                  std::count(entry.name.begin(), entry.name.end(), '/') == 1);
    if (matches && found) unsound(_("there are two lists of tensors in the archive"));
    if (matches) found = &entry;
  }
  if (!found) unread(_("it is a zip archive, but not one of PyTorch"));
  if (found->size > pickle_limit) unread(_("its list of tensors is too long"));
  return found->name.substr(0, found->name.size() - pickle.size());
}

/// Of each storage its entry, none of them unpacked. PyTorch itself packs nothing; who packs weights gains a little,
/// and what gains much is made to fill the memory.
std::vector<const ZipEntry*> entries_of(const std::vector<PytorchStorage>& storages, const ZipArchive& archive,
                                        const std::string& folder, uint64_t file_size) {
  constexpr uint64_t gain_limit = 8, free_bytes = uint64_t(64) << 20;
  std::vector<const ZipEntry*> entries;
  uint64_t unpacked = 0;  // bytes
  for (const PytorchStorage& storage : storages) {
    const ZipEntry* entry = archive.find(folder + "data/" + std::string(storage.key));
    const std::string key = fit_for_print(storage.key);
    if (!entry) unsound(_("its storage “%s” is missing"), key.c_str());
    if (entry->size != storage.byte_count())
      unsound(_("its storage “%s” has not the length it should have"), key.c_str());
    if (entry->deflated) unpacked += entry->size;
    if (unpacked / gain_limit > file_size + free_bytes / gain_limit)
      unsound(_("its tensors would be far larger than the file itself"));
    entries.push_back(entry);
  }
  return entries;
}

void check_magic(const PickleValues& values, PickleRef ref) {
  constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
  if (values[ref].kind != PickleKind::big || values[ref].text != magic)
    unread(_("it is a pickle, but not a checkpoint of PyTorch"));
}

void check_system(const PickleValues& values, PickleRef version, PickleRef system) {
  if (values[version].kind != PickleKind::whole || values[version].whole != 1001)
    unread(_("its version of PyTorch's format is not known"));
  const PickleValue* little = values.find(values[system], "little_endian");
  if (values[system].kind != PickleKind::dict || !little || little->kind != PickleKind::boolean)
    unsound(_("its description of the machine is missing"));
  if (!little->whole) unread(_("its numbers are big-endian"));
}

/// Behind the pickles: for each key a count (8 bytes) and the numbers.
void read_storages(const HeldBytes& file, ByteReader& in, const PickleValues& values, const PickleValue& keys,
                   std::vector<PytorchStorage>& storages) {
  std::unordered_map<std::string_view, PytorchStorage*> missing;
  for (PytorchStorage& storage : storages) missing.emplace(storage.key, &storage);
  if (keys.kind != PickleKind::list || keys.items.size() != storages.size())
    unsound(_("its list of storages does not fit its tensors"));
  for (const PickleRef key : keys.items) {
    const auto found = missing.find(values[key].text);
    if (values[key].kind != PickleKind::text || found == missing.end())
      unsound(_("its list of storages does not fit its tensors"));
    PytorchStorage& storage = *found->second;
    missing.erase(found);
    if (in.number<int64_t>() != storage.count) unsound(_("a storage in it has not the length it should have"));
    const size_t begin = in.at();
    storage.data = file.part(begin, in.take(storage.byte_count()).size());
  }
  if (!in.done()) unsound(_("there is data after the last storage"));
}

}  // namespace

Tensors read_pytorch_zip(const HeldBytes& file) {
  const ZipArchive archive(file);
  const std::string folder = folder_of(archive);
  if (const ZipEntry* order = archive.find(folder + "byteorder")) {
    const HeldBytes text = order->size < 16 ? archive.unpack(*order) : HeldBytes{};
    if (as_text(text.view) != "little") unread(_("its numbers are big-endian"));
  }
  const HeldBytes pickle = archive.unpack(*archive.find(folder + "data.pkl"));
  PickleValues values;
  PytorchHost host;
  ByteReader in(pickle.view);
  const PickleRef top = read_pickle(in, host, values);
  const std::vector<const ZipEntry*> entries = entries_of(host.storages, archive, folder, file.size());
  for (size_t i = 0; i < entries.size(); ++i) host.storages[i].data = archive.unpack(*entries[i]);
  return host.tensors_of(values, top);
}

Tensors read_pytorch_legacy(const HeldBytes& file) {
  PickleValues values;
  PytorchHost host;
  PickleHost plain;
  ByteReader in(file.view);
  check_magic(values, read_pickle(in, plain, values));
  const PickleRef version = read_pickle(in, plain, values);
  check_system(values, version, read_pickle(in, plain, values));
  const PickleRef top = read_pickle(in, host, values);
  const PickleRef keys = read_pickle(in, plain, values);
  read_storages(file, in, values, values[keys], host.storages);
  return host.tensors_of(values, top);
}

}  // namespace pinxit
