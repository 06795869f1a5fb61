// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set with PINXIT_KERNELS naming the table. Includes nothing that has inline functions
// with external linkage: such a function compiled here for AVX-512 could be linked into programs for lesser machines.
#include "engine/convolve/kernels.h"

#include "engine/convolve/pixels_inout.h"
#include "engine/convolve/pooling_rows.h"
#include "engine/convolve/product.h"
#include "engine/convolve/winograd_nine.h"
#include "engine/convolve/winograd_tiles.h"

namespace pinxit::convolve {

extern const Kernels PINXIT_KERNELS;
const Kernels PINXIT_KERNELS = {.lanes = lanes,
                                .group = group_vectors * lanes,
                                .product = product,
                                .gather_row = gather_any_row,
                                .finish_row = finish_row,
                                .depthwise_row = depthwise_row,
                                .input4 = input_tile<Points4>,
                                .input6 = input_tile<Points6>,
                                .output4 = output_tile<Points4>,
                                .output6 = output_tile<Points6>,
                                .input_doubled = input_tile<PointsDoubled>,
                                .output_doubled = output_tile<PointsDoubled>,
                                .input_nine = input_tile<PointsNine>,
                                .output_nine = output_tile<PointsNine>,
                                .few_nine = few_nine,
                                .max_pool_row = pool_row<true>,
                                .average_pool_row = pool_row<false>,
                                .max_pool_back = pool_gradient_row<true>,
                                .average_pool_back = pool_gradient_row<false>};

}  // namespace pinxit::convolve
