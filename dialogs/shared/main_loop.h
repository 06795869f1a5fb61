// SPDX-License-Identifier: Apache-2.0
//
// The one way from worker threads to GTK: letters that the main loop opens.
//
//     Mailbox mailbox;                                   // member of a window, main thread
//     auto letters = mailbox.sender();                   // copyable, for any thread
//     letters.post([this] { label_.set("done"); });      // runs later on the main thread …
//     …                                                  // … or never, once the mailbox is gone
//
// A mailbox is made and destroyed on the main thread only. That is what makes it safe to capture `this`: a letter that
// is opened finds the window alive, and a letter that comes too late is thrown away unread.
#pragma once

#include <functional>
#include <memory>

namespace pinxit {

class Mailbox {
 public:
  class Sender {
   public:
    void post(std::function<void()> letter) const;

   private:
    friend class Mailbox;
    std::weak_ptr<int> address_;
  };

  Mailbox() : address_(std::make_shared<int>(0)) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  Sender sender() const;

 private:
  std::shared_ptr<int> address_;
};

}  // namespace pinxit
