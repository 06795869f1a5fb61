// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/weights.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/convolve/buffer.h"
#include "engine/convolve/kernels.h"
#include "engine/convolve/winograd_points.h"

namespace pinxit::convolve {
namespace {

/// Where B[depth][output] lies: groups of kernels().group outputs, each [depth][group], the last one as wide as the
/// whole vectors it needs, zeros behind the last output.
class Packing {
 public:
  Packing(const Kernels& kernels, int64_t depth, int64_t outputs)
      : depth_(depth), group_(kernels.group), padded_(rounded_up(outputs, kernels.lanes)) {}
  int64_t floats() const { return depth_ * padded_; }
  int64_t index(int64_t depth, int64_t output) const {
    const int64_t first = output / group_ * group_, wide = std::min(group_, padded_ - first);
    return first * depth_ + depth * wide + output - first;
  }

 private:
  int64_t depth_, group_, padded_;
};

/// Direct: depth is (kernel row, kernel column, input).
std::pair<AlignedFloats, size_t> pack_direct(const ConvolutionShape& s, const float* oihw, const Kernels& k) {
  const int64_t taps = int64_t(s.kernel_rows) * s.kernel_columns;
  const Packing packing(k, taps * s.inputs, s.outputs);
  auto packed = aligned_floats(size_t(packing.floats()));
  for (int64_t o = 0; o < s.outputs; ++o)
    for (int64_t i = 0; i < s.inputs; ++i)
      for (int64_t t = 0; t < taps; ++t)
        packed[size_t(packing.index(t * s.inputs + i, o))] = oihw[(o * s.inputs + i) * taps + t];
  return {std::move(packed), size_t(packing.floats())};
}

/// Depthwise: [tap][padded channels].
std::pair<AlignedFloats, size_t> pack_depthwise(const ConvolutionShape& s, const float* filters, const Kernels& k) {
  const int64_t taps = int64_t(s.kernel_rows) * s.kernel_columns, padded = rounded_up(s.outputs, k.lanes);
  auto packed = aligned_floats(size_t(taps * padded));
  for (int64_t c = 0; c < s.outputs; ++c)
    for (int64_t t = 0; t < taps; ++t) packed[size_t(t * padded + c)] = filters[c * taps + t];
  return {std::move(packed), size_t(taps * padded)};
}

/// Winograd: one packed matrix [inputs][outputs] per product, G·w·Gᵀ with `g` the rows of G.
template <size_t size>
std::pair<AlignedFloats, size_t> pack_winograd(const ConvolutionShape& s, const float* oihw, const Kernels& k,
                                               const double (&g)[size][3]) {
  const Packing packing(k, s.inputs, s.outputs);
  const int64_t plane = packing.floats();
  auto packed = aligned_floats(size_t(plane) * size * size);
  // Sixteen outputs at a time fill whole cache lines of every point.
  for (int64_t first = 0; first < s.outputs; first += 16)
    for (int64_t i = 0; i < s.inputs; ++i)
      for (int64_t o = first; o < std::min(first + 16, s.outputs); ++o) {
        const float* w = oihw + (o * s.inputs + i) * 9;
        float* to = packed.get() + packing.index(i, o);
        double half[size][3];
        for (size_t p = 0; p < size; ++p)
          for (int x = 0; x < 3; ++x) half[p][x] = g[p][0] * w[x] + g[p][1] * w[3 + x] + g[p][2] * w[6 + x];
        for (size_t p = 0; p < size; ++p)
          for (size_t q = 0; q < size; ++q)
            to[int64_t(p * size + q) * plane] =
                float(half[p][0] * g[q][0] + half[p][1] * g[q][1] + half[p][2] * g[q][2]);
      }
  return {std::move(packed), size_t(plane) * size * size};
}

/// 9×9: per point [blocks · inputs][outputs], or [inputs][blocks · outputs] where `few`; block (a, b) is 3a + b.
std::pair<AlignedFloats, size_t> pack_nine(const ConvolutionShape& s, const float* oihw, const Kernels& k, bool few) {
  constexpr auto& g = PointsNine::weights;
  constexpr int size = PointsNine::size;
  const Packing packing(k, few ? s.inputs : 9 * s.inputs, few ? 9 * s.outputs : s.outputs);
  const int64_t plane = packing.floats();
  auto packed = aligned_floats(size_t(plane) * size * size);
  for (int64_t o = 0; o < s.outputs; ++o)
    for (int64_t i = 0; i < s.inputs; ++i)
      for (int block = 0; block < 9; ++block) {
        const float* w = oihw + (o * s.inputs + i) * 81 + block / 3 * 27 + block % 3 * 3;
        const int64_t at = few ? packing.index(i, block * s.outputs + o) : packing.index(block * s.inputs + i, o);
        for (int p = 0; p < size; ++p)
          for (int q = 0; q < size; ++q) {
            double sum = 0;
            for (int y = 0; y < 3; ++y)
              for (int x = 0; x < 3; ++x) sum += g[p][y] * g[q][x] * w[y * 9 + x];
            packed[size_t((p * size + q) * plane + at)] = float(sum);
          }
      }
  return {std::move(packed), size_t(plane) * size * size};
}

constexpr WeightTransform<Points4> points4;
constexpr WeightTransform<Points6> points6;

}  // namespace

struct Weights::State {
  ConvolutionShape shape;
  std::shared_ptr<const float> oihw;
  bool turned = false;  ///< `oihw` is that of the convolution whose way back this is
  std::mutex lock;
  std::map<std::pair<Algorithm, InstructionSet>, std::pair<AlignedFloats, size_t>> forms;
};

bool possible(Algorithm algorithm, const ConvolutionShape& shape) {
  const bool square3 = shape.kernel_rows == 3 && shape.kernel_columns == 3 && shape.stride == 1;
  if (shape.depthwise) return algorithm == Algorithm::direct && shape.inputs == shape.outputs && !shape.doubled;
  if (shape.doubled) return algorithm == Algorithm::doubling && square3;
  switch (algorithm) {
    case Algorithm::direct: return true;
    case Algorithm::winograd4:
    case Algorithm::winograd6: return square3;
    case Algorithm::nine:
    case Algorithm::nine_few:
      return shape.kernel_rows == 9 && shape.kernel_columns == 9 && shape.stride == 1 &&
             (algorithm == Algorithm::nine || shape.outputs <= 4);
    default: return false;
  }
}

double products_per_output(Algorithm algorithm, const ConvolutionShape& shape) {
  switch (algorithm) {
    case Algorithm::winograd4: return 36.0 / 16;
    case Algorithm::winograd6: return 64.0 / 36;
    case Algorithm::doubling: return 49.0 / 36;
    case Algorithm::nine:
    case Algorithm::nine_few: return 25;
    default: return double(shape.kernel_rows) * shape.kernel_columns;
  }
}

size_t packed_bytes(Algorithm algorithm, const ConvolutionShape& shape, InstructionSet set) {
  const int64_t lanes = kernels(set).lanes, outputs = rounded_up(shape.outputs, lanes);
  const auto floats = [&]() -> int64_t {
    switch (algorithm) {
      case Algorithm::winograd4: return 36 * shape.inputs * outputs;
      case Algorithm::winograd6: return 64 * shape.inputs * outputs;
      case Algorithm::doubling: return 49 * shape.inputs * outputs;
      case Algorithm::nine: return 25 * 9 * shape.inputs * outputs;
      case Algorithm::nine_few: return 25 * shape.inputs * rounded_up(9 * shape.outputs, lanes);
      default: return shape.kernel_rows * shape.kernel_columns * (shape.depthwise ? 1 : shape.inputs) * outputs;
    }
  };
  return size_t(floats()) * sizeof(float);
}

const char* algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::winograd4: return "winograd4";
    case Algorithm::winograd6: return "winograd6";
    case Algorithm::doubling: return "doubling";
    case Algorithm::nine: return "nine";
    case Algorithm::nine_few: return "nine-few";
    default: return "direct";
  }
}

/// Input channels each output looks at.
static int64_t filter_inputs(const ConvolutionShape& shape) { return shape.depthwise ? 1 : shape.inputs; }

static size_t values(const ConvolutionShape& shape) {
  return size_t(shape.outputs * filter_inputs(shape) * shape.kernel_rows * shape.kernel_columns);
}

static ConvolutionShape turned_shape(ConvolutionShape shape) {
  std::swap(shape.inputs, shape.outputs);
  shape.border = Border::zero;
  return shape;
}

/// The turned weights of a convolution of this shape.
static std::vector<float> turned_weights(const ConvolutionShape& s, const float* oihw) {
  const int64_t inputs = filter_inputs(s), taps = int64_t(s.kernel_rows) * s.kernel_columns;
  std::vector<float> weights(values(s));
  for (int64_t o = 0; o < s.outputs; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t t = 0; t < taps; ++t) {
        const int64_t to = s.depthwise ? o : i * s.outputs + o;
        weights[size_t(to * taps + taps - 1 - t)] = oihw[(o * inputs + i) * taps + t];
      }
  return weights;
}

Weights::Weights(const ConvolutionShape& shape, const float* oihw) : state_(std::make_shared<State>()) {
  auto copy = std::make_shared<std::vector<float>>(oihw, oihw + values(shape));
  state_->shape = shape;
  state_->oihw = std::shared_ptr<const float>(copy, copy->data());
}

Weights::Weights(const ConvolutionShape& shape, std::shared_ptr<const float> oihw)
    : state_(std::make_shared<State>()) {
  state_->shape = shape;
  state_->oihw = std::move(oihw);
}

Weights Weights::for_gradient() const {
  const ConvolutionShape& s = state_->shape;
  assert(s.stride == 1 && !s.doubled && !state_->turned);
  Weights back(turned_shape(s), state_->oihw);
  back.state_->turned = true;
  return back;
}

const ConvolutionShape& Weights::shape() const { return state_->shape; }

const float* Weights::packed(Algorithm algorithm, InstructionSet set) const {
  assert(possible(algorithm, state_->shape));
  const std::lock_guard guard(state_->lock);
  auto& form = state_->forms[{algorithm, set}];
  if (!form.first) {
    const Kernels& k = kernels(set);
    std::vector<float> turned;
    if (state_->turned) turned = turned_weights(turned_shape(state_->shape), state_->oihw.get());
    const float* oihw = state_->turned ? turned.data() : state_->oihw.get();
    switch (algorithm) {
      case Algorithm::direct:
        form = state_->shape.depthwise ? pack_depthwise(state_->shape, oihw, k) : pack_direct(state_->shape, oihw, k);
        break;
      case Algorithm::winograd4: form = pack_winograd(state_->shape, oihw, k, points4.row); break;
      case Algorithm::winograd6: form = pack_winograd(state_->shape, oihw, k, points6.row); break;
      case Algorithm::doubling: form = pack_winograd(state_->shape, oihw, k, PointsDoubled::weights); break;
      case Algorithm::nine: form = pack_nine(state_->shape, oihw, k, false); break;
      case Algorithm::nine_few: form = pack_nine(state_->shape, oihw, k, true); break;
    }
  }
  return form.first.get();
}

size_t Weights::packed_bytes(Algorithm algorithm, InstructionSet set) const {
  const std::lock_guard guard(state_->lock);
  size_t others = 0;
  for (const auto& [key, form] : state_->forms)
    if (key != std::pair(algorithm, set)) others += form.second;
  return others * sizeof(float) + convolve::packed_bytes(algorithm, state_->shape, set);
}

}  // namespace pinxit::convolve
