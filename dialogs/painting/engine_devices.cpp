// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/engine_devices.h"

#include <thread>
#include <utility>

#include "dialogs/shared/device_names.h"
#include "engine/client/engine_client.h"

namespace pinxit {

void ask_for_devices(Mailbox::Sender letters, std::function<void(const std::vector<std::string>&)> answer) {
  std::thread([letters = std::move(letters), answer = std::move(answer)] {
    EngineOptions options;
    options.start = false;
    auto client = EngineClient::connect(options);
    if (!client) return;
    auto status = client->status();
    if (!status) return;
    letters.post([answer, devices = engine_facts(*status).devices] { answer(devices); });
  }).detach();
}

}  // namespace pinxit
