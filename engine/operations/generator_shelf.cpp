// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/generator_shelf.h"

#include <glib.h>
#include <json-glib/json-glib.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/compute/memory.h"
#include "engine/importers/vocabulary.h"
#include "engine/operations/file_time.h"
#include "engine/requests/json_fields.h"
#include "engine/text/clip_tokenizer.h"
#include "engine/text/word_tokenizer.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr size_t capacity = 2;

std::vector<int64_t> times_of(const GeneratorFiles& files) {
  std::vector<int64_t> times;
  for (const std::string& path : files.all()) times.push_back(modified_time(path));
  return times;
}

bool same(const ShelvedGenerator& kept, const GeneratorFiles& files, torch::Device device, torch::ScalarType type) {
  return kept.device == device && kept.type == type && kept.files.all() == files.all() &&
         kept.modified == times_of(files);
}

/// Weights as safetensors: a file that is one already as it is, another's checkpoint written anew for as long as this
/// lives (what was loaded from it stays).
class ReadyWeights {
 public:
  explicit ReadyWeights(const std::string& path) : path_(path) {
    if (path.empty()) return;
    const Checkpoint checkpoint = read_checkpoint(path).take();
    if (checkpoint.format == "safetensors") return;
    g_autoptr(GError) problem = nullptr;
    g_autofree char* folder = g_dir_make_tmp("pinxit-weights-XXXXXX", &problem);
    if (!folder) throw Failure(ErrorCode::file_unwritable, problem->message);
    folder_ = folder;
    path_ = folder_ + "/weights.safetensors";
    const auto written = write_safetensors(path_, checkpoint.tensors, checkpoint.metadata);
    if (written) return;
    remove();
    throw Failure(written.error());
  }
  ~ReadyWeights() { remove(); }
  ReadyWeights(const ReadyWeights&) = delete;
  ReadyWeights& operator=(const ReadyWeights&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  std::string path_, folder_;
};

std::vector<std::string> words_of_json(const std::string& path) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = nullptr;
  std::vector<std::string> words;
  try {
    if (!json_parser_load_from_file(parser, path.c_str(), &problem)) throw std::invalid_argument(problem->message);
    JsonNode* root = json_parser_get_root(parser);
    if (root && JSON_NODE_HOLDS_OBJECT(root)) words = json_texts_of(json_node_get_object(root), "words");
  } catch (const std::invalid_argument& fault) {
    throw Failure(ErrorCode::model_damaged,
                  format_text(_("The vocabulary “%s” cannot be read: %s."), path.c_str(), fault.what()),
                  _("Install the model again."));
  }
  return words;
}

std::shared_ptr<const Tokenizer> word_tokenizer(const GeneratorFiles& files) {
  const auto settings = generator_settings(files.config);
  check_attngan_settings(settings, read_checkpoint(files.generator).take());
  size_t limit = WordTokenizer::usual_limit;
  if (const auto said = settings.find("TEXT.WORDS_NUM"); said != settings.end()) {
    const std::string& text = said->second;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || limit < 1 || limit > 1000)
      throw Failure(ErrorCode::model_damaged, format_text(_("The settings “%s” are wrong: %s is %s."),
                                                          files.config.c_str(), "TEXT.WORDS_NUM", text.c_str()));
  }
  const std::string ending = fs::path(files.vocabulary).extension();
  if (ending == ".json") return WordTokenizer::make(words_of_json(files.vocabulary), limit).take();
  if (ending == ".txt" || ending == ".gz") return WordTokenizer::load(files.vocabulary, limit).take();
  return WordTokenizer::make(read_vocabulary(files.vocabulary).take().word, limit).take();
}

std::shared_ptr<const Tokenizer> tokenizer_of(const GeneratorFiles& files) {
  if (files.vocabulary.empty()) return nullptr;
  if (files.text == GeneratorFiles::Text::words) return word_tokenizer(files);
  if (files.text == GeneratorFiles::Text::clip) return ClipTokenizer::load(files.vocabulary).take();
  return nullptr;
}

/// The weights may be stored in half the bytes that they are computed in.
void check_room(const GeneratorFiles& files, torch::Device device) {
  int64_t bytes = 0;
  for (const std::string& path : {files.generator, files.text_encoder}) {
    std::error_code missing;
    const auto size = path.empty() ? 0 : fs::file_size(path, missing);
    if (!missing) bytes += int64_t(size);
  }
  const int64_t free = free_memory(device);
  if (bytes <= free) return;
  const auto mib = [](int64_t size) { return int((size + (1 << 20) - 1) >> 20); };
  throw Failure(ErrorCode::out_of_memory,
                format_text(_("Loading “%s” needs %d MiB of memory, and there are %d."), files.entry.title.c_str(),
                            mib(bytes), mib(free)),
                _("Close other programs, or choose a smaller model."));
}

}  // namespace

bool GeneratorShelf::has(const GeneratorFiles& files, torch::Device device, torch::ScalarType type) const {
  return std::any_of(generators_.begin(), generators_.end(),
                     [&](const auto& kept) { return same(*kept, files, device, type); });
}

std::shared_ptr<const ShelvedGenerator> GeneratorShelf::generator(const GeneratorFiles& files, torch::Device device,
                                                                  torch::ScalarType type) {
  for (auto it = generators_.begin(); it != generators_.end(); ++it)
    if (same(**it, files, device, type)) {
      auto found = std::make_shared<ShelvedGenerator>(**it);
      found->files = files;  // the same ones, maybe chosen by another name
      *it = std::move(found);
      generators_.splice(generators_.begin(), generators_, it);
      return generators_.front();
    }
  check_room(files, device);
  auto loaded = std::make_shared<ShelvedGenerator>();
  loaded->modified = times_of(files);
  const ReadyWeights generator(files.generator), text_encoder(files.text_encoder);
  TextToImageFiles parts;
  parts.generator = generator.path();
  parts.text_encoder = text_encoder.path();
  parts.tokenizer = tokenizer_of(files);
  if (files.text == GeneratorFiles::Text::clip && !files.config.empty())
    parts.clip = clip_settings(files.config).take();
  parts.device = device, parts.type = type;
  loaded->model = load_text_to_image(parts).take();
  loaded->files = files;
  loaded->device = device, loaded->type = type;
  generators_.push_front(loaded);
  if (generators_.size() > capacity) generators_.pop_back();
  return loaded;
}

}  // namespace pinxit
