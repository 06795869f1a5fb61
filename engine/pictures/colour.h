// SPDX-License-Identifier: Apache-2.0
//
// Colour through ICC profiles (lcms2): relative colorimetric with black point compensation, in float and without
// clamping, so that colours outside sRGB survive the way there and back. Pixels are four floats, alpha untouched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pinxit {

/// A profile's own colours into sRGB or back. Used by one thread at a time.
class ColourTransform {
 public:
  ColourTransform();  ///< changes nothing
  /// An empty profile, and one that is sRGB itself but for rounding, change nothing. With a profile for grey, the
  /// file's values are in each of R, G and B. Throws PictureProblem (picture_unsupported) for profiles that are broken
  /// or for something else than `grey` or RGB pictures (a grey picture with an RGB profile is fine).
  static ColourTransform to_srgb(const std::vector<uint8_t>& profile, bool grey);
  static ColourTransform from_srgb(const std::vector<uint8_t>& profile, bool grey);
  ColourTransform(ColourTransform&&) noexcept;
  ColourTransform& operator=(ColourTransform&&) noexcept;
  ~ColourTransform();

  void apply(float* rgba, size_t pixels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The profile is one for grey pictures.
bool is_grey_profile(const std::vector<uint8_t>& profile);

/// Chromaticities x, y of white, red, green and blue.
struct Primaries {
  double white[2] = {0.3127, 0.3290}, red[2] = {0.64, 0.33}, green[2] = {0.30, 0.60}, blue[2] = {0.15, 0.06};
};
/// A profile for samples that are light to the power of `exponent` (PNG's gAMA); empty where that is as good as sRGB.
std::vector<uint8_t> gamma_profile(double exponent, const Primaries& primaries, bool grey);

}  // namespace pinxit
