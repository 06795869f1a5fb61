// SPDX-License-Identifier: Apache-2.0
#include "engine/service/upload.h"

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
  std::memcpy(reinterpret_cast<char*>(source->span().data) + filled_, data, size);
  filled_ += size;
}

void Upload::read_line() {
  line = job_line_from_json(text_).take();
  request = fast_style_from_json(line.request).take();
  source = memory(line.source, false);
  result = memory(line.result, true);
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
