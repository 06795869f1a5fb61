// SPDX-License-Identifier: Apache-2.0
//
// Offers: models that can be installed, as data (models/offers/*.json; models/README.md tells every field). Nothing is
// downloaded here.
//
//     for (const Offer& offer : Offers::read().all()) …          // in the order of file names, then of the file
//
// Offers come from offers/ below every folder of the search path (store/catalogue.h), so that a school may add its
// own; the first of an id wins. Fields of a newer version are left alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

/// How a downloaded file is known to be the right one, weakest first.
enum class Trust {
  length,         ///< by its length alone, or nothing: shown as "unverified"
  sha256_prefix,  ///< by the first digits of its sum, which its author put into the file's name
  git_blob,       ///< by SHA-1("blob LENGTH\0" + content)
  sha256,
};

/// What becomes of a downloaded file.
enum class Convert {
  keep,        ///< nothing: it goes into the model's folder as it is
  net,         ///< checkpoint -> safetensors with our names (importers/recognise.h); has to be of the offer's kind
  tensors,     ///< checkpoint -> safetensors with its own names
  vocabulary,  ///< AttnGAN's captions.pickle -> {"words": […]}
  companion,   ///< read together with another one (OpenVINO's XML), then dropped
};

struct OfferFile {
  std::string path;                   ///< what it is downloaded as, relative: "vae/config.json", "mosaic.bin"
  std::string role;                   ///< as in the catalogue: "weights", "config", "vocabulary", …
  Convert convert = Convert::keep;
  std::string into;                   ///< path in the model's folder; `path` where nothing is converted
  int64_t bytes = 0;                  ///< exact; 0: not known
  int64_t about_bytes = 0;            ///< for plans and progress where `bytes` is not known
  std::string sha256, sha256_prefix, git_blob;  ///< lower-case hex, each may be empty
  std::vector<std::string> addresses; ///< mirrors, tried in order
  std::vector<std::string> tensors;   ///< of a safetensors file only tensors with these prefixes; empty: all of it
  Trust trust() const;
  /// Whether content alone tells that it is the right file, whoever sent it.
  bool has_sum() const { return !sha256.empty() || !git_blob.empty(); }
  int64_t planned_bytes() const { return bytes ? bytes : about_bytes; }
};

struct Offer {
  std::string id, kind, operation, title, description, licence, licence_url, source;
  std::string purpose;         ///< what it is for, one sentence
  int64_t memory_bytes = 0;    ///< needed while it works; 0: not known
  std::string json;            ///< the whole offer as it was read, unknown fields included
  std::vector<OfferFile> files;
  int64_t download_bytes() const;  ///< planned, of all files
  Trust trust() const;             ///< the weakest of its files'
};

class Offers {
 public:
  /// Broken files or offers are skipped and listed in `problems`. `folders`: instead of the search path.
  static Offers read(const std::vector<std::string>& folders = {});
  const std::vector<Offer>& all() const { return offers_; }
  const std::vector<Error>& problems() const { return problems_; }
  const Offer* find(const std::string& id) const;

 private:
  std::vector<Offer> offers_;
  std::vector<Error> problems_;
};

}  // namespace pinxit
