// SPDX-License-Identifier: Apache-2.0
//
// The line in front of the worker. Clients take turns: whoever sends a hundred jobs waits behind each newcomer's next
// one, and within one client the order is kept. Plain data, no threads, no I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace pinxit {

class JobQueue {
 public:
  struct Entry {
    uint64_t id = 0;
    bool preview = false;
  };
  void add(const std::string& client, Entry entry);
  /// The next one to work on; taken out of the line.
  std::optional<uint64_t> take();
  /// False when it does not wait here (any more).
  bool remove(uint64_t id);
  /// Waiting previews of a client: out of date as soon as it sends a newer one.
  std::vector<uint64_t> previews(const std::string& client) const;
  /// All that wait, in the order they will be taken if nobody else comes.
  std::vector<uint64_t> order() const;
  size_t size() const;

 private:
  struct Client {
    std::string name;
    std::deque<Entry> waiting;
  };
  std::deque<Client> clients_;  ///< each has something waiting; the first one's turn is next
};

}  // namespace pinxit
