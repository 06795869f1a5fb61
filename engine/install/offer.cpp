// SPDX-License-Identifier: Apache-2.0
#include "engine/install/offer.h"

#include <glib.h>

#include <filesystem>
#include <memory>
#include <numeric>
#include <set>

#include "engine/requests/json_fields.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr int newest_version = 1;
constexpr gsize file_limit = 4 << 20;  // bytes
constexpr const char* converter_names[] = {"keep", "net", "tensors", "vocabulary", "companion"};

[[noreturn]] void wrong(const std::string& what) {
  throw std::invalid_argument(what);
}

/// Relative, inside, in folders that nobody hides: "vae/config.json".
std::string checked_path(const std::string& path) {
  const fs::path relative = path;
  if (path.empty() || relative.is_absolute() || !relative.has_filename() || path.size() > 200)
    wrong(format_text(_("“%s” is not a path inside the model's folder"), path.c_str()));
  for (const fs::path& step : relative)
    if (step.string().starts_with('.'))
      wrong(format_text(_("“%s” is not a path inside the model's folder"), path.c_str()));
  if (path == "model.json") wrong(_("“model.json” is the name of the entry itself"));
  return relative.lexically_normal().string();
}

Convert converter(const std::string& name) {
  if (name.empty()) return Convert::keep;
  for (size_t i = 0; i < std::size(converter_names); ++i)
    if (name == converter_names[i]) return Convert(i);
  wrong(format_text(_("the converter “%s” is of a newer Pinxit"), name.c_str()));
}

std::string checked_address(const std::string& address, const OfferFile& file) {
  g_autoptr(GUri) uri = g_uri_parse(address.c_str(), G_URI_FLAGS_NONE, nullptr);
  const std::string scheme = uri ? g_uri_get_scheme(uri) : "";
  const std::string host = uri && g_uri_get_host(uri) ? g_uri_get_host(uri) : "";
  const bool loopback = host == "127.0.0.1" || host == "localhost" || host == "::1";
  if (host.empty() || (scheme != "https" && scheme != "http"))
    wrong(format_text(_("“%s” is not an address on the web"), address.c_str()));
  if (scheme == "http" && !loopback && !file.has_sum())
    wrong(format_text(_("“%s” is not encrypted, and no sum is known to check the file with"), address.c_str()));
  return address;
}

OfferFile read_offer_file(JsonNode* node) {
  if (!JSON_NODE_HOLDS_OBJECT(node)) wrong(_("“files” does not list files"));
  JsonObject* object = json_node_get_object(node);
  OfferFile file;
  file.path = checked_path(json_needed_text(object, "path"));
  file.role = json_needed_text(object, "role");
  file.convert = converter(json_text_of(object, "convert"));
  const std::string into = json_text_of(object, "into");
  file.into = into.empty() ? file.path : checked_path(into);
  const bool converts = file.convert != Convert::keep && file.convert != Convert::companion;
  if (converts && into.empty()) wrong(format_text(_("“into” is missing for %s"), file.path.c_str()));
  if (!converts && !into.empty()) wrong(format_text(_("%s is not converted into anything"), file.path.c_str()));
  file.bytes = json_whole_number_of(object, "bytes");
  file.about_bytes = json_whole_number_of(object, "about_bytes");
  file.sha256 = json_sum_of(object, "sha256", 64, 64);
  file.sha256_prefix = json_sum_of(object, "sha256_prefix", 6, 63);
  file.git_blob = json_sum_of(object, "git_blob", 40, 40);
  file.tensors = json_texts_of(object, "tensors");
  for (const std::string& address : json_texts_of(object, "addresses"))
    file.addresses.push_back(checked_address(address, file));
  if (file.addresses.empty()) wrong(format_text(_("no address is given for %s"), file.path.c_str()));
  return file;
}

Offer read_offer(JsonNode* node) {
  if (!JSON_NODE_HOLDS_OBJECT(node)) wrong(_("“offers” does not list models"));
  JsonObject* object = json_node_get_object(node);
  Offer offer;
  offer.id = json_needed_text(object, "id");
  if (!is_model_id(offer.id))
    wrong(format_text(_("the id “%s” has other letters than a–z, 0–9, - . and _"), offer.id.c_str()));
  offer.kind = json_needed_text(object, "kind");
  offer.operation = json_needed_text(object, "operation");
  offer.title = json_needed_text(object, "title");
  offer.description = json_text_of(object, "description");
  offer.source = json_text_of(object, "source");
  offer.purpose = json_text_of(object, "purpose");
  offer.memory_bytes = json_whole_number_of(object, "memory_bytes");
  JsonNode* licence = json_member(object, "licence");
  if (!licence || !JSON_NODE_HOLDS_OBJECT(licence)) wrong(_("“licence” is missing"));
  offer.licence = json_needed_text(json_node_get_object(licence), "id");
  offer.licence_url = json_text_of(json_node_get_object(licence), "url");
  JsonNode* files = json_member(object, "files");
  if (!files || !JSON_NODE_HOLDS_ARRAY(files) || json_array_get_length(json_node_get_array(files)) == 0)
    wrong(_("“files” does not list files"));
  std::set<std::string> taken;
  for (guint i = 0; i < json_array_get_length(json_node_get_array(files)); ++i) {
    OfferFile file = read_offer_file(json_array_get_element(json_node_get_array(files), i));
    const bool written = file.convert != Convert::companion && file.into != file.path;
    if (!taken.insert(file.path).second || (written && !taken.insert(file.into).second))
      wrong(format_text(_("%s occurs twice"), file.path.c_str()));
    offer.files.push_back(std::move(file));
  }
  g_autofree char* text = json_to_string(node, false);
  offer.json = text;
  return offer;
}

}  // namespace

Trust OfferFile::trust() const {
  if (!sha256.empty()) return Trust::sha256;
  if (!git_blob.empty()) return Trust::git_blob;
  return sha256_prefix.empty() ? Trust::length : Trust::sha256_prefix;
}

int64_t Offer::download_bytes() const {
  return std::accumulate(files.begin(), files.end(), int64_t(0),
                         [](int64_t sum, const OfferFile& file) { return sum + file.planned_bytes(); });
}

Trust Offer::trust() const {
  Trust weakest = Trust::sha256;
  for (const OfferFile& file : files) weakest = std::min(weakest, file.trust());
  return weakest;
}

const Offer* Offers::find(const std::string& id) const {
  const auto found = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) { return offer.id == id; });
  return found == offers_.end() ? nullptr : &*found;
}

Offers Offers::read(const std::vector<std::string>& folders) {
  std::vector<fs::path> places(folders.begin(), folders.end()), paths;
  if (folders.empty())
    for (const std::string& folder : model_search_path()) places.push_back(fs::path(folder) / "offers");
  Offers offers;
  std::set<std::string> seen;
  const auto complain = [&](const std::string& path, const std::string& reason) {
    offers.problems_.push_back({ErrorCode::model_damaged,
                                format_text(_("In the list of models %s: %s."), path.c_str(), reason.c_str()),
                                _("Correct that file, or take it away.")});
  };
  for (const fs::path& place : places) {
    std::error_code problem;
    std::vector<fs::path> found;
    for (fs::directory_iterator at(place, problem), end; !problem && at != end; at.increment(problem))
      if (at->path().extension() == ".json" && seen.insert(fs::weakly_canonical(at->path()).string()).second)
        found.push_back(at->path());
    std::sort(found.begin(), found.end());
    paths.insert(paths.end(), found.begin(), found.end());
  }
  for (const fs::path& path : paths) {
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) problem = nullptr;
    g_autofree char* text = nullptr;
    gsize size = 0;
    if (!g_file_get_contents(path.c_str(), &text, &size, &problem) || size > file_limit ||
        !json_parser_load_from_data(parser, text, gssize(size), &problem)) {
      complain(path, problem ? problem->message : _("it is too large"));
      continue;
    }
    JsonNode* root = json_parser_get_root(parser);
    JsonObject* object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : nullptr;
    JsonNode* list = object ? json_member(object, "offers") : nullptr;
    try {
      if (!list || !JSON_NODE_HOLDS_ARRAY(list)) wrong(_("“offers” is missing"));
      if (json_whole_number_of(object, "pinxit") < 1) wrong(_("“pinxit”, the version of the list, is missing"));
      if (json_whole_number_of(object, "pinxit") > newest_version) wrong(_("it is made for a newer Pinxit"));
    } catch (const std::invalid_argument& fault) {
      complain(path, fault.what());
      continue;
    }
    for (guint i = 0; i < json_array_get_length(json_node_get_array(list)); ++i) {
      try {
        Offer offer = read_offer(json_array_get_element(json_node_get_array(list), i));
        if (!offers.find(offer.id)) offers.offers_.push_back(std::move(offer));
      } catch (const std::invalid_argument& fault) {
        complain(path, format_text(_("model %u: %s"), i + 1, fault.what()));
      }
    }
  }
  return offers;
}

}  // namespace pinxit
