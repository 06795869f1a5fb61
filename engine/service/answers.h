// SPDX-License-Identifier: Apache-2.0
//
// The short answers: status, styles, refusals. One line of JSON each.
#pragma once

#include <libsoup/soup.h>

#include <string>

namespace pinxit {

void answer(SoupServerMessage* message, unsigned status, const std::string& line);
void refuse_method(SoupServerMessage* message);

/// Version, protocol, pid, capabilities and jobs, joined with what the workshop says of itself (JSON object text).
std::string status_line(const std::string& workshop, int running, int waiting);

/// The catalogue's entries for fast-style, and what is wrong with broken ones.
std::string styles_line();

/// Whether {"now":true} was asked for.
bool wants_now(const std::string& body);

}  // namespace pinxit
