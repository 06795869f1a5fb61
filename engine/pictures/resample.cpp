// SPDX-License-Identifier: Apache-2.0
#include "engine/pictures/resample.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

namespace pinxit {
namespace {

constexpr int band_bytes = 16 << 20;
constexpr int most_threads = 4;  // more are memory-bound, and fight the engine's own

cv::Mat as_matrix(const float* data, int64_t width, int64_t height) {
  return cv::Mat(int(height), int(width), CV_32FC4, const_cast<float*>(data));
}

bool is_opaque(SrgbView picture) {
  for (int64_t i = 0; i < picture.width * picture.height; ++i)
    if (picture.data[4 * i + 3] != 1) return false;
  return true;
}

void weight_by_alpha(float* rgba, int64_t pixels) {
  for (; pixels > 0; --pixels, rgba += 4)
    for (int c = 0; c < 3; ++c) rgba[c] *= rgba[3];
}

/// Back to straight alpha; the cubic's overshoot may have left 0..1.
void unweight(float* rgba, int64_t pixels) {
  for (; pixels > 0; --pixels, rgba += 4) {
    for (int c = 0; c < 3; ++c) rgba[c] = rgba[3] > 1e-6f ? rgba[c] / rgba[3] : 0;
    rgba[3] = std::clamp(rgba[3], 0.0f, 1.0f);
  }
}

/// One side at a time: a picture may grow in width and shrink in height.
void scale(const cv::Mat& from, cv::Mat to) {
  const bool shrinks = to.cols < from.cols || to.rows < from.rows;
  cv::resize(from, to, to.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_CUBIC);
}

/// Scales the width, a band of rows after the other, so that no whole copy with weighted colours is needed.
void scale_width(SrgbView source, bool opaque, cv::Mat& to) {
  const int64_t row_bytes = source.width * 4 * int64_t(sizeof(float));
  const int64_t rows = opaque ? source.height : std::clamp<int64_t>(band_bytes / row_bytes, 1, source.height);
  cv::Mat weighted;
  for (int64_t y = 0; y < source.height; y += rows) {
    const int64_t count = std::min(rows, source.height - y);
    cv::Mat band = as_matrix(source.row(y), source.width, count);
    if (!opaque) {
      band.copyTo(weighted);
      weight_by_alpha(weighted.ptr<float>(), source.width * count);
      band = weighted;
    }
    scale(band, to.rowRange(int(y), int(y + count)));
  }
}

}  // namespace

void resample(SrgbView source, SrgbSpan target) {
  static const bool prepared = [] {
    cv::setNumThreads(std::clamp(int(std::thread::hardware_concurrency()), 1, most_threads));
    return true;
  }();
  (void)prepared;
  const bool opaque = is_opaque(source);
  cv::Mat result = as_matrix(target.data, target.width, target.height);
  if (source.height == target.height) {
    scale_width(source, opaque, result);
  } else {
    cv::Mat narrow(int(source.height), int(target.width), CV_32FC4);
    scale_width(source, opaque, narrow);
    scale(narrow, result);
  }
  const int64_t pixels = target.width * target.height;
  if (!opaque) unweight(target.data, pixels);
  for (int64_t i = 0; opaque && i < pixels; ++i) target.data[4 * i + 3] = 1;  // whatever the sums rounded to
}

}  // namespace pinxit
