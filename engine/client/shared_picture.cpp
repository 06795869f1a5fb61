// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "engine/base/text.h"
#include "engine/client/engine_client.h"
#include "engine/client/runtime.h"
#include "engine/client/wire.h"

namespace pinxit {

struct SharedPicture::State {
  ~State() {
    if (data) munmap(data, bytes);
  }
  Descriptor memory;
  void* data = nullptr;
  size_t bytes = 0;
  int64_t width = 0, height = 0;
  std::string identity;
};

Result<SharedPicture> SharedPicture::create(int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width > largest_side || height > largest_side)
    return Error{ErrorCode::bad_argument,
                 format_text(_("A picture cannot have %lld × %lld pixels."), static_cast<long long>(width),
                             static_cast<long long>(height)),
                 {}};
  const Error no_memory{ErrorCode::out_of_memory, _("There is not enough memory for the picture."),
                        _("Close other pictures or programs, or work on a smaller picture.")};
  auto state = std::make_shared<State>();
  state->width = width;
  state->height = height;
  state->bytes = size_t(width) * size_t(height) * 4 * sizeof(float);
  state->memory = Descriptor(memfd_create("pinxit-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!state->memory || ftruncate(state->memory.get(), off_t(state->bytes)) != 0) return no_memory;
  // The engine maps this memory: sealed, it can never become shorter under the engine's feet.
  if (fcntl(state->memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return Error{ErrorCode::internal, g_strerror(errno), {}};
  void* data = mmap(nullptr, state->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, state->memory.get(), 0);
  if (data == MAP_FAILED) return no_memory;
  state->data = data;
  SharedPicture picture;
  picture.state_ = std::move(state);
  picture.touch();
  return picture;
}

SrgbSpan SharedPicture::span() const {
  if (!state_) return {};
  return {static_cast<float*>(state_->data), state_->width, state_->height};
}

SrgbView SharedPicture::view() const {
  return span();
}

int SharedPicture::descriptor() const {
  return state_ ? state_->memory.get() : -1;
}

const std::string& SharedPicture::identity() const {
  static const std::string none;
  return state_ ? state_->identity : none;
}

void SharedPicture::touch() {
  if (!state_) return;
  g_autofree char* name = g_uuid_string_random();
  state_->identity = name;
}

}  // namespace pinxit
