// SPDX-License-Identifier: Apache-2.0
#include "engine/service/job.h"

#include <cstring>
#include <new>

#include "engine/base/text.h"
#include "engine/service/log.h"

namespace pinxit {
namespace {

Error no_memory() {
  return {ErrorCode::out_of_memory, _("There is not enough memory for this picture."),
          _("Close other programs, work on a smaller picture, or set a maximum size.")};
}

/// LibTorch reports a failed allocation as an ordinary exception with one of these phrases.
bool speaks_of_memory(const char* text) {
  for (const char* phrase : {"out of memory", "not enough memory", "can't allocate memory", "alloc_cpu"})
    if (std::strstr(text, phrase)) return true;
  return false;
}

ViewKind view_kind(View::Kind kind) {
  switch (kind) {
    case View::Kind::crop:
      return ViewKind::crop;
    case View::Kind::fitted:
      return ViewKind::fitted;
    case View::Kind::whole:
      break;
  }
  return ViewKind::whole;
}

/// As guarded(), with painters' words for what LibTorch throws.
template <class F>
Result<std::string> careful(F&& work) {
  try {
    return work();
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::exception& problem) {
    log_line(std::string("exception: ") + problem.what());
    if (speaks_of_memory(problem.what())) return no_memory();
    return Error{ErrorCode::internal, _("The engine met a problem it does not know."), problem.what()};
  } catch (...) {
    return Error{ErrorCode::internal, _("The engine met a problem it does not know."), {}};
  }
}

}  // namespace

Workshop& WorkshopHolder::workshop() {
  if (!workshop_) workshop_ = std::make_unique<Workshop>();
  return *workshop_;
}

std::string WorkshopHolder::describe() {
  const auto text = careful([this]() -> Result<std::string> { return workshop().describe(); });
  return text ? *text : "{}";
}

void WorkshopHolder::rest() {
  if (workshop_) workshop_->rest();
}

Result<std::string> WorkshopHolder::work(const ServiceJob& job, Task& task) {
  if (const auto* fast = std::get_if<FastStyleRequest>(&job.request)) return workshop().fast_style(*fast, task);
  if (const auto* generate = std::get_if<GenerateRequest>(&job.request))
    return job.kind == JobKind::read_prompt ? workshop().read_prompt(*generate, task)
                                            : workshop().generate(*generate, task);
  const auto& neural = std::get<NeuralStyleRequest>(job.request);
  return job.kind == JobKind::evaluate ? workshop().evaluate(neural, task) : workshop().neural_style(neural, task);
}

Result<std::string> WorkshopHolder::run(const ServiceJob& job, const Emit& emit) {
  auto facts = careful([&]() -> Result<std::string> {
    if (job.stop.stop_requested()) throw Cancelled();
    Task task;
    if (job.source) task.source = job.source->span();
    task.source_identity = job.line.source.identity;
    if (job.result) task.result = job.result->span();
    task.view = view_kind(job.line.view.kind);
    task.region = job.line.view.region;
    for (size_t i = 0; i < job.pictures.size(); ++i)
      task.pictures.push_back({job.line.pictures.at(i).name, job.pictures[i]->span()});
    task.preview_side = job.line.preview_side;
    task.settings = Settings::load().take();
    task.emit = emit;
    task.stop = job.stop.get_token();
    task.finish = job.finish.get_token();
    return work(job, task);
  });
  if (!facts && facts.error().code == ErrorCode::out_of_memory && workshop_) {
    const auto forgotten = careful([this]() -> Result<std::string> { return workshop_->forget(), std::string(); });
    if (!forgotten) log_line("the workshop cannot forget: " + forgotten.error().sentence);
  }
  return facts;
}

}  // namespace pinxit
