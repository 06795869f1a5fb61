// SPDX-License-Identifier: Apache-2.0
//
// Which devices a running engine has, for a window's list of them. None is started only to be asked.
//
//     ask_for_devices(mailbox_.sender(), [this](const std::vector<std::string>& devices) { … });
//
// Returns at once. The answer comes through the mailbox, on the main thread; none comes where no engine runs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dialogs/shared/main_loop.h"

namespace pinxit {

void ask_for_devices(Mailbox::Sender letters, std::function<void(const std::vector<std::string>&)> answer);

}  // namespace pinxit
