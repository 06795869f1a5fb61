// SPDX-License-Identifier: Apache-2.0
#include "plugin/gallery_record.h"

#include <algorithm>

#include "plugin/scaling.h"

namespace pinxit {
namespace {

SrgbPicture reduced(SrgbView picture, int side) {
  const double factor = std::min(1.0, double(side) / double(std::max(picture.width, picture.height)));
  const auto size = [&](int64_t length) { return std::max<int64_t>(1, int64_t(double(length) * factor + 0.5)); };
  return scaled(picture, size(picture.width), size(picture.height));
}

}  // namespace

GalleryRecord::GalleryRecord(const NeuralStyleRequest& request, const std::vector<Source>& sources) {
  if (request.name.empty()) return;
  gallery_ = Gallery::open().take();
  for (size_t i = 0; i < sources.size(); ++i) {
    NeuralStyleRequest entry = request;
    if (i > 0) entry.name = gallery_->free_name(request.name);
    ids_.push_back(gallery_->add(entry.name, entry).take());
  }
  recorded_.assign(ids_.size(), -1);
}

void GalleryRecord::begin() {
  for (const int64_t id : ids_) note(gallery_->begin(id));
}

void GalleryRecord::state(size_t source, const Event& event) {
  if (!gallery_ || !event.picture) return;
  const SrgbView picture = event.picture->view();
  if (event.step > recorded_[source]) {
    const Losses losses = event.losses.value_or(Losses{});
    recorded_[source] = event.step;
    note(
        gallery_->record(ids_[source], event.step, losses, event.full ? reduced(picture, shown_side).view() : picture));
  }
  if (event.full) note(gallery_->record_full(ids_[source], event.step, picture));
}

void GalleryRecord::complete(const std::vector<Painted>& painted) {
  for (size_t i = 0; i < ids_.size() && i < painted.size(); ++i)
    note(gallery_->complete(ids_[i], painted[i].result.view(), painted[i].facts));
}

void GalleryRecord::fail(const Error& error) {
  for (const int64_t id : ids_) note(gallery_->fail(id, error.sentence));
}

void GalleryRecord::note(const Status& status) {
  if (status || complained_) return;
  complained_ = true;
  gimp_message(status.error().sentence.c_str());
}

}  // namespace pinxit
