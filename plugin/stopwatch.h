// SPDX-License-Identifier: Apache-2.0
//
// Where the time goes: run GIMP with G_MESSAGES_DEBUG=pinxit to read it.
//
//     const Stopwatch stopwatch("write");     // says "write 0.123 s" when it goes
#pragma once

#include <glib.h>

namespace pinxit {

class Stopwatch {
 public:
  explicit Stopwatch(const char* what) : what_(what), start_(g_get_monotonic_time()) {}
  Stopwatch(const Stopwatch&) = delete;
  ~Stopwatch() { g_debug("%s %.3f s", what_, double(g_get_monotonic_time() - start_) / G_USEC_PER_SEC); }

 private:
  const char* what_;
  gint64 start_;
};

}  // namespace pinxit
