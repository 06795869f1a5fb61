// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/run_recorder.h"

#include <algorithm>
#include <utility>

#include "dialogs/neural_style/run_states.h"
#include "engine/base/text.h"
#include "engine/gallery/gallery.h"

namespace pinxit {

struct RunRecorder::Shelf {
  explicit Shelf(Gallery opened) : gallery(std::move(opened)) {}
  std::mutex mutex;  ///< a gallery is used by one thread at a time
  Gallery gallery;
};

RunRecorder::RunRecorder(std::function<void(const Error&)> on_error)
    : on_error_(std::move(on_error)), thread_([this] { work(); }) {}

RunRecorder::~RunRecorder() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool RunRecorder::open() {
  if (shelf_) return true;
  auto gallery = Gallery::open();
  if (gallery) shelf_ = std::make_unique<Shelf>(gallery.take());
  else tell(gallery.error());
  return bool(shelf_);
}

void RunRecorder::tell(const Error& error) {
  on_error_({error.code, format_text(_("The run is not recorded in the gallery: %s"), error.sentence.c_str()),
             error.hint});
}

std::string RunRecorder::free_name(const std::string& wanted) {
  if (!open()) return wanted;
  const std::lock_guard lock(shelf_->mutex);
  return shelf_->gallery.free_name(wanted);
}

Status RunRecorder::begin(const std::string& name, const NeuralStyleRequest& request) {
  id_ = 0;
  if (!open()) return Nothing{};
  wait_until_written();
  {
    const std::lock_guard lock(mutex_);
    broken_ = false;
  }
  const std::lock_guard lock(shelf_->mutex);
  const auto added = shelf_->gallery.add(name, request);
  if (!added && added.error().code == ErrorCode::bad_argument) return added.error();
  if (!added) {
    tell(added.error());
    return Nothing{};
  }
  if (const auto begun = shelf_->gallery.begin(*added); begun) id_ = *added;
  else tell(begun.error());
  return Nothing{};
}

void RunRecorder::record(const Event& state) {
  if (!id_ || !state.picture) return;
  write([id = id_, step = state.step, losses = state.losses.value_or(Losses{}), picture = state.picture,
         full = state.full](Shelf& shelf) -> Status {
    const SrgbView view = picture->view();
    const bool small = std::max(view.width, view.height) <= neural_preview_side;
    const SrgbPicture reduced = small ? SrgbPicture() : reduced_picture(view, neural_preview_side);
    if (auto status = shelf.gallery.record(id, step, losses, small ? view : reduced.view()); !status) return status;
    return full ? shelf.gallery.record_full(id, step, view) : Status(Nothing{});
  });
}

void RunRecorder::complete(const NeuralStylePainting& painting) {
  if (!id_) return;
  write([id = id_, painting](Shelf& shelf) {
    return shelf.gallery.complete(id, painting.picture.view(), painting.facts);
  }, true);
}

void RunRecorder::stop(const NeuralStylePainting& painting) {
  if (!id_) return;
  write([id = id_, painting](Shelf& shelf) {
    return shelf.gallery.stop(id, painting.picture.view(), painting.facts);
  }, true);
}

void RunRecorder::fail(const std::string& sentence) {
  if (!id_) return;
  write([id = id_, sentence](Shelf& shelf) { return shelf.gallery.fail(id, sentence); }, true);
}

Result<SrgbPicture> RunRecorder::full_picture(int iteration) {
  if (!id_) return Error{ErrorCode::file_unreadable, _("This run is not in the gallery."), {}};
  wait_until_written();
  const std::lock_guard lock(shelf_->mutex);
  return shelf_->gallery.picture(id_, iteration, true);
}

void RunRecorder::write(std::function<Status(Shelf&)> letter, bool last) {
  {
    const std::lock_guard lock(mutex_);
    letters_.push_back({std::move(letter), last});
  }
  changed_.notify_all();
}

void RunRecorder::wait_until_written() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return letters_.empty(); });
}

void RunRecorder::work() {
  const auto to_window = mailbox_.sender();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !letters_.empty(); });
    if (letters_.empty()) return;
    Status status = Nothing{};
    if (!broken_ || letters_.front().last) {
      const auto letter = letters_.front().write;
      lock.unlock();
      status = guarded([&] {
        const std::lock_guard one(shelf_->mutex);
        return letter(*shelf_).take();
      });
      lock.lock();
    }
    letters_.pop_front();
    changed_.notify_all();
    if (status || broken_) continue;
    broken_ = true;
    to_window.post([this, error = status.error()] { tell(error); });
  }
}

}  // namespace pinxit
