// SPDX-License-Identifier: Apache-2.0
//
// The algorithms behind run(): each does the blocks of its plan. Internal to this room.
#pragma once

#include <cstdint>

#include "engine/convolve/buffer.h"
#include "engine/convolve/convolve.h"
#include "engine/convolve/kernels.h"

namespace pinxit::convolve {

/// A run with everything looked up: strides filled in, per-channel arrays padded to whole vectors.
struct Task {
  const Plan& plan;
  const Kernels& kernels;
  const float* weights = nullptr;  ///< packed for plan.algorithm
  Source source;
  int64_t row_stride = 0, pixel_stride = 0;  ///< of the input
  Finish finish;                             ///< without the sums
  Output output;
  double* block_sums = nullptr;  ///< [blocks][2][padded outputs], zeroed, or null
  float* scratch = nullptr;     ///< plan.threads pieces of scratch_floats(plan)
  int64_t padded_inputs = 0, padded_outputs = 0;

  /// `finish` for one block, whose first output value lies at `offset`.
  Finish finish_at(int64_t block, int64_t offset) const {
    Finish f = finish;
    if (f.add) f.add += offset;
    if (f.gate) f.gate += offset;
    if (block_sums) f.sum = block_sums + block * 2 * padded_outputs, f.square = f.sum + padded_outputs;
    return f;
  }
};

int64_t direct_scratch_floats(const Plan& plan);
void plan_direct(Plan& plan);
void run_direct_block(const Task& task, int64_t block, float* scratch);

int64_t winograd_scratch_floats(const Plan& plan);
void plan_winograd(Plan& plan);
void run_winograd_block(const Task& task, int64_t block, float* scratch);

int64_t nine_scratch_floats(const Plan& plan);
void plan_nine(Plan& plan);
void run_nine_block(const Task& task, int64_t block, float* scratch);

/// Which of these does an algorithm.
struct Driver {
  void (*plan)(Plan& plan);
  int64_t (*scratch_floats)(const Plan& plan);
  void (*run_block)(const Task& task, int64_t block, float* scratch);
};
inline Driver driver_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::direct: return {plan_direct, direct_scratch_floats, run_direct_block};
    case Algorithm::nine:
    case Algorithm::nine_few: return {plan_nine, nine_scratch_floats, run_nine_block};
    default: return {plan_winograd, winograd_scratch_floats, run_winograd_block};
  }
}

}  // namespace pinxit::convolve
