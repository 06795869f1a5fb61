// SPDX-License-Identifier: Apache-2.0
//
// The window "Gallery": all Neural Style runs of this user, looked at, opened again as layers, run again, deleted.
//
//     GalleryHost host;
//     host.open_as_layers = [&](int64_t id, const std::vector<int>& iterations, bool result) { … };
//     host.run_again = [&](const NeuralStyleRequest& request) { … };       // shows the Neural Style window with it
//     if (auto end = run_gallery_window(host); !end) return fail(end.error());
//
// The window runs a main loop of its own until it is closed. It knows the gallery, and of GIMP only its host. Host
// functions are called on the main thread; one that is missing has no button to press.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/error.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

struct GalleryHost {
  /// Opens pictures of a run as layers: iterations (ascending), and above them the result if `result`.
  std::function<Status(int64_t id, const std::vector<int>& iterations, bool result)> open_as_layers;
  /// Lets the painter change the request, and paints it as a new run. Its name is free. What the painter cancels is
  /// ErrorCode::cancelled, and not told.
  std::function<Status(const NeuralStyleRequest& request)> run_again;
};

/// Returns when the window is closed. Fails only where there is no display, or no gallery can be opened.
Status run_gallery_window(const GalleryHost& host);

}  // namespace pinxit
