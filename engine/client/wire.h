// SPDX-License-Identifier: Apache-2.0
//
// The protocol's words, said once for both sides (docs/protocol.md describes it for readers).
//
// A body is a sequence of frames: one line of JSON and, where that line has a number "body", so many raw bytes after
// the line feed. A job's request is one frame (JobLine); its response is one frame an event (events.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/client/engine_client.h"

namespace pinxit {

constexpr int protocol_number = 2;
constexpr const char* encoding_name = "R'G'B'A float";
constexpr const char* ndjson_type = "application/x-ndjson";
constexpr int64_t largest_side = 524288;  ///< pixels; GIMP's own limit
constexpr size_t largest_line = 1 << 20;  ///< bytes of one line of JSON
constexpr size_t most_pictures = 64;      ///< that go with one request, beside its source

/// Where the pixels of one picture are.
struct PictureLine {
  int64_t width = 0, height = 0;
  std::string identity;  ///< of a source: see SharedPicture::identity
  int descriptor = -1;   ///< shared memory: the number of the descriptor in the client's process; -1: in the body
  explicit operator bool() const { return width > 0; }  ///< false: there is no picture
  size_t bytes() const { return size_t(width) * size_t(height) * 4 * sizeof(float); }
};

struct NamedPictureLine {
  std::string name;
  PictureLine picture;
};

/// The first line of POST /v1/fast-style, /v1/neural-style, /v1/evaluate, /v1/generate and /v1/prompt.
struct JobLine {
  std::string request;  ///< JSON text of the request (requests/json.h)
  PictureLine source, result;  ///< both or none (Generate from Text)
  View view;
  std::vector<NamedPictureLine> pictures;
  int preview_side = 0;  ///< see Job::preview_side
  int64_t body = 0;      ///< bytes that follow: the pixels of source and pictures, in this order; 0 when shared
};

std::string job_line_to_json(const JobLine& line);
/// Checks the form, sizes and view; whether the request wants a source is checked by who reads the request.
/// Errors: protocol; engine_old for another protocol number.
Result<JobLine> job_line_from_json(const std::string& text);

/// An error event's line; `repeat_in_body` tells the client that the same job works with the pixels in the body.
std::string error_line(const Error& error, bool repeat_in_body = false);
bool asks_for_body(const std::string& line);

/// The number "body" of a line, 0 without one. Errors: protocol.
Result<int64_t> body_bytes(const std::string& line);
/// `line` (a JSON object) with "body":bytes added.
std::string with_body(const std::string& line, int64_t bytes);

/// A whole number of a JSON object text, or `otherwise`.
int64_t number_in(const std::string& object, const char* name, int64_t otherwise);

}  // namespace pinxit
