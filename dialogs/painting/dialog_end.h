// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinxit {

/// How a window that paints was left.
enum class DialogEnd {
  painted,  ///< there is something to insert, made with the request that came out
  closed,   ///< the painter closed the window or cancelled; nothing is left behind
};

}  // namespace pinxit
