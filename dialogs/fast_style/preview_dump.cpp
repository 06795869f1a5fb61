// SPDX-License-Identifier: Apache-2.0
#include "dialogs/fast_style/preview_dump.h"

#include <glib.h>

#include <atomic>
#include <string>

#include "dialogs/fast_style/preview_worker.h"
#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {

void dump_preview(const PreviewFrame& frame) {
  static std::atomic<int> count = 0;
  const char* folder = g_getenv("PINXIT_TEST_DUMP");
  if (!folder || !*folder) return;
  const std::string stem = format_text("%s/preview-%04d", folder, count++);
  const SrgbView pixels = frame.picture.view();
  const Region& region = frame.wish.view.region;
  const std::string facts = format_text(
      R"({"kind":"%s","region":[%lld,%lld,%lld,%lld],"width":%lld,"height":%lld,"request":%s})",
      frame.wish.view.kind == View::Kind::crop ? "crop" : "fitted", (long long)region.x, (long long)region.y,
      (long long)region.width, (long long)region.height, (long long)pixels.width, (long long)pixels.height,
      to_json(frame.wish.request).c_str());
  g_file_set_contents((stem + ".raw").c_str(), reinterpret_cast<const char*>(pixels.data), gssize(pixels.bytes()),
                      nullptr);
  g_file_set_contents((stem + ".json").c_str(), facts.data(), gssize(facts.size()), nullptr);
}

}  // namespace pinxit
