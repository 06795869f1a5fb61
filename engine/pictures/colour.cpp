// SPDX-License-Identifier: Apache-2.0
#include "engine/pictures/colour.h"

#include <lcms2.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/pictures/problem.h"

namespace pinxit {
namespace {

struct Close {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct Delete {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Profile = std::unique_ptr<void, Close>;
using Transform = std::unique_ptr<void, Delete>;

// Two thirds of a step of 8 bits: what the sRGB profiles in circulation differ by, most of it in the darkest corners.
constexpr float nearly_equal = 0.0025f;

enum class Shape { rgb, grey_to_rgb, rgb_to_grey };

[[noreturn]] void unusable(const char* why) {
  throw PictureProblem(ErrorCode::picture_unsupported, why,
                       _("Convert the picture to sRGB in GIMP (Image ▸ Color Management)."));
}

Profile open_profile(const std::vector<uint8_t>& bytes, bool grey) {
  Profile profile(cmsOpenProfileFromMem(bytes.data(), cmsUInt32Number(bytes.size())));
  if (!profile) unusable(_("its color profile is damaged"));
  const auto space = cmsGetColorSpace(profile.get());
  if (space != cmsSigRgbData && !(grey && space == cmsSigGrayData))
    unusable(_("its color profile is for another kind of picture"));
  return profile;
}

std::vector<uint8_t> bytes_of(const Profile& profile) {
  cmsUInt32Number size = 0;
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) return {};
  std::vector<uint8_t> bytes(size);
  cmsSaveProfileToMem(profile.get(), bytes.data(), &size);
  return bytes;
}

}  // namespace

struct ColourTransform::State {
  State(const std::vector<uint8_t>& bytes, bool grey, bool to_srgb) {
    const Profile file = open_profile(bytes, grey), srgb(cmsCreate_sRGBProfile());
    const bool grey_file = cmsGetColorSpace(file.get()) == cmsSigGrayData;
    shape = !grey_file ? Shape::rgb : to_srgb ? Shape::grey_to_rgb : Shape::rgb_to_grey;
    const cmsUInt32Number file_format = grey_file ? TYPE_GRAY_FLT : TYPE_RGBA_FLT;
    const cmsUInt32Number srgb_format = grey_file ? TYPE_RGB_FLT : TYPE_RGBA_FLT;
    const auto& [from, to] = to_srgb ? std::tie(file, srgb) : std::tie(srgb, file);
    transform.reset(cmsCreateTransform(from.get(), to_srgb ? file_format : srgb_format, to.get(),
                                       to_srgb ? srgb_format : file_format, INTENT_RELATIVE_COLORIMETRIC,
                                       cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_COPY_ALPHA | cmsFLAGS_NOCACHE));
    if (!transform) unusable(_("its color profile cannot be converted"));
  }

  void apply(float* rgba, size_t pixels) {
    if (shape == Shape::rgb) return cmsDoTransform(transform.get(), rgba, rgba, cmsUInt32Number(pixels));
    grey.resize(pixels);
    rgb.resize(pixels * 3);
    const bool to_rgb = shape == Shape::grey_to_rgb;
    for (size_t i = 0; i < pixels; ++i) {
      grey[i] = rgba[4 * i];
      std::copy_n(rgba + 4 * i, 3, rgb.data() + 3 * i);
    }
    if (to_rgb)
      cmsDoTransform(transform.get(), grey.data(), rgb.data(), cmsUInt32Number(pixels));
    else
      cmsDoTransform(transform.get(), rgb.data(), grey.data(), cmsUInt32Number(pixels));
    for (size_t i = 0; i < pixels; ++i)
      for (size_t c = 0; c < 3; ++c) rgba[4 * i + c] = to_rgb ? rgb[3 * i + c] : grey[i];
  }

  /// Colours come out as they went in, but for rounding.
  bool changes_nothing() {
    constexpr int steps = 16;
    std::vector<float> before;
    for (int i = 0; i <= steps; ++i)
      for (int j = 0; j <= (shape == Shape::rgb ? 3 * steps : 0); ++j) {
        const float a = float(i) / steps, b = float(j % (steps + 1)) / steps;
        const float mixed[3] = {j <= steps ? a : b, j <= 2 * steps ? b : a, j % 2 ? a : b};
        for (const float value : mixed) before.push_back(shape == Shape::rgb && j ? value : a);
        before.push_back(1);
      }
    std::vector<float> after = before;
    apply(after.data(), after.size() / 4);
    return std::equal(before.begin(), before.end(), after.begin(),
                      [](float a, float b) { return std::abs(a - b) <= nearly_equal; });
  }

  Shape shape;
  Transform transform;
  std::vector<float> grey, rgb;
};

ColourTransform::ColourTransform() = default;
ColourTransform::ColourTransform(ColourTransform&&) noexcept = default;
ColourTransform& ColourTransform::operator=(ColourTransform&&) noexcept = default;
ColourTransform::~ColourTransform() = default;

ColourTransform ColourTransform::to_srgb(const std::vector<uint8_t>& profile, bool grey) {
  ColourTransform transform;
  if (!profile.empty()) transform.state_ = std::make_unique<State>(profile, grey, true);
  if (transform.state_ && transform.state_->changes_nothing()) transform.state_.reset();
  return transform;
}

ColourTransform ColourTransform::from_srgb(const std::vector<uint8_t>& profile, bool grey) {
  ColourTransform transform;
  // The way there decides whether anything is done, so that both ways always belong together.
  if (!profile.empty() && !State(profile, grey, true).changes_nothing())
    transform.state_ = std::make_unique<State>(profile, grey, false);
  return transform;
}

void ColourTransform::apply(float* rgba, size_t pixels) {
  if (state_) state_->apply(rgba, pixels);
}

bool is_grey_profile(const std::vector<uint8_t>& profile) {
  const Profile opened(cmsOpenProfileFromMem(profile.data(), cmsUInt32Number(profile.size())));
  return opened && cmsGetColorSpace(opened.get()) == cmsSigGrayData;
}

std::vector<uint8_t> gamma_profile(double exponent, const Primaries& primaries, bool grey) {
  const auto point = [](const double(&xy)[2]) { return cmsCIExyY{xy[0], xy[1], 1}; };
  const auto close = [](const double(&a)[2], const double(&b)[2]) {
    return std::abs(a[0] - b[0]) < 0.002 && std::abs(a[1] - b[1]) < 0.002;
  };
  const Primaries usual;
  const bool usual_colours = grey || (close(primaries.white, usual.white) && close(primaries.red, usual.red) &&
                                      close(primaries.green, usual.green) && close(primaries.blue, usual.blue));
  if (usual_colours && std::abs(exponent - 1 / 2.2) < 0.005) return {};
  const std::unique_ptr<cmsToneCurve, void (*)(cmsToneCurve*)> curve(cmsBuildGamma(nullptr, 1 / exponent),
                                                                     cmsFreeToneCurve);
  const cmsCIExyY white = point(primaries.white);
  if (grey) return bytes_of(Profile(cmsCreateGrayProfile(&white, curve.get())));
  const cmsCIExyYTRIPLE colours = {point(primaries.red), point(primaries.green), point(primaries.blue)};
  cmsToneCurve* const curves[3] = {curve.get(), curve.get(), curve.get()};
  return bytes_of(Profile(cmsCreateRGBProfile(&white, &colours, curves)));
}

}  // namespace pinxit
