// SPDX-License-Identifier: Apache-2.0
#include "engine/base/error.h"

#include <array>

#include "engine/base/text.h"

namespace pinxit {
namespace {
constexpr std::array<std::string_view, 18> names = {
    "bad-argument",   "cancelled",       "device-unavailable", "engine-busy",   "engine-lost",   "engine-missing",
    "engine-old",     "file-unreadable", "file-unwritable",    "internal",      "model-damaged", "model-missing",
    "model-unsupported", "out-of-memory", "picture-unsupported", "protocol",
    "disk-full",      "download-failed",
};
}  // namespace

std::string_view error_name(ErrorCode code) { return names.at(static_cast<size_t>(code)); }

ErrorCode error_code(std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<ErrorCode>(i);
  return ErrorCode::internal;
}

int error_exit_status(ErrorCode code) { return static_cast<int>(code) + 2; }

Error out_of_memory_error() {
  return {ErrorCode::out_of_memory, _("There is too little free memory for this."),
          _("Close other programs, or set a smaller maximum size.")};
}

Cancelled::Cancelled() : Failure(ErrorCode::cancelled, _("The job was stopped.")) {}

}  // namespace pinxit
