// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/style_net.h"

#include "engine/base/text.h"
#include "engine/nets/slimnet.h"
#include "engine/nets/transformernet.h"

namespace pinxit {

Result<StyleNet> load_style_net(const std::string& path) {
  return guarded([&]() -> StyleNet {
    const Safetensors file = Safetensors::open(path).take();
    if (transformernet_recognise(file)) return transformernet_load(file);
    if (slimnet_recognise(file)) return slimnet_load(file);
    throw Failure(ErrorCode::model_unsupported,
                  format_text(_("The weights in “%s” belong to no style network Pinxit knows."), path.c_str()),
                  _("Pinxit reads TransformerNet and slim style nets as safetensors files."));
  });
}

}  // namespace pinxit
