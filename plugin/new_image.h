// SPDX-License-Identifier: Apache-2.0
//
// An image of our own, RGB in 8 bits, that is deleted again unless it is kept.
//
//     NewImage image(width, height);
//     gimp_image_insert_layer(image.get(), layer, nullptr, 0);
//     image.show();                                              // a window; or image.keep(): a script goes on with it
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include <cstdint>

namespace pinxit {

class NewImage {
 public:
  NewImage(int64_t width, int64_t height)
      : image_(gimp_image_new_with_precision(int(width), int(height), GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR)) {
    gimp_image_undo_disable(image_);
  }
  NewImage(const NewImage&) = delete;
  ~NewImage() {
    if (!kept_) gimp_image_delete(image_);
  }

  GimpImage* get() const { return image_; }
  /// Nothing of how it was made is there to be undone.
  GimpImage* keep() {
    gimp_image_undo_enable(image_);
    kept_ = true;
    return image_;
  }
  /// Where GIMP has no windows, it is kept only.
  GimpImage* show() {
    gimp_image_undo_enable(image_);
    if (gimp_display_new(image_)) gimp_displays_flush();
    kept_ = true;
    return image_;
  }

 private:
  GimpImage* image_;
  bool kept_ = false;
};

}  // namespace pinxit
