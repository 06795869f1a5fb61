// SPDX-License-Identifier: Apache-2.0
#include "engine/service/queue.h"

#include <algorithm>

namespace pinxit {

void JobQueue::add(const std::string& client, Entry entry) {
  for (Client& known : clients_)
    if (known.name == client) return known.waiting.push_back(entry);
  clients_.push_back({client, {entry}});
}

std::optional<uint64_t> JobQueue::take() {
  if (clients_.empty()) return {};
  Client client = std::move(clients_.front());
  clients_.pop_front();
  const uint64_t id = client.waiting.front().id;
  client.waiting.pop_front();
  if (!client.waiting.empty()) clients_.push_back(std::move(client));
  return id;
}

bool JobQueue::remove(uint64_t id) {
  for (auto client = clients_.begin(); client != clients_.end(); ++client) {
    const size_t removed = std::erase_if(client->waiting, [id](const Entry& entry) { return entry.id == id; });
    if (removed == 0) continue;
    if (client->waiting.empty()) clients_.erase(client);
    return true;
  }
  return false;
}

std::vector<uint64_t> JobQueue::previews(const std::string& client) const {
  std::vector<uint64_t> ids;
  for (const Client& known : clients_)
    if (known.name == client)
      for (const Entry& entry : known.waiting)
        if (entry.preview) ids.push_back(entry.id);
  return ids;
}

std::vector<uint64_t> JobQueue::order() const {
  std::vector<uint64_t> ids;
  for (JobQueue copy = *this; const auto id = copy.take();) ids.push_back(*id);
  return ids;
}

size_t JobQueue::size() const {
  size_t count = 0;
  for (const Client& client : clients_) count += client.waiting.size();
  return count;
}

}  // namespace pinxit
