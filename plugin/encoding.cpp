// SPDX-License-Identifier: Apache-2.0
#include "plugin/encoding.h"

#include <gegl.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

const Babl* srgb_float() {
  return babl_format("R'G'B'A float");
}

/// Integers stand for 0..1. Double keeps all bits of 32-bit integers on the way.
template <class T>
using Wide = std::conditional_t<sizeof(T) == 4, double, float>;

template <class T>
float number(T value) {
  if constexpr (std::is_floating_point_v<T>) return value;
  return float(Wide<T>(value) / Wide<T>(std::numeric_limits<T>::max()));
}

template <class T>
T rounded(float value) {
  if constexpr (std::is_floating_point_v<T>) return value;
  constexpr auto most = Wide<T>(std::numeric_limits<T>::max());
  const Wide<T> scaled = Wide<T>(value) * most + Wide<T>(0.5);
  return scaled > 0 ? (scaled < most ? T(scaled) : std::numeric_limits<T>::max()) : T(0);
}

template <class T, int channels>
void decode_plainly(const void* native, float* srgb, int64_t pixels) {
  const T* from = static_cast<const T*>(native);
  for (int64_t i = 0; i < pixels; ++i) {
    for (int c = 0; c < channels; ++c) srgb[4 * i + c] = number(from[channels * i + c]);
    if constexpr (channels == 3) srgb[4 * i + 3] = 1;
  }
}

template <class T, int channels>
void encode_plainly(const float* srgb, void* native, int64_t pixels) {
  T* to = static_cast<T*>(native);
  for (int64_t i = 0; i < pixels; ++i)
    for (int c = 0; c < channels; ++c) to[channels * i + c] = rounded<T>(srgb[4 * i + c]);
}

void transform(GimpColorTransform* way, const float* from, float* to, int64_t pixels) {
  gimp_color_transform_process_pixels(way, srgb_float(), from, srgb_float(), to, gsize(pixels));
}

[[noreturn]] void refuse(GimpColorProfile* profile) {
  throw Failure(
      ErrorCode::picture_unsupported,
      format_text(_("The color profile \"%s\" of this image cannot be used."), gimp_color_profile_get_label(profile)),
      _("Convert the image to another profile with Image ▸ Color Management ▸ Convert to Color Profile."));
}

}  // namespace

Encoding::Encoding(GimpDrawable* drawable) : native_(gimp_drawable_get_format(drawable)) {
  GimpImage* image = gimp_item_get_image(GIMP_ITEM(drawable));
  std::unique_ptr<GimpColorProfile, Unref> profile(gimp_image_get_effective_color_profile(image));
  const auto intent = GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC;
  if (profile && !gimp_color_profile_get_space(profile.get(), intent, nullptr))
    use_tables(drawable, profile.get());
  else
    find_arithmetic();
}

/// babl cannot express such a profile, so the drawable's format has no colour space, and babl's R'G'B' of it are the
/// numbers that the profile speaks of.
void Encoding::use_tables(GimpDrawable* drawable, GimpColorProfile* profile) {
  if (!gimp_drawable_is_rgb(drawable)) refuse(profile);
  std::unique_ptr<GimpColorProfile, Unref> srgb(gimp_color_profile_new_rgb_srgb());
  const auto make = [](GimpColorProfile* from, GimpColorProfile* to) {
    return Transform(gimp_color_transform_new(from, srgb_float(), to, srgb_float(),
                                              GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC,
                                              GIMP_COLOR_TRANSFORM_FLAGS_BLACK_POINT_COMPENSATION));
  };
  to_srgb_ = make(profile, srgb.get());
  from_srgb_ = make(srgb.get(), profile);
  if (!to_srgb_ || !from_srgb_) refuse(profile);
}

void Encoding::find_arithmetic() {
  const struct {
    const char* name;
    Decode decode;
    Encode encode;
  } plain[] = {
      {"R'G'B' u8", decode_plainly<uint8_t, 3>, encode_plainly<uint8_t, 3>},
      {"R'G'B'A u8", decode_plainly<uint8_t, 4>, encode_plainly<uint8_t, 4>},
      {"R'G'B' u16", decode_plainly<uint16_t, 3>, encode_plainly<uint16_t, 3>},
      {"R'G'B'A u16", decode_plainly<uint16_t, 4>, encode_plainly<uint16_t, 4>},
      {"R'G'B' u32", decode_plainly<uint32_t, 3>, encode_plainly<uint32_t, 3>},
      {"R'G'B'A u32", decode_plainly<uint32_t, 4>, encode_plainly<uint32_t, 4>},
      {"R'G'B' float", decode_plainly<float, 3>, encode_plainly<float, 3>},
      {"R'G'B'A float", decode_plainly<float, 4>, encode_plainly<float, 4>},
  };
  for (const auto& way : plain)
    if (native_ == babl_format(way.name)) decode_ = way.decode, encode_ = way.encode;

  // Straight from R'G'B' to linear integers babl takes three times as long as by way of linear floats.
  for (const char* linear : {"RGB u16", "RGBA u16", "RGB u32", "RGBA u32"})
    if (native_ == babl_format_with_space(linear, babl_format_get_space(native_)))
      halfway_ = babl_format_with_space("RGBA float", babl_format_get_space(native_));
}

size_t Encoding::pixel_bytes() const {
  return size_t(babl_format_get_bytes_per_pixel(native_));
}

void Encoding::decode(const void* native, float* srgb, int64_t pixels) const {
  if (decode_) return decode_(native, srgb, pixels);
  babl_process(babl_fish(native_, srgb_float()), native, srgb, long(pixels));
  if (to_srgb_) transform(to_srgb_.get(), srgb, srgb, pixels);
}

void Encoding::encode(const float* srgb, void* native, int64_t pixels) const {
  if (encode_) return encode_(srgb, native, pixels);
  if (!from_srgb_ && !halfway_) {
    babl_process(babl_fish(srgb_float(), native_), srgb, native, long(pixels));
    return;
  }
  const Babl* first = babl_fish(srgb_float(), halfway_ ? halfway_ : srgb_float());
  const Babl* second = babl_fish(halfway_ ? halfway_ : srgb_float(), native_);
  constexpr int64_t piece = 4096;
  float between[4 * piece];
  for (int64_t done = 0; done < pixels; done += piece) {
    const int64_t count = std::min(piece, pixels - done);
    if (from_srgb_)
      transform(from_srgb_.get(), srgb + 4 * done, between, count);
    else
      babl_process(first, srgb + 4 * done, between, long(count));
    babl_process(second, between, static_cast<char*>(native) + size_t(done) * pixel_bytes(), long(count));
  }
}

}  // namespace pinxit
