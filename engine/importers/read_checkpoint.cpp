// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

std::string_view beginning(const HeldBytes& file, size_t length = 512) {
  return as_text(file.view.first(std::min(file.size(), length)));
}

/// The beginning without mark and white space, in small letters.
std::string text_beginning(const HeldBytes& file) {
  std::string_view text = beginning(file);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

bool is_openvino(const HeldBytes& file) {
  const std::string text = text_beginning(file);
  return text.starts_with("<net") || (text.starts_with("<?xml") && text.find("<net") != std::string::npos);
}

bool is_safetensors(const HeldBytes& file, const std::string& path) {
  if (fs::path(path).extension() == ".safetensors") return true;  // so that the reason why not is a good one
  const std::string_view text = beginning(file);
  return text.size() > 8 && text[8] == '{' && text.substr(4, 4) == std::string_view("\0\0\0\0", 4);
}

/// What people save by mistake, or what other programs keep their weights in.
void refuse_others(const HeldBytes& file) {
  const std::string_view text = beginning(file);
  const std::string small = text_beginning(file);
  if (file.size() == 0) unsound(_("it is empty"));
  if (text.starts_with("version https://git-lfs"))
    throw Unsound(_("it is only a note of git-lfs that says where the weights are"));
  if (small.starts_with("<!doctype html") || small.starts_with("<html"))
    unsound(_("it is a web page, not weights: the download went wrong"));
  if (text.substr(std::min<size_t>(257, text.size())).starts_with("ustar"))
    throw Unread(_("it is a tar archive, as PyTorch 0.1 wrote them"),
                 _("Unpack it, or load and save it again with a newer PyTorch."));
  if (text.starts_with("\x89HDF\r\n")) unread(_("Keras and HDF5 files are not read"));
  if (text.starts_with("GGUF")) unread(_("GGUF files are not read"));
  if (text.starts_with("\x1f\x8b") || text.starts_with("7z\xBC\xAF") || text.starts_with("Rar!"))
    throw Unread(_("it is a packed archive"), _("Unpack it first."));
}

/// Files beside `path`, or an empty list.
std::vector<fs::path> neighbours(const fs::path& path, const char* extension) {
  constexpr size_t most = 1000;
  std::vector<fs::path> found;
  std::error_code problem;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end && found.size() < most;
       entry.increment(problem))
    if (entry->path().extension() == extension && entry->is_regular_file(problem)) found.push_back(entry->path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The .xml that belongs to these weights: of the same name, or else the only one whose layers use all of the file.
HeldBytes layers_for(const fs::path& weights, const HeldBytes& file) {
  const fs::path same = fs::path(weights).replace_extension(".xml");
  std::vector<HeldBytes> fitting;
  for (const fs::path& path : neighbours(weights, ".xml")) {
    const HeldBytes layers = map_file(path.string());
    if (!is_openvino(layers)) continue;
    if (path.filename() == same.filename()) return layers;
    try {
      if (openvino_weights_size(layers) == file.size()) fitting.push_back(layers);
    } catch (const std::runtime_error&) {
      // A broken neighbour belongs to somebody else.
    }
  }
  return fitting.size() == 1 ? fitting[0] : HeldBytes{};
}

/// The .bin that belongs to these layers, likewise.
HeldBytes weights_for(const fs::path& path, const HeldBytes& layers) {
  const fs::path same = fs::path(path).replace_extension(".bin");
  std::error_code problem;
  if (fs::is_regular_file(same, problem)) return map_file(same.string());
  const uint64_t size = openvino_weights_size(layers);
  std::vector<fs::path> fitting;
  for (const fs::path& other : neighbours(path, ".bin"))
    if (fs::file_size(other, problem) == size && !problem) fitting.push_back(other);
  if (fitting.size() == 1) return map_file(fitting[0].string());
  throw Unread(fitting.empty() ? _("the .bin file with its weights is missing beside it")
                               : _("several .bin files beside it fit it"),
               _("Import the .bin file instead; its .xml file must be in the same folder."));
}

void read(Checkpoint& checkpoint, const HeldBytes& file) {
  const auto give = [&](const char* format, Tensors tensors, size_t size) {
    check_tensors(tensors, size);
    checkpoint.format = format;
    checkpoint.tensors = std::move(tensors);
  };
  const std::string_view text = beginning(file);
  const bool weights_alone = fs::path(checkpoint.path).extension() == ".bin";
  refuse_others(file);
  if (text.starts_with("PK\3\4") || text.starts_with("PK\5\6"))
    return give("pytorch", read_pytorch_zip(file), file.size());
  if (is_openvino(file)) {
    const HeldBytes weights = weights_for(checkpoint.path, file);
    return give("openvino", read_openvino(file, weights), weights.size());
  }
  if (weights_alone)
    if (const HeldBytes layers = layers_for(checkpoint.path, file); layers.size())
      return give("openvino", read_openvino(layers, file), file.size());
  if (text.size() > 1 && text[0] == '\x80' && text[1] >= 1 && text[1] <= 5)
    return give("pytorch", read_pytorch_legacy(file), file.size());
  if (text.size() >= 8 && text.substr(4, 4) == "TFL3") return give("tflite", read_tflite(file), file.size());
  if (is_safetensors(file, checkpoint.path))
    return give("safetensors", read_safetensors(file, checkpoint.metadata), file.size());
  if (looks_like_onnx(file)) return give("onnx", read_onnx(file), file.size());
  throw Unread(
      weights_alone ? _("the .xml file with its layers is missing beside it")
                    : _("it is no weights file of a kind that is read"),
      _("Pinxit reads safetensors, PyTorch (.pth, .pt), OpenVINO (.xml with .bin), ONNX and TensorFlow Lite."));
}

}  // namespace

void check_tensors(const Tensors& tensors, size_t file_size) {
  constexpr uint64_t slack = uint64_t(64) << 20;
  constexpr uint64_t repeated = 8;  // how often the file's numbers may occur among the tensors'
  std::unordered_set<std::string_view> names;
  uint64_t bytes = 0;
  for (const StoredTensor& tensor : tensors) {
    const std::string name = fit_for_print(tensor.name);
    if (!is_utf8(tensor.name)) unsound(_("the name “%s” in it is not UTF-8 text"), name.c_str());
    if (!names.insert(tensor.name).second) unsound(_("the name “%s” occurs twice in it"), name.c_str());
    if (__builtin_add_overflow(bytes, uint64_t(tensor.byte_count()), &bytes) || bytes / repeated > file_size + slack)
      unsound(_("its tensors would be far larger than the file itself"));
  }
}

Result<Checkpoint> read_checkpoint(const std::string& path) {
  return reading_file(path, [&] {
    Checkpoint checkpoint;
    checkpoint.path = path;
    read(checkpoint, map_file(path));
    return checkpoint;
  });
}

}  // namespace pinxit
