// SPDX-License-Identifier: Apache-2.0
//
// One job from its request to its last event, and the Workshop that does jobs on the worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/client/wire.h"
#include "engine/operations/operation.h"
#include "engine/requests/json.h"
#include "engine/service/backlog.h"
#include "engine/service/event_stream.h"
#include "engine/service/picture_memory.h"

namespace pinxit {

/// What is done with the request: paint, tell losses and gradient, or tell what is read of the prompt.
enum class JobKind { paint, evaluate, read_prompt };

struct ServiceJob {
  uint64_t id = 0;
  JobKind kind = JobKind::paint;
  AnyRequest request;
  JobLine line;
  std::shared_ptr<PictureMemory> source, result;         ///< null where the job has none
  std::vector<std::shared_ptr<PictureMemory>> pictures;  ///< in the order of line.pictures
  std::unique_ptr<EventStream> stream;                   ///< main loop's thread only
  Backlog unread;                       ///< pictures among its events
  std::stop_source stop, finish;
  int told_position = -1;  ///< the last one the client heard
};

/// The Workshop, made when it is first needed. All on the worker's thread, and nothing is ever thrown.
class WorkshopHolder {
 public:
  /// JSON object text, "{}" when the workshop cannot say.
  std::string describe();
  /// Facts for the recipe, or why there is no result.
  Result<std::string> run(const ServiceJob& job, const Emit& emit);
  /// Gives memory back between jobs.
  void rest();

 private:
  Workshop& workshop();
  Result<std::string> work(const ServiceJob& job, Task& task);
  std::unique_ptr<Workshop> workshop_;
};

}  // namespace pinxit
