// SPDX-License-Identifier: Apache-2.0
#include "engine/install/entry.h"

#include <json-glib/json-glib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/importers/recognise.h"
#include "engine/importers/tensors.h"
#include "engine/importers/vocabulary.h"
#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/place.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Phase = InstallProgress::Phase;

constexpr const char* thumbnail_name = "thumbnail.jpg";

void convert_net(const Offer& offer, const std::string& from, const std::string& to) {
  const Checkpoint checkpoint = read_checkpoint(from).take();
  const RecognisedNet net = recognise(checkpoint).take();
  if (net.kind != offer.kind)
    throw Failure(ErrorCode::model_unsupported,
                  format_text(_("%s holds a %s, not what was offered."), fs::path(from).filename().c_str(),
                              net.title.c_str()),
                  _("Please report this: the list of models is wrong."));
  write_safetensors(to, net.tensors, net.metadata).take();
}

void convert_vocabulary(const std::string& from, const std::string& to) {
  const Vocabulary vocabulary = read_vocabulary(from).take();
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_begin_array(builder, "words");
  for (const std::string& word : vocabulary.word) json_builder_add_string_value(builder, word.c_str());
  json_builder_end_array(builder);
  json_builder_end_object(builder);
  write_whole(to, json_text(builder) + "\n");
}

/// A kept file that no sum vouches for has at least to be what its name says, not a proxy's page.
void look_into(const std::string& path, const std::string& name) {
  if (name.ends_with(".safetensors")) read_checkpoint(path).take();
  if (!name.ends_with(".json")) return;
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = nullptr;
  if (json_parser_load_from_file(parser, path.c_str(), &problem) && json_parser_get_root(parser)) return;
  throw Failure(ErrorCode::model_damaged,
                format_text(_("The file %s is damaged: %s."), name.c_str(),
                            problem ? problem->message : _("it is empty")),
                _("Install the model again, or import the file from another place."));
}

/// The same file under a second name, so that nothing has to be fetched again after a crash.
void keep(const std::string& from, const std::string& to) {
  if (link(from.c_str(), to.c_str()) == 0) return;
  if (rename(from.c_str(), to.c_str()) != 0) throw write_failure(to, errno);
}

void convert_file(const Offer& offer, const OfferFile& file, const Work& work) {
  const std::string from = work.whole(file.path), to = work.ready() + "/" + file.into;
  if (file.convert != Convert::companion) make_folder(fs::path(to).parent_path().string());
  switch (file.convert) {
    case Convert::keep:
      if (!file.has_sum()) look_into(from, file.into);
      keep(from, to);
      break;
    case Convert::net:
      convert_net(offer, from, to);
      break;
    case Convert::tensors: {
      const Checkpoint checkpoint = read_checkpoint(from).take();
      write_safetensors(to, checkpoint.tensors, checkpoint.metadata).take();
      break;
    }
    case Convert::vocabulary:
      convert_vocabulary(from, to);
      break;
    case Convert::companion:
      break;
  }
}

/// What nothing vouches for and turned out to be wrong is not kept for the next time: the file, and companions that
/// are read together with it.
void drop_unvouched(const Offer& offer, const OfferFile& faulty, const Work& work) {
  const bool with_companions = faulty.convert == Convert::net || faulty.convert == Convert::tensors;
  for (const OfferFile& file : offer.files)
    if (!file.has_sum() && (file.path == faulty.path || (with_companions && file.convert == Convert::companion)))
      remove_tree(work.whole(file.path));
}

JsonNode* files_node(const NewEntry& entry, const std::string& folder, std::stop_token stop) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_array(builder);
  for (const NewEntry::File& file : entry.files) {
    const std::string path = folder + "/" + file.path;
    json_builder_begin_object(builder);
    json_add(builder, "role", file.role);
    json_add(builder, "path", file.path);
    json_add(builder, "bytes", file_size(path));
    json_add(builder, "sha256", file.sha256.empty() ? sum_file(path, {}, stop).sha256 : file.sha256);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  return json_builder_get_root(builder);
}

JsonNode* installed_node(const NewEntry& entry) {
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char* time = g_date_time_format_iso8601(now);
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "time", std::string(time));
  json_add(builder, "trust", std::string(trust_name(entry.trust)));
  if (!entry.from.empty()) json_add(builder, "from", entry.from);
  json_builder_end_object(builder);
  return json_builder_get_root(builder);
}

std::string entry_text(const NewEntry& entry, const std::string& folder, std::stop_token stop) {
  g_autoptr(JsonNode) root = json_from_string(entry.members.c_str(), nullptr);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root))
    throw Failure(ErrorCode::internal, format_text(_("The entry of the model “%s” is not sound."), entry.id.c_str()));
  JsonObject* object = json_node_get_object(root);
  json_object_set_int_member(object, "pinxit", 1);
  json_object_set_string_member(object, "id", entry.id.c_str());
  json_object_set_string_member(object, "kind", entry.kind.c_str());
  json_object_set_string_member(object, "operation", entry.operation.c_str());
  json_object_set_member(object, "files", files_node(entry, folder, stop));
  if (fs::exists(folder + "/" + thumbnail_name)) json_object_set_string_member(object, "thumbnail", thumbnail_name);
  json_object_set_member(object, "installed", installed_node(entry));
  g_autofree char* text = json_to_string(root, true);
  return std::string(text) + "\n";
}

void add_thumbnail(const NewEntry& entry, const Work& work, const InstallerOptions& options, ProgressBoard& board) {
  if (entry.operation != "fast-style" || entry.files.size() != 1 || !options.make_thumbnail) return;
  const std::string picture = work.ready() + "/" + thumbnail_name;
  const std::string weights = work.ready() + "/" + entry.files[0].path;
  const Status done = guarded([&] { return options.make_thumbnail(weights, picture).take(); });
  if (done && fs::exists(picture)) return;
  remove_tree(picture);
  const std::string why = done ? "" : done.error().sentence;
  board.say(Phase::finishing, "", format_text(_("No picture of the style was made: %s"), why.c_str()));
}

}  // namespace

NewEntry entry_of_offer(const Offer& offer) {
  NewEntry entry{offer.id, offer.kind, offer.operation, offer.json, {}, offer.trust(), {}};
  for (const OfferFile& file : offer.files)
    if (file.convert != Convert::companion)
      entry.files.push_back({file.role, file.into, file.convert == Convert::keep ? file.sha256 : std::string()});
  return entry;
}

void convert_files(const Offer& offer, const Work& work, std::stop_token stop) {
  remove_tree(work.ready());
  make_folder(work.ready());
  for (const OfferFile& file : offer.files) {
    if (stop.stop_requested()) throw Cancelled();
    try {
      convert_file(offer, file, work);
    } catch (const Failure& failure) {
      if (failure.error.code == ErrorCode::model_damaged || failure.error.code == ErrorCode::model_unsupported)
        drop_unvouched(offer, file, work);
      throw;
    }
  }
}

void finish_entry(const NewEntry& entry, Work& work, const InstallerOptions& options, ProgressBoard& board,
                  std::stop_token stop) {
  board.begin(Phase::finishing, 0);
  board.tell();
  add_thumbnail(entry, work, options, board);
  board.tell();
  if (stop.stop_requested()) throw Cancelled();
  write_whole(work.ready() + "/model.json", entry_text(entry, work.ready(), stop));
  sync_tree(work.ready());
  put_model_in_place(work, options.store, entry.id, board);
}

std::string adopted_entry_text(const std::string& path) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = nullptr;
  json_parser_load_from_file(parser, path.c_str(), &problem);
  JsonNode* root = json_parser_get_root(parser);
  if (problem || !root || !JSON_NODE_HOLDS_OBJECT(root))
    throw Failure(ErrorCode::model_damaged, format_text(_("“%s” cannot be read."), shown_path(path).c_str()));
  NewEntry entry;
  entry.from = shown_path(fs::path(path).parent_path().string());
  json_object_set_member(json_node_get_object(root), "installed", installed_node(entry));
  g_autofree char* text = json_to_string(root, true);
  return std::string(text) + "\n";
}

std::string fault_of(const ModelEntry& entry) {
  for (const ModelFile& file : entry.files) {
    const std::string name = fs::path(file.path).filename().string();
    if (!fs::is_regular_file(file.path)) return format_text(_("the file %s is missing"), name.c_str());
    const int64_t size = file_size(file.path);
    if (file.bytes && file.bytes != size)
      return format_text(_("the file %s has %lld bytes, not %lld"), name.c_str(), (long long)size,
                         (long long)file.bytes);
  }
  return {};
}

}  // namespace pinxit
