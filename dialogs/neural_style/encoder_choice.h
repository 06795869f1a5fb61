// SPDX-License-Identifier: Apache-2.0
//
// Which encoders Neural Style can use here, and what the painter is told of the one in use. No GTK here.
#pragma once

#include <string>
#include <vector>

#include "engine/store/catalogue.h"

namespace pinxit {

struct Encoder {
  std::string id, title;
  int64_t bytes = 0;  ///< of its weights; the largest is what "auto" takes
};

/// Those of the catalogue, largest first.
std::vector<Encoder> installed_encoders(const Catalogue& catalogue);

/// Whether there is none but the one that comes with Pinxit, if that.
bool lacks_encoders(const std::vector<Encoder>& installed);

/// One or two sentences for the request's `encoder` ("auto", an id, a file).
std::string encoder_sentence(const std::vector<Encoder>& installed, const std::string& chosen);

}  // namespace pinxit
