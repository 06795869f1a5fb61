// SPDX-License-Identifier: Apache-2.0
//
// Names of runs: which are allowed, and when two are the same to a person.
#pragma once

#include <string>

namespace pinxit {

/// The same for texts that differ in case only, or in how their accents are composed (NFC, case folded).
std::string text_key(const std::string& text);

/// Without spaces around it. Throws bad_argument for nothing, for text that is no UTF-8 and for more than 200 letters.
std::string checked_name(const std::string& name);

/// "2026-11-21T11:58:03Z": now, UTC.
std::string time_now();

}  // namespace pinxit
