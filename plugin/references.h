// SPDX-License-Identifier: Apache-2.0
//
// Pictures that a request names: files, and layers of the image as "layer:TATTOO".
//
//     References references(image);
//     job.pictures = references.pictures_for(request, source);     // "style-0", …, "mask-0", …, "start"
//
// Files are opened by GIMP, so whatever GIMP reads can be a style, in the colours its profile says; they are closed
// again before the call returns. Layers are taken as the painter sees them (sources.h). Nothing here changes the
// image. Main thread only. Throws Failure: file_unreadable, bad_argument, picture_unsupported.
#pragma once

#include <libgimp/gimp.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/client/engine_client.h"
#include "engine/requests/neural_style.h"
#include "plugin/sources.h"

namespace pinxit {

/// The layer that "layer:TATTOO" names; null where `reference` is a file or no layer of `image`.
GimpLayer* layer_of(GimpImage* image, const std::string& reference);
std::string reference_to(GimpLayer* layer);

class References {
 public:
  explicit References(GimpImage* image) : image_(image) {}

  /// A style picture. A file is opened once for all calls.
  SharedPicture picture(const std::string& reference);

  /// Where a style shows, as large as `source`, grey and opaque: a layer's light times its alpha, in its place in the
  /// image and black around it; a file's, stretched over the source.
  SharedPicture mask(const std::string& reference, const Source& source);

  /// The newest result: the topmost layer that Neural Style painted from `source`, as large as it.
  SharedPicture last_result(const Source& source);

  std::vector<NamedPicture> pictures_for(const NeuralStyleRequest& request, const Source& source);

 private:
  GimpLayer* layer(const std::string& reference);
  SharedPicture layer_mask(GimpLayer* layer, const Source& source);

  GimpImage* image_;
  std::map<std::string, SharedPicture> files_;
};

}  // namespace pinxit
