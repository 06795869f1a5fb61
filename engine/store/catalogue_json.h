// SPDX-License-Identifier: Apache-2.0
//
// The catalogue as JSON, the same for the wire (/v1/styles) and for `pinxit styles --json`.
//
//     json_builder_set_member_name(builder, "styles");
//     json_add_models(builder, catalogue, "fast-style");
#pragma once

#include <json-glib/json-glib.h>

#include <string>

#include "engine/store/catalogue.h"

namespace pinxit {

/// An array of the operation's entries: "id", "title", "kind", "operation", "description", "licence", "licence_url",
/// "source", "sha256" (of the weights, where it is stated), "thumbnail", "files".
void json_add_models(JsonBuilder* builder, const Catalogue& catalogue, const std::string& operation);

}  // namespace pinxit
