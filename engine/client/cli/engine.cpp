// SPDX-License-Identifier: Apache-2.0
//
// pinxit engine status|stop: the running engine; none is started for it.
#include <json-glib/json-glib.h>

#include <optional>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/report.h"
#include "engine/client/engine_client.h"

namespace pinxit {
namespace {

std::optional<EngineClient> running_engine() {
  EngineOptions options;
  options.start = false;
  auto engine = EngineClient::connect(options);
  if (engine) return std::move(*engine);
  if (engine.error().code == ErrorCode::engine_missing) return {};
  throw Failure(engine.error());
}

void print_status(EngineClient& engine) {
  g_autoptr(JsonNode) status = json_from_string(engine.status().take().c_str(), nullptr);
  g_autofree char* text = status ? json_to_string(status, true) : nullptr;
  if (!text) throw Failure(ErrorCode::protocol, _("The engine's status cannot be understood."));
  std::puts(text);
}

}  // namespace

int engine_command(int count, char** words) {
  gboolean now = FALSE;
  Options options("status|stop");
  options.add({"now", 0, 0, G_OPTION_ARG_NONE, &now, N_("Stop without finishing the jobs that wait or run"), nullptr});
  options.parse(count, words);
  const std::vector<std::string> rest = options.words();
  if (rest.size() != 1 || (rest[0] != "status" && rest[0] != "stop"))
    throw Failure(ErrorCode::bad_argument, _("Say what the engine is asked for."),
                  _("“pinxit engine status” or “pinxit engine stop”."));
  std::optional<EngineClient> engine = running_engine();
  if (!engine)
    print(stderr, std::string(_("No engine is running.")) + "\n");
  else if (rest[0] == "status")
    print_status(*engine);
  else
    engine->retire(now).take();
  return 0;
}

}  // namespace pinxit
