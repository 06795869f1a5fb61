// SPDX-License-Identifier: Apache-2.0
//
// What the engine remembers of pictures it has seen, so that a preview's second request is quick: the statistics of
// every normalisation (a whole pass over the picture), its mean colour, and the styled colours of the last views.
#pragma once

#include <list>
#include <string>

#include "engine/compute/style_chain.h"
#include "engine/operations/picture_source.h"

namespace pinxit {

/// The most recent `capacity` values by key.
template <class Value, size_t capacity>
class Recent {
 public:
  const Value* find(const std::string& key) {
    for (auto it = values_.begin(); it != values_.end(); ++it)
      if (it->first == key) {
        values_.splice(values_.begin(), values_, it);
        return &values_.front().second;
      }
    return nullptr;
  }
  const Value& keep(const std::string& key, Value value) {
    values_.remove_if([&](const auto& entry) { return entry.first == key; });
    values_.emplace_front(key, std::move(value));
    if (values_.size() > capacity) values_.pop_back();
    return values_.front().second;
  }
  void clear() { values_.clear(); }

 private:
  std::list<std::pair<std::string, Value>> values_;
};

struct Learnt {
  Recent<ChainStatistics, 16> statistics;
  Recent<VisibleMean, 4> means;
  Recent<torch::Tensor, 4> styled;  ///< float32 [h, w, 3], 0..255, of crops and fitted views
  void clear() {
    statistics.clear();
    means.clear();
    styled.clear();
  }
};

}  // namespace pinxit
