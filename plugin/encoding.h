// SPDX-License-Identifier: Apache-2.0
//
// How the pixels of one drawable become R'G'B'A float (engine/base/pixels.h) and back.
//
//     const Encoding encoding(drawable);                    // main thread; throws Failure for an unusable profile
//     encoding.decode(native, srgb, pixels);                // any thread
//     encoding.encode(srgb, native, pixels);
//
// Three ways, all giving the same colours: plain arithmetic where GIMP's numbers are R'G'B' in sRGB already (most
// pictures; babl would first spend a third of a second on choosing its way), babl for every other encoding and for
// profiles made of a matrix and curves, and lcms before or after babl for profiles made of tables.
#pragma once

#include <libgimp/gimp.h>

#include <cstdint>
#include <memory>

namespace pinxit {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};

class Encoding {
 public:
  /// Errors: picture_unsupported for a colour profile that cannot be used.
  explicit Encoding(GimpDrawable* drawable);

  /// What to ask GEGL for: GIMP's own numbers.
  const Babl* native() const { return native_; }
  size_t pixel_bytes() const;
  void decode(const void* native, float* srgb, int64_t pixels) const;
  void encode(const float* srgb, void* native, int64_t pixels) const;

 private:
  using Transform = std::unique_ptr<GimpColorTransform, Unref>;
  using Decode = void (*)(const void*, float*, int64_t);
  using Encode = void (*)(const float*, void*, int64_t);
  void use_tables(GimpDrawable* drawable, GimpColorProfile* profile);
  void find_arithmetic();

  const Babl* native_;
  const Babl* halfway_ = nullptr;  ///< a format to write by way of
  Transform to_srgb_, from_srgb_;  ///< for profiles made of tables
  Decode decode_ = nullptr;        ///< plain arithmetic
  Encode encode_ = nullptr;
};

}  // namespace pinxit
