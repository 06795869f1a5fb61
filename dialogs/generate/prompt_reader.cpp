// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/prompt_reader.h"

namespace pinxit {

void PromptReader::ask(const GenerateRequest& request, guint delay_ms) {
  rest();
  asked_ = std::make_shared<Answer>(Answer{request, {}});
  timer_ = g_timeout_add(
      delay_ms,
      [](gpointer reader) -> gboolean {
        static_cast<PromptReader*>(reader)->timer_ = 0;
        static_cast<PromptReader*>(reader)->begin();
        return G_SOURCE_REMOVE;
      },
      this);
}

void PromptReader::rest() {
  if (timer_) g_source_remove(timer_);
  timer_ = 0;
  job_.reset();
}

std::string PromptReader::facts_of(const GenerateRequest& request) const {
  return last_.request.model == request.model && last_.request.prompt == request.prompt ? last_.facts : std::string();
}

void PromptReader::begin() {
  job_.emplace(
      [read = read_, asked = asked_](const Emit&, std::stop_token stop, std::stop_token) {
        return guarded([&] {
          asked->facts = read(asked->request, stop).take();
          return Nothing{};
        });
      },
      [](const Event&) {}, [this](Status status) { ended(status); });
}

void PromptReader::ended(const Status& status) {
  const std::optional<Error> error = status ? std::nullopt : std::optional(status.error());
  job_.reset();
  if (!error) {
    last_ = *asked_;
    if (on_read) on_read(last_);
  } else if (error->code != ErrorCode::cancelled && on_failed) {
    on_failed(*error);
  }
}

}  // namespace pinxit
