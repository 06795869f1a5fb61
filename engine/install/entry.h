// SPDX-License-Identifier: Apache-2.0
//
// From files to a model in its place: converting, writing model.json, one rename.
//
//     NewEntry entry = entry_of_offer(offer);
//     convert_files(offer, work, stop);                           // work.files() -> work.ready()
//     finish_entry(entry, work, options, board, stop);            // sums, thumbnail, model.json, in place
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/install/installer.h"
#include "engine/install/progress_board.h"
#include "engine/install/work.h"

namespace pinxit {

/// An entry of the catalogue to be.
struct NewEntry {
  struct File {
    std::string role, path;  ///< path relative to the folder
    std::string sha256;      ///< known already, or empty
  };
  std::string id, kind, operation;
  std::string members;      ///< JSON object: everything but files, kept as it is
  std::vector<File> files;
  Trust trust = Trust::length;
  std::string from;         ///< what it was made from, for people; may be empty
};

NewEntry entry_of_offer(const Offer& offer);

/// Throws model_unsupported, model_damaged, disk_full, file_unwritable, Cancelled. A faulty file without a sum is
/// removed from work.files(), so that it is fetched anew.
void convert_files(const Offer& offer, const Work& work, std::stop_token stop);

/// Everything in work.ready() becomes STORE/ID.
void finish_entry(const NewEntry& entry, Work& work, const InstallerOptions& options, ProgressBoard& board,
                  std::stop_token stop);

/// A model.json from elsewhere, with everything in it, for our store: what its maker verified is not known here, so it
/// is unverified. Throws model_damaged.
std::string adopted_entry_text(const std::string& path);

/// The files of an offer are all in work.files(): converts them and puts the model into place.
void assemble(const Offer& offer, Work& work, const InstallerOptions& options, ProgressBoard& board,
              std::stop_token stop);

/// Why an installed model counts as damaged, by presence and size of its files; empty where it is sound.
std::string fault_of(const ModelEntry& entry);

}  // namespace pinxit
