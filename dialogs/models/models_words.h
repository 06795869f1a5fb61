// SPDX-License-Identifier: Apache-2.0
//
// What the Models window says. No GTK here.
#pragma once

#include <string>

#include "engine/install/installer.h"

namespace pinxit {

/// Whether its files are there, whole or not: what the first half of the list shows.
bool is_here(const ModelState& model);

/// "Installed", "Not installed", "Begun: 12 MB of 80 MB are here", "Damaged: a file is missing".
std::string model_state_words(const ModelState& model);

/// "80.1 MB · unverified · Apache-2.0 · 1.2 GB memory": size, trust where there is little, licence, memory need.
std::string model_facts_line(const ModelState& model);

/// What a painter does with it: "Fast Style", "Neural Style"; "" where it is not known.
std::string model_use_words(const ModelState& model);

/// The size that matters now: of its files where they are here, else of the download. Empty: not known.
std::string model_size_words(const ModelState& model);

/// How its files are known to be the right ones.
std::string trust_words(const ModelState& model);

/// "Downloading: 12 MB of 80 MB, 3.4 MB/s, 20 s left".
std::string progress_words(const InstallProgress& progress);
/// 0..1, or -1 where it cannot be told.
double progress_share(const InstallProgress& progress);

/// Whether every word of `search` begins a word of what is known of the model, without regard to case and accents.
bool model_fits(const ModelState& model, const std::string& search);

}  // namespace pinxit
