// SPDX-License-Identifier: Apache-2.0
#include "engine/service/upload.h"

#include <algorithm>
#include <cstring>

#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

Error damaged(const char* what) {
  return {ErrorCode::protocol, format_text(_("The request to the engine is damaged (%s)."), what),
          _("Use plug-in and engine of the same Pinxit version.")};
}

}  // namespace

void Upload::feed(const char* data, size_t size) {
  if (error_) return;
  const auto taken = guarded([&]() -> Nothing { return take(data, size), Nothing{}; });
  if (!taken) error_ = taken.error();
}

void Upload::take(const char* data, size_t size) {
  if (!has_line_) {
    const void* feed = std::memchr(data, '\n', size);
    const size_t length = feed ? size_t(static_cast<const char*>(feed) - data) : size;
    text_.append(data, length);
    if (text_.size() > largest_line) throw Failure(damaged(_("its first line is too long")));
    if (!feed) return;
    has_line_ = true;
    read_line();
    data += length + 1;
    size -= length + 1;
  }
  if (size == 0) return;
  if (size > size_t(line.body) - filled_) throw Failure(damaged(_("it is too long")));
  fill(data, size);
}

void Upload::fill(const char* data, size_t size) {
  filled_ += size;
  while (size > 0) {
    PictureMemory& picture = *to_.front();
    const size_t part = std::min(size, picture.bytes() - at_);
    std::memcpy(reinterpret_cast<char*>(picture.span().data) + at_, data, part);
    data += part;
    size -= part;
    at_ += part;
    if (at_ < picture.bytes()) continue;
    to_.erase(to_.begin());
    at_ = 0;
  }
}

void Upload::read_line() {
  line = job_line_from_json(text_).take();
  request = request_from_json(line.request).take();
  // Only Generate from Text does without a picture, and it has no use for one.
  if (bool(line.source) == std::holds_alternative<GenerateRequest>(request)) throw Failure(damaged("source"));
  if (line.source) source = memory(line.source, false);
  for (const NamedPictureLine& picture : line.pictures) pictures.push_back(memory(picture.picture, false));
  if (line.result) result = memory(line.result, true);
  if (line.body == 0) return;
  if (source) to_.push_back(source.get());
  for (const auto& picture : pictures) to_.push_back(picture.get());
}

std::shared_ptr<PictureMemory> Upload::memory(const PictureLine& picture, bool writable) {
  if (picture.descriptor < 0) return PictureMemory::own(picture).take();
  auto shared = PictureMemory::shared(picture, peer_, writable);
  if (!shared) repeat_in_body_ = true;
  return shared.take();
}

std::optional<Error> Upload::finish() {
  if (error_) return error_;
  if (!has_line_ || filled_ != size_t(line.body)) return damaged(_("it is too short"));
  return {};
}

}  // namespace pinxit
