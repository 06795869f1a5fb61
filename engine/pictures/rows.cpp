// SPDX-License-Identifier: Apache-2.0
#include "engine/pictures/rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/text.h"
#include "engine/pictures/orientation.h"

namespace pinxit {
namespace {

constexpr int64_t most_pixels = 1'000'000'000;

/// Samples of any kind to four floats a pixel.
template <class Sample>
void unpack(const void* samples, const FileFacts& facts, float most, float* rgba) {
  const auto* from = static_cast<const Sample*>(samples);
  const size_t channels = facts.channels(), colours = facts.grey ? 1 : 3;
  for (int64_t x = 0; x < facts.width; ++x, from += channels, rgba += 4) {
    for (size_t c = 0; c < 3; ++c) rgba[c] = float(from[std::min(c, colours - 1)]) / most;
    rgba[3] = facts.has_alpha ? float(from[colours]) / most : 1.0f;
  }
}

template <class Sample>
void pack(const float* rgba, const FileFacts& facts, float most, void* samples) {
  auto* to = static_cast<Sample*>(samples);
  const auto put = [&](float value) {
    // Not-a-number becomes 0 here: it compares false.
    if constexpr (std::is_integral_v<Sample>)
      *to++ = value > 0 ? Sample(std::nearbyint(std::min(value, 1.0f) * most)) : Sample(0);
    else
      *to++ = value;
  };
  for (int64_t x = 0; x < facts.width; ++x, rgba += 4) {
    for (size_t c = 0; c < (facts.grey ? 1u : 3u); ++c) put(rgba[c]);
    if (facts.has_alpha) put(rgba[3]);
  }
}

double linear(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}
double perceptual(double light) {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
}

/// The grey as bright as each colour.
void make_grey(float* rgba, int64_t pixels) {
  for (; pixels > 0; --pixels, rgba += 4) {
    if (rgba[0] == rgba[1] && rgba[1] == rgba[2]) continue;
    const double light = 0.2126 * linear(rgba[0]) + 0.7152 * linear(rgba[1]) + 0.0722 * linear(rgba[2]);
    std::fill_n(rgba, 3, float(perceptual(light)));
  }
}

void lay_over_white(float* rgba, int64_t pixels) {
  for (; pixels > 0; --pixels, rgba += 4) {
    const float alpha = std::clamp(rgba[3], 0.0f, 1.0f);
    for (int c = 0; c < 3; ++c) rgba[c] = rgba[c] * alpha + (1 - alpha);
    rgba[3] = 1;
  }
}

}  // namespace

void check_size(int64_t width, int64_t height) {
  if (width < 1 || height < 1) throw PictureProblem(ErrorCode::file_unreadable, _("it has no pixels"));
  if (width > most_pixels / height)
    throw PictureProblem(ErrorCode::file_unreadable,
                         format_text(_("%lld × %lld pixels are more than Pinxit takes"), static_cast<long long>(width),
                                     static_cast<long long>(height)),
                         _("Pictures may have up to a thousand million pixels."));
}

void check_claim(const FileFacts& facts, int64_t file_bytes, int64_t ratio) {
  check_size(facts.width, facts.height);
  if (int64_t(facts.row_bytes()) * facts.height / ratio > file_bytes)
    throw PictureProblem(ErrorCode::file_unreadable, _("the file is too short for the picture it should hold"));
}

void PictureSink::begin(FileFacts facts) {
  check_size(facts.width, facts.height);
  facts_ = std::move(facts);
  colour_ = ColourTransform::to_srgb(facts_.profile, facts_.grey);
  const bool turned = swaps_sides(facts_.orientation);
  target_ = place_(turned ? facts_.height : facts_.width, turned ? facts_.width : facts_.height);
  scratch_.resize(size_t(facts_.width) * 4);
}

void PictureSink::row(int64_t y, const void* samples, SampleDepth depth) {
  const RowPath path = upright_row(facts_.orientation, facts_.width, facts_.height, y);
  float* at = target_.row(path.y) + 4 * path.x;
  const bool straight = path.step_x == 1;
  float* rgba = straight ? at : scratch_.data();
  switch (depth) {
    case SampleDepth::bits8:
      unpack<uint8_t>(samples, facts_, 255, rgba);
      break;
    case SampleDepth::bits16:
      unpack<uint16_t>(samples, facts_, 65535, rgba);
      break;
    case SampleDepth::float32:
      unpack<float>(samples, facts_, 1, rgba);
      break;
  }
  colour_.apply(rgba, size_t(facts_.width));
  if (straight) return;
  const int64_t step = 4 * (path.step_x + path.step_y * target_.width);
  for (int64_t x = 0; x < facts_.width; ++x) std::copy_n(rgba + 4 * x, 4, at + step * x);
}

PictureFile PictureSink::finish() {
  PictureFile file;
  file.has_alpha = facts_.has_alpha;
  file.grey = facts_.grey;
  file.depth = facts_.depth;
  file.profile = std::move(facts_.profile);
  return file;
}

PictureRows::PictureRows(SrgbView pixels, const PictureFile& like, FileFormat format) : pixels_(pixels) {
  const bool eight_bits_only = format == FileFormat::jpeg || format == FileFormat::webp;
  facts_.width = pixels.width;
  facts_.height = pixels.height;
  facts_.has_alpha = like.has_alpha && format != FileFormat::jpeg;
  facts_.grey = like.grey && format != FileFormat::webp;
  facts_.depth = eight_bits_only                                                   ? SampleDepth::bits8
                 : format == FileFormat::png && like.depth == SampleDepth::float32 ? SampleDepth::bits16
                                                                                   : like.depth;
  over_white_ = like.has_alpha && !facts_.has_alpha;
  // A profile for grey does not fit a format that has no grey.
  if (like.grey == facts_.grey || !is_grey_profile(like.profile)) facts_.profile = like.profile;
  colour_ = ColourTransform::from_srgb(facts_.profile, facts_.grey);
  scratch_.resize(size_t(facts_.width) * 4);
  packed_.resize(facts_.row_bytes());
}

const void* PictureRows::row(int64_t y) {
  float* rgba = scratch_.data();
  std::memcpy(rgba, pixels_.row(y), scratch_.size() * sizeof(float));
  if (over_white_) lay_over_white(rgba, facts_.width);
  if (facts_.grey) make_grey(rgba, facts_.width);
  colour_.apply(rgba, size_t(facts_.width));
  switch (facts_.depth) {
    case SampleDepth::bits8:
      pack<uint8_t>(rgba, facts_, 255, packed_.data());
      break;
    case SampleDepth::bits16:
      pack<uint16_t>(rgba, facts_, 65535, packed_.data());
      break;
    case SampleDepth::float32:
      pack<float>(rgba, facts_, 1, packed_.data());
      break;
  }
  return packed_.data();
}

}  // namespace pinxit
