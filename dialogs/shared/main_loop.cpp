// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/main_loop.h"

#include <glib.h>

namespace pinxit {
namespace {

struct Letter {
  std::weak_ptr<int> address;
  std::function<void()> text;
};

gboolean open_letter(gpointer data) {
  auto* letter = static_cast<Letter*>(data);
  if (!letter->address.expired()) letter->text();
  return G_SOURCE_REMOVE;
}

void burn_letter(gpointer data) { delete static_cast<Letter*>(data); }

}  // namespace

void Mailbox::Sender::post(std::function<void()> letter) const {
  // Default priority, not idle: drawing must not starve a frame or an answer to Cancel.
  g_idle_add_full(G_PRIORITY_DEFAULT, open_letter, new Letter{address_, std::move(letter)}, burn_letter);
}

Mailbox::Sender Mailbox::sender() const {
  Sender sender;
  sender.address_ = address_;
  return sender;
}

}  // namespace pinxit
