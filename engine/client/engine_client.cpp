// SPDX-License-Identifier: Apache-2.0
#include "engine/client/engine_client.h"

#include <json-glib/json-glib.h>

#include <fstream>
#include <optional>

#include "engine/base/text.h"
#include "engine/client/exchange.h"
#include "engine/client/finisher.h"
#include "engine/client/launcher.h"
#include "engine/client/runtime.h"
#include "engine/client/wire.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

constexpr double status_seconds = 20;  ///< how long an engine may think about its status

/// How many processes the kernel has killed for want of memory since it started.
long long memory_kills() {
  std::ifstream file("/proc/vmstat");
  std::string name;
  for (long long number = 0; file >> name >> number;)
    if (name == "oom_kill") return number;
  return 0;
}

/// The one line of a simple answer.
std::string ask(const std::string& socket, const Exchange::Request& request, double seconds, std::stop_token stop) {
  Exchange exchange(socket, request, seconds, std::move(stop));
  const std::string line = exchange.line().value_or("");
  if (const Event event = event_from_json(line); event.error) throw Failure(*event.error);
  return line;
}

std::string text_of(JsonObject* object, const char* name) {
  const char* text = json_object_get_string_member_with_default(object, name, "");
  return text ? text : "";
}

std::vector<StyleInfo> styles_from_json(const std::string& line) {
  std::vector<StyleInfo> styles;
  g_autoptr(JsonNode) root = json_from_string(line.c_str(), nullptr);
  JsonNode* list =
      root && JSON_NODE_HOLDS_OBJECT(root) ? json_object_get_member(json_node_get_object(root), "styles") : nullptr;
  if (!list || !JSON_NODE_HOLDS_ARRAY(list))
    throw Failure(ErrorCode::protocol, _("The engine's list of styles cannot be understood."));
  JsonArray* array = json_node_get_array(list);
  for (guint i = 0; i < json_array_get_length(array); ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(element)) continue;
    JsonObject* o = json_node_get_object(element);
    styles.push_back({text_of(o, "id"), text_of(o, "title"), text_of(o, "kind"), text_of(o, "description"),
                      text_of(o, "licence"), text_of(o, "source"), text_of(o, "sha256"), text_of(o, "thumbnail")});
  }
  return styles;
}

/// A request that has neither source nor result. The file of captions is the client's business.
JobLine job_line(const GenerateRequest& request) {
  GenerateRequest sent = request;
  sent.captions.clear();
  JobLine line;
  line.request = to_json(sent);
  return line;
}

/// The request as its operation's line; the same for every attempt.
JobLine job_line(const AnyRequest& request, const Job& job) {
  if (const auto* generate = std::get_if<GenerateRequest>(&request)) return job_line(*generate);
  JobLine line;
  line.request = to_json(request);
  const SrgbView source = job.source.view(), result = job.result.view();
  line.source = {source.width, source.height, job.source.identity(), job.source.descriptor()};
  line.result = {result.width, result.height, {}, job.result.descriptor()};
  line.view = job.view;
  line.preview_side = job.preview_side;
  for (const NamedPicture& picture : job.pictures) {
    const SrgbView pixels = picture.pixels.view();
    line.pictures.push_back({picture.name,
                             {pixels.width, pixels.height, picture.pixels.identity(), picture.pixels.descriptor()}});
  }
  return line;
}

void check(const AnyRequest& request, const Job& job) {
  if (std::holds_alternative<GenerateRequest>(request)) {
    if (job.source || job.result || !job.pictures.empty())
      throw Failure(ErrorCode::bad_argument, _("Generate from Text takes no picture."));
    return;
  }
  if (!job.source || !job.result)
    throw Failure(ErrorCode::bad_argument, _("A job needs a picture and a place for the result."));
  for (const NamedPicture& picture : job.pictures)
    if (!picture.pixels)
      throw Failure(ErrorCode::bad_argument, format_text(_("The picture \"%s\" is empty."), picture.name.c_str()));
  if (job.pictures.size() > most_pictures)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("At most %d pictures can go with a request."), int(most_pictures)));
}

const char* route_of(const AnyRequest& request) {
  if (std::holds_alternative<GenerateRequest>(request)) return "/v1/generate";
  return std::holds_alternative<NeuralStyleRequest>(request) ? "/v1/neural-style" : "/v1/fast-style";
}

/// Runs `work`; where the engine was lost because the system ended a process for its memory, the error says so.
template <class F>
Result<Outcome> told_of_memory(F&& work) {
  const long long kills_before = memory_kills();
  auto outcome = guarded(std::forward<F>(work));
  if (!outcome && outcome.error().code == ErrorCode::engine_lost && memory_kills() > kills_before)
    return Error{ErrorCode::out_of_memory, _("The engine was ended by the system because memory ran out."),
                 _("Close other programs, set a memory limit in Filters ▸ Neural ▸ Settings…, or a maximum size.")};
  return outcome;
}

/// Asks for the body instead of shared memory.
struct RepeatInBody {};

/// The pixels behind a `preview`, `state` or `picture`, which say how large they are.
std::shared_ptr<const SrgbPicture> receive_picture(Exchange& exchange, const Event& event, int64_t body) {
  const bool sized = event.width > 0 && event.height > 0 && event.width <= largest_side &&
                     event.height <= largest_side && body == event.width * event.height * int64_t(4 * sizeof(float));
  if (!sized) throw Failure(ErrorCode::protocol, _("A picture from the engine has the wrong size."));
  auto picture = std::make_shared<SrgbPicture>(event.width, event.height);
  exchange.bytes(picture->data.data(), size_t(body));
  return picture;
}

/// Whether the event's body is its picture. A `picture` always has one: without, it is found damaged.
bool has_picture(const Event& event, int64_t body) {
  using Kind = Event::Kind;
  if (event.kind == Kind::picture) return true;
  return body > 0 && (event.kind == Kind::preview || event.kind == Kind::state);
}

Outcome receive(Exchange& exchange, const Job& job, Finisher& finisher) {
  while (const auto line = exchange.line()) {
    Event event = event_from_json(*line);
    const int64_t body = body_bytes(*line).take();
    if (event.job > 0) finisher.job_is(event.job);
    if (event.kind == Event::Kind::error) {
      if (asks_for_body(*line)) throw RepeatInBody();
      throw Failure(event.error.value_or(Error{}));
    }
    const bool finished = event.kind == Event::Kind::result;
    if (finished && body > 0) {
      if (!job.result || size_t(body) != job.result.span().bytes())
        throw Failure(ErrorCode::protocol, _("The engine's result has the wrong size."));
      exchange.bytes(job.result.span().data, size_t(body));
    } else if (has_picture(event, body)) {
      event.picture = receive_picture(exchange, event, body);
    } else {
      exchange.bytes(nullptr, size_t(body));
    }
    if (job.stop.stop_requested()) throw Cancelled();
    if (event.kind != Event::Kind::unknown && job.on_event) job.on_event(event);
    if (finished) return {event.facts};
  }
  throw Failure(ErrorCode::engine_lost, _("The engine ended the work without a result."),
                _("The picture is unchanged. Try again; the engine starts anew."));
}

}  // namespace

struct EngineClient::State {
  EngineOptions options;
  std::string socket;
  bool in_body = false;  ///< shared memory did not work with this engine

  std::string fetch_status(std::stop_token stop) {
    return ask(socket, {"GET", "/v1/status", {}}, status_seconds, std::move(stop));
  }

  /// An engine of our protocol listens when this returns.
  void find_or_start(const std::stop_token& stop) {
    EngineOptions starting = options;
    starting.stop = stop;
    for (int attempt = 0;; ++attempt) {
      try {
        const std::string status = fetch_status(stop);
        if (number_in(status, "protocol", 0) == protocol_number) return;
        if (!options.start || attempt > 1)
          throw Failure(ErrorCode::engine_old, _("The running engine is of another Pinxit version and does not end."),
                        _("Wait until its work is done, or end the program pinxit-engine, and try again."));
        ask(socket, {"POST", "/v1/retire", R"({"now":false})"}, status_seconds, stop);
      } catch (const Failure& failure) {
        if (failure.error.code != ErrorCode::engine_missing || !options.start || attempt > 2) throw;
      }
      start_engine(starting, socket).take();
    }
  }

  Outcome attempt(const char* route, JobLine line, const Job& job) {
    std::vector<SrgbView> pixels;
    if (in_body) {
      line.source.descriptor = line.result.descriptor = -1;
      for (NamedPictureLine& one : line.pictures) one.picture.descriptor = -1;
      if (job.source) pixels.push_back(job.source.view());
      for (const NamedPicture& picture : job.pictures) pixels.push_back(picture.pixels.view());
      for (const SrgbView& picture : pixels) line.body += int64_t(picture.bytes());
    }
    Finisher finisher(socket, job.finish);
    Exchange exchange(socket, {"POST", route, job_line_to_json(line), pixels}, options.silence_seconds, job.stop);
    return receive(exchange, job, finisher);
  }

  Outcome run(const char* route, const JobLine& line, const Job& job) {
    bool started_anew = false;
    for (;;) {
      try {
        return attempt(route, line, job);
      } catch (const RepeatInBody&) {
        if (in_body) throw Failure(ErrorCode::protocol, _("The engine refuses the picture."));
        in_body = true;
      } catch (const Failure& failure) {
        // It ended while idle, or before it said a word about this job: start another one and ask again, once.
        if (failure.error.code != ErrorCode::engine_missing) throw;
        if (started_anew)
          throw Failure(ErrorCode::engine_lost, _("The engine went away twice before it began to paint."),
                        format_text(_("Its log may say why: %s"), engine_log_file().c_str()));
        started_anew = true;
        find_or_start(job.stop);
      }
    }
  }
};

EngineClient::EngineClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
EngineClient::EngineClient(EngineClient&&) noexcept = default;
EngineClient& EngineClient::operator=(EngineClient&&) noexcept = default;
EngineClient::~EngineClient() = default;

Result<EngineClient> EngineClient::connect(const EngineOptions& options) {
  return guarded([&] {
    auto state = std::make_unique<State>();
    state->options = options;
    state->socket = options.socket.empty() ? socket_in(runtime_folder().take()) : options.socket;
    state->find_or_start(options.stop);
    return EngineClient(std::move(state));
  });
}

Result<Outcome> EngineClient::run(const AnyRequest& request, const Job& job) {
  return told_of_memory([&] {
    if (job.stop.stop_requested()) throw Cancelled();
    check(request, job);
    std::visit([](const auto& one) { return validate(one); }, request).take();
    return state_->run(route_of(request), job_line(request, job), job);
  });
}

Result<Outcome> EngineClient::evaluate(const NeuralStyleRequest& request, const Job& job) {
  return told_of_memory([&] {
    if (job.stop.stop_requested()) throw Cancelled();
    check(request, job);
    validate(request).take();
    return state_->run("/v1/evaluate", job_line(request, job), job);
  });
}

Result<Outcome> EngineClient::read_prompt(const GenerateRequest& request, std::stop_token stop) {
  return told_of_memory([&] {
    if (stop.stop_requested()) throw Cancelled();
    validate(request).take();
    Job job;
    job.stop = std::move(stop);
    return state_->run("/v1/prompt", job_line(request), job);
  });
}

Result<std::vector<StyleInfo>> EngineClient::styles() {
  return guarded([&] {
    const Exchange::Request request{"GET", "/v1/styles", {}};
    try {
      return styles_from_json(ask(state_->socket, request, status_seconds, state_->options.stop));
    } catch (const Failure& failure) {
      if (failure.error.code != ErrorCode::engine_missing) throw;
    }
    state_->find_or_start(state_->options.stop);
    return styles_from_json(ask(state_->socket, request, status_seconds, state_->options.stop));
  });
}

Result<std::string> EngineClient::status() {
  return guarded([&] { return state_->fetch_status(state_->options.stop); });
}

Status EngineClient::retire(bool now) {
  return guarded([&]() -> Nothing {
    const char* line = now ? R"({"now":true})" : R"({"now":false})";
    ask(state_->socket, {"POST", "/v1/retire", line}, status_seconds, state_->options.stop);
    return {};
  });
}

}  // namespace pinxit
