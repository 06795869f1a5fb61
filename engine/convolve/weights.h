// SPDX-License-Identifier: Apache-2.0
//
// A convolution's weights in the forms that the algorithms read, made when first needed and kept: for Winograd they are
// transformed in double and rounded once.
//
//     Weights weights(shape, oihw);              // [outputs][inputs][rows][columns], as checkpoints have them
//     Weights back = weights.for_gradient();     // channels swapped, kernel turned by 180°
//
// A Winograd form holds 4 (F(4×4)) or 7 (F(6×6)) times the plain weights. Copies share what they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/convolve/border.h"
#include "engine/convolve/instruction_set.h"

namespace pinxit::convolve {

struct ConvolutionShape {
  int64_t inputs = 0, outputs = 0;  ///< channels
  int kernel_rows = 3, kernel_columns = 3;
  int stride = 1;
  Border border = Border::zero;
  bool doubled = false;  ///< the picture is enlarged ×2 by repeating pixels before; 3×3, stride 1, any border
  bool depthwise = false;  ///< a filter for each channel: inputs == outputs, weights [channels][1][rows][columns]
  bool operator==(const ConvolutionShape&) const = default;
};

enum class Algorithm {
  direct,     ///< implicit matrix product, or filter by filter: every kernel and stride
  winograd4,  ///< F(4×4, 3×3): 4 times fewer multiplications
  winograd6,  ///< F(6×6, 3×3): 5 times fewer; twice the rounding error
  doubling,   ///< nearest ×2 and 3×3: both phases from one F(3×3, 2×2), 6.6 times fewer
  nine,       ///< 9×9 as nine F(3×3, 3×3): 3.2 times fewer
  nine_few,   ///< the same for up to four outputs, e.g. a picture's colours
};

/// Whether the algorithm can do this shape at all.
bool possible(Algorithm algorithm, const ConvolutionShape& shape);

/// Products for one output pixel, one input and one output channel: 9 for a direct 3×3, 64/36 for F(6×6).
double products_per_output(Algorithm algorithm, const ConvolutionShape& shape);

/// Bytes of Weights::packed(algorithm, set), one form.
size_t packed_bytes(Algorithm algorithm, const ConvolutionShape& shape, InstructionSet set);

/// "direct", "winograd4", …
const char* algorithm_name(Algorithm algorithm);

class Weights {
 public:
  /// Copies `oihw`, [outputs][inputs][rows][columns].
  Weights(const ConvolutionShape& shape, const float* oihw);
  /// Keeps `oihw` itself.
  Weights(const ConvolutionShape& shape, std::shared_ptr<const float> oihw);

  /// What takes an output's gradient to the input's; stride 1 alone. It shares the weights given here.
  Weights for_gradient() const;

  const ConvolutionShape& shape() const;
  /// The packed form (see packing.h), made on the first call; thread-safe, valid as long as the weights.
  const float* packed(Algorithm algorithm, InstructionSet set) const;
  /// Bytes of all packed forms there are, and of this one, made already or not.
  size_t packed_bytes(Algorithm algorithm, InstructionSet set) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pinxit::convolve
