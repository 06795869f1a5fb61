// SPDX-License-Identifier: Apache-2.0
//
// Winograd's minimal filtering F(m, 3) from its interpolation points (Winograd 1980; Lavin and Gray 2016): m outputs of
// a 3-tap filter from m + 2 products. With points a_0 … a_m and infinity, in one dimension
//
//   output = Aᵀ · ((G · weights) ⊙ (Bᵀ · input))
//   Aᵀ[i][j] = a_j^i                        last column: 1 in the last row
//   G[j][k]  = a_j^k / Π_{l≠j} (a_j - a_l)  last row: 1 in the last column
//   Bᵀ[j]    = coefficients of Π_{l≠j} (x - a_l), last row: of Π_l (x - a_l)
//
// The points decide the rounding error and nothing else. Those here are 0, ±p, ±q … and infinity, measured as the best
// of some hundred sets (docs/convolution.md); the ± pairs share their even and odd halves.
#pragma once

namespace pinxit::convolve {

/// `pairs` values p; the points are 0, ±p each, infinity, in this order.
struct Points4 {
  static constexpr int outputs = 4, pairs = 2, size = 6, products = 6;
  static constexpr double point[pairs] = {0.625, 1.5};
};
struct Points6 {
  static constexpr int outputs = 6, pairs = 3, size = 8, products = 8;
  static constexpr double point[pairs] = {0.5, 1, 2};
};

/// Nearest ×2, then 3 taps g0 g1 g2. Row 2j+1 of the doubled picture sees small rows j and j+1 through (g0 + g1, g2),
/// row 2j rows j-1 and j through (g0, g1 + g2). One F(3, 2) input tile, rows y-1 … y+2 at the points 0, 1, -1 and
/// infinity, serves both phases: six neighbouring output rows 2y-1 … 2y+4. At the point 1 both kernels are
/// (g0 + g1 + g2)/2, so there are seven products: 0 even, 0 odd, 1, -1 even, -1 odd, infinity even, infinity odd.
struct PointsDoubled {
  static constexpr int outputs = 6, size = 4, products = 7;
  static constexpr int step = 3;                                   ///< small rows between tiles
  static constexpr int point_of[products] = {0, 0, 1, 2, 2, 3, 3};  ///< of each product
  static constexpr double weights[products][3] = {
      {-1, 0, 0}, {-1, -1, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, -0.5}, {0.5, 0.5, -0.5}, {0, 1, 1}, {0, 0, 1}};
};

/// F(3, 3) for the 9×9 kernel's nine 3×3 blocks: 0, 1, -1, 1/2, infinity.
struct PointsNine {
  static constexpr int outputs = 3, size = 5, products = 5;
  static constexpr double weights[size][3] = {
      {2, 0, 0}, {1, 1, 1}, {-1. / 3, 1. / 3, -1. / 3}, {-8. / 3, -4. / 3, -2. / 3}, {0, 0, 1}};
};

/// Coefficients of Bᵀ, lowest power first: `all` of Π (y - p²), `rest[i]` of the same without pair i; the leading ones
/// (1) are left out.
template <class Points>
struct InputTransform {
  float all[Points::pairs] = {}, rest[Points::pairs][Points::pairs] = {}, point[Points::pairs] = {};
  consteval InputTransform() {
    expand(-1, all);
    for (int i = 0; i < Points::pairs; ++i) expand(i, rest[i]), point[i] = float(Points::point[i]);
  }

 private:
  consteval static void expand(int without, float* to) {
    double coefficient[Points::pairs + 1] = {1};
    int degree = 0;
    for (int i = 0; i < Points::pairs; ++i) {
      if (i == without) continue;
      const double square = Points::point[i] * Points::point[i];
      for (int k = ++degree; k > 0; --k) coefficient[k] = coefficient[k - 1] - square * coefficient[k];
      coefficient[0] *= -square;
    }
    for (int k = 0; k < degree; ++k) to[k] = float(coefficient[k]);
  }
};

/// power[k][i] = p_k^i: the columns of Aᵀ.
template <class Points>
struct OutputTransform {
  float power[Points::pairs][Points::outputs] = {};
  consteval OutputTransform() {
    for (int k = 0; k < Points::pairs; ++k) {
      double value = 1;
      for (int i = 0; i < Points::outputs; ++i, value *= Points::point[k]) power[k][i] = float(value);
    }
  }
};

/// Row j of G: the weights' transform, in double.
template <class Points>
struct WeightTransform {
  double row[Points::size][3] = {};
  consteval WeightTransform() {
    double at[Points::size - 1] = {};
    for (int i = 0; i < Points::pairs; ++i) at[1 + 2 * i] = Points::point[i], at[2 + 2 * i] = -Points::point[i];
    for (int j = 0; j + 1 < Points::size; ++j) {
      double scale = 1;
      for (int l = 0; l + 1 < Points::size; ++l)
        if (l != j) scale *= at[j] - at[l];
      row[j][0] = 1 / scale, row[j][1] = at[j] / scale, row[j][2] = at[j] * at[j] / scale;
    }
    row[Points::size - 1][2] = 1;
  }
};

}  // namespace pinxit::convolve
