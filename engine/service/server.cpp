// SPDX-License-Identifier: Apache-2.0
#include "engine/service/server.h"

#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <vector>

#include "engine/base/text.h"
#include "engine/client/runtime.h"
#include "engine/client/wire.h"
#include "engine/service/answers.h"
#include "engine/service/event_stream.h"
#include "engine/service/job.h"
#include "engine/service/log.h"
#include "engine/service/queue.h"
#include "engine/service/upload.h"
#include "engine/service/worker.h"

namespace pinxit {
namespace {

constexpr size_t most_jobs = 32;
constexpr double lock_seconds = 10;   ///< an engine that is ending may need so long to leave
constexpr double shortest_idle = 2;   ///< seconds between a client's question and its job are not idleness
constexpr double ending_seconds = 3;  ///< how long the work under way may take to stop
constexpr int most_unread = 2;        ///< pictures of a job that wait for its client while the work goes on
constexpr std::chrono::minutes patience(5);  ///< with a client that reads none of them while others wait
constexpr const char* upload_key = "pinxit-upload";

struct Peer {
  pid_t pid = 0;
  bool ours = false;  ///< runs as the same user
};

Peer peer_of(SoupServerMessage* message) {
  GSocket* socket = soup_server_message_get_socket(message);
  g_autoptr(GCredentials) credentials = socket ? g_socket_get_credentials(socket, nullptr) : nullptr;
  if (!credentials) return {};
  return {g_credentials_get_unix_pid(credentials, nullptr),
          g_credentials_get_unix_user(credentials, nullptr) == geteuid()};
}

/// Into the lock file, for people and tests who look for the engine.
void write_pid(int file) {
  const std::string text = std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0 || pwrite(file, text.data(), text.size(), 0) < 0)
    log_line("the lock file is not writable");
}

bool is(SoupServerMessage* message, const char* method) {
  return g_strcmp0(soup_server_message_get_method(message), method) == 0;
}

std::string whole_body(SoupServerMessage* message) {
  g_autoptr(GBytes) body = soup_message_body_flatten(soup_server_message_get_request_body(message));
  gsize size = 0;
  const char* data = static_cast<const char*>(g_bytes_get_data(body, &size));
  return data ? std::string(data, size) : std::string();
}

}  // namespace

struct Server::State {
  explicit State(std::string path) : socket(std::move(path)) {}
  ~State() { leave(); }

  // ---- coming and going
  Nothing listen();
  void leave();
  void retire(bool now);
  void end_if_done();
  void watch_idleness();

  // ---- requests
  void add_handler(const char* path, void (State::*handler)(SoupServerMessage*), bool uploads = false);
  void begin(SoupServerMessage* message);
  void status(SoupServerMessage* message);
  void styles(SoupServerMessage* message);
  void ask_to_retire(SoupServerMessage* message);
  void ask_to_finish(SoupServerMessage* message);
  void fast_style(SoupServerMessage* message);
  void neural_style(SoupServerMessage* message);
  void evaluate(SoupServerMessage* message);
  void generate(SoupServerMessage* message);
  void read_prompt(SoupServerMessage* message);
  template <class R>
  void take_job(SoupServerMessage* message, JobKind kind);
  void answer_status();

  // ---- jobs
  void add_job(SoupServerMessage* message, Upload& upload, JobKind kind);
  void client_left(uint64_t id);
  void fail(uint64_t id, const Error& error);
  void next_job();
  void say(const std::shared_ptr<ServiceJob>& job, const Event& event);
  void job_done(const std::shared_ptr<ServiceJob>& job, const Result<std::string>& facts);
  void tell_positions();
  size_t jobs_count() const { return jobs.size(); }

  std::string socket;
  Descriptor lock;
  GMainContext* context = g_main_context_get_thread_default();
  GMainLoop* loop = g_main_loop_new(context, false);
  SoupServer* server = nullptr;
  std::vector<guint> signals;
  GSource* idle = nullptr;
  bool retiring = false;
  gint64 end_at = 0;  ///< when retiring now: monotonic time after which the work is not waited for
  int open_requests = 0;

  JobQueue queue;
  std::map<uint64_t, std::shared_ptr<ServiceJob>> jobs;  ///< waiting and running ones whose client is there
  std::shared_ptr<ServiceJob> running;
  std::atomic<bool> others_wait = false;  ///< for the job that runs
  uint64_t last_id = 0;
  std::string description = "{}";  ///< of the workshop, as last heard
  bool describing = false;
  std::vector<SoupServerMessage*> asking_status;
  WorkshopHolder workshop;
  Worker worker{[this] { workshop.rest(); }};  ///< last: its thread ends before what it uses
};

// ---- coming and going

Nothing Server::State::listen() {
  // A client killed while it started an engine leaves that engine behind: one that listens is not waited for.
  const auto listens = +[](void* path) { return somebody_listens(*static_cast<std::string*>(path)); };
  lock = lock_file(engine_lock_of(socket), lock_seconds, listens, &socket);
  if (!lock)
    throw Failure(ErrorCode::engine_busy, _("Another engine is running already."),
                  _("End the programs named pinxit-engine and try again."));
  write_pid(lock.get());
  unlink(socket.c_str());
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new(socket.c_str());
  server = soup_server_new("server-header", "Pinxit/" PINXIT_VERSION, nullptr);
  add_handler("/v1/status", &State::status);
  add_handler("/v1/styles", &State::styles);
  add_handler("/v1/retire", &State::ask_to_retire);
  add_handler("/v1/finish", &State::ask_to_finish);
  add_handler("/v1/fast-style", &State::fast_style, true);
  add_handler("/v1/neural-style", &State::neural_style, true);
  add_handler("/v1/evaluate", &State::evaluate, true);
  add_handler("/v1/generate", &State::generate, true);
  add_handler("/v1/prompt", &State::read_prompt, true);
  g_autoptr(GError) problem = nullptr;
  const mode_t before = umask(0177);
  const bool listening = soup_server_listen(server, address, SoupServerListenOptions(0), &problem);
  umask(before);
  if (!listening || chmod(socket.c_str(), 0600) != 0)
    throw Failure(ErrorCode::engine_missing, format_text(_("The engine cannot listen on %s."), socket.c_str()),
                  problem ? problem->message : "");
  watch_idleness();
  return {};
}

/// Takes the engine off the door: whoever comes now starts a new one.
void Server::State::leave() {
  if (lock) unlink(socket.c_str());
  lock = Descriptor();
  if (!loop) return;
  for (const auto& [id, job] : jobs) job->stop.request_stop();
  if (running) running->stop.request_stop();
  if (idle) {
    g_source_destroy(idle);
    g_source_unref(idle);
  }
  jobs.clear();
  if (server) soup_server_disconnect(server);
  g_clear_object(&server);
  g_clear_pointer(&loop, g_main_loop_unref);
}

void Server::State::retire(bool now) {
  log_line(now ? "asked to end now" : "asked to end when idle");
  if (lock) unlink(socket.c_str());
  lock = Descriptor();
  retiring = others_wait = true;  // whoever starts the next engine
  if (now) {
    end_at = g_get_monotonic_time() + gint64(ending_seconds * G_USEC_PER_SEC);
    const auto all = jobs;
    for (const auto& [id, job] : all)
      fail(id, {ErrorCode::engine_lost, _("The engine was asked to end."), _("Try again; the engine starts anew.")});
    if (running) running->stop.request_stop();
  }
  watch_idleness();
}

/// Ends the loop when nobody waits for anything (or waits too long for work that does not stop).
void Server::State::end_if_done() {
  const bool busy = running || jobs_count() > 0 || open_requests > 0 || describing;
  const bool overdue = end_at > 0 && g_get_monotonic_time() > end_at;
  if (overdue && running) {
    log_line("the work under way does not stop; leaving without it");
    _exit(0);
  }
  if (!busy || overdue) return g_main_loop_quit(loop);
  watch_idleness();
}

/// (Re)starts the clock of idleness; called whenever something happened.
void Server::State::watch_idleness() {
  if (idle) {
    g_source_destroy(idle);
    g_source_unref(idle);
  }
  const auto settings = Settings::load();
  const double minutes = settings ? settings->idle_minutes : Settings().idle_minutes;
  const double seconds = retiring ? 0.05 : std::max(minutes * 60, shortest_idle);
  idle = g_timeout_source_new(guint(seconds * 1000));
  g_source_set_callback(
      idle, [](gpointer state) -> gboolean { return static_cast<State*>(state)->end_if_done(), G_SOURCE_REMOVE; }, this,
      nullptr);
  g_source_attach(idle, context);
}

// ---- requests

void Server::State::add_handler(const char* path, void (State::*handler)(SoupServerMessage*), bool uploads) {
  struct Route {
    State* state;
    void (State::*handler)(SoupServerMessage*);
    bool uploads;
  };
  const auto early = +[](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer data) {
    const auto* route = static_cast<Route*>(data);
    const Peer peer = peer_of(message);
    if (!peer.ours) return soup_server_message_set_status(message, SOUP_STATUS_FORBIDDEN, nullptr);
    route->state->begin(message);
    if (!route->uploads) return;
    auto* upload = new Upload(peer.pid);
    g_object_set_data_full(G_OBJECT(message), upload_key, upload, [](gpointer u) { delete static_cast<Upload*>(u); });
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    const auto feed = +[](SoupServerMessage*, GBytes* chunk, Upload* into) {
      gsize size = 0;
      const void* bytes = g_bytes_get_data(chunk, &size);
      if (size > 0) into->feed(static_cast<const char*>(bytes), size);
    };
    g_signal_connect(message, "got-chunk", G_CALLBACK(feed), upload);
  };
  const auto late = +[](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer data) {
    const auto* route = static_cast<Route*>(data);
    const auto done = guarded([&]() -> Nothing {
      (route->state->*route->handler)(message);
      return {};
    });
    if (!done) answer(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, error_line(done.error()));
  };
  const auto forget = +[](gpointer data) { delete static_cast<Route*>(data); };
  soup_server_add_early_handler(server, path, early, new Route{this, handler, uploads}, forget);
  soup_server_add_handler(server, path, late, new Route{this, handler, uploads}, forget);
}

/// Counts the request as open from its head until libsoup has sent the answer's last byte, or lost the client.
void Server::State::begin(SoupServerMessage* message) {
  ++open_requests;
  const auto finished = +[](SoupServerMessage*, State* state) {
    --state->open_requests;
    if (state->loop) state->watch_idleness();
  };
  g_signal_connect(message, "finished", G_CALLBACK(finished), this);
}

void Server::State::status(SoupServerMessage* message) {
  if (!is(message, "GET")) return refuse_method(message);
  soup_server_message_pause(message);
  asking_status.push_back(SOUP_SERVER_MESSAGE(g_object_ref(message)));
  if (running || describing) return running ? answer_status() : void();
  describing = true;
  worker.post([this] {
    std::string text = workshop.describe();
    on_main(context, [this, text = std::move(text)] {
      describing = false;
      description = text;
      answer_status();
      next_job();
    });
  });
}

void Server::State::answer_status() {
  const size_t waiting = queue.size();
  const std::string line = status_line(description, running ? 1 : 0, int(waiting));
  for (SoupServerMessage* message : std::exchange(asking_status, {})) {
    answer(message, SOUP_STATUS_OK, line);
    soup_server_message_unpause(message);
    g_object_unref(message);
  }
}

void Server::State::styles(SoupServerMessage* message) {
  if (!is(message, "GET")) return refuse_method(message);
  answer(message, SOUP_STATUS_OK, styles_line());
}

void Server::State::ask_to_retire(SoupServerMessage* message) {
  if (!is(message, "POST")) return refuse_method(message);
  answer(message, SOUP_STATUS_OK, R"({"retiring":true})");
  retire(wants_now(whole_body(message)));
}

void Server::State::ask_to_finish(SoupServerMessage* message) {
  if (!is(message, "POST")) return refuse_method(message);
  const int64_t id = number_in(whole_body(message), "job", 0);
  const auto found = jobs.find(uint64_t(id));
  if (found == jobs.end()) {
    const Error unknown{ErrorCode::bad_argument, format_text(_("There is no job %lld."), static_cast<long long>(id)),
                        _("It may be done already.")};
    return answer(message, SOUP_STATUS_NOT_FOUND, error_line(unknown));
  }
  log_line(format_text("job %lld: asked to finish", static_cast<long long>(id)));
  found->second->finish.request_stop();
  answer(message, SOUP_STATUS_OK, "{\"finishing\":" + std::to_string(id) + "}");
}

void Server::State::fast_style(SoupServerMessage* message) {
  take_job<FastStyleRequest>(message, JobKind::paint);
}

void Server::State::neural_style(SoupServerMessage* message) {
  take_job<NeuralStyleRequest>(message, JobKind::paint);
}

void Server::State::evaluate(SoupServerMessage* message) {
  take_job<NeuralStyleRequest>(message, JobKind::evaluate);
}

void Server::State::generate(SoupServerMessage* message) {
  take_job<GenerateRequest>(message, JobKind::paint);
}

void Server::State::read_prompt(SoupServerMessage* message) {
  take_job<GenerateRequest>(message, JobKind::read_prompt);
}

/// R: the kind of request that the route is for.
template <class R>
void Server::State::take_job(SoupServerMessage* message, JobKind kind) {
  if (!is(message, "POST")) return refuse_method(message);
  auto* upload = static_cast<Upload*>(g_object_get_data(G_OBJECT(message), upload_key));
  auto error = upload->finish();
  if (!error && !std::holds_alternative<R>(upload->request))
    error = Error{ErrorCode::bad_argument, format_text(_("operation must be %s."), R::operation), {}};
  if (error) return answer(message, SOUP_STATUS_BAD_REQUEST, error_line(*error, upload->repeat_in_body()));
  if (retiring || jobs_count() >= most_jobs) {
    const Error busy{ErrorCode::engine_busy, _("The engine has too many jobs waiting."),
                     _("Wait until some are done, or cancel some.")};
    return answer(message, SOUP_STATUS_SERVICE_UNAVAILABLE, error_line(busy));
  }
  add_job(message, *upload, kind);
}

// ---- jobs

void Server::State::add_job(SoupServerMessage* message, Upload& upload, JobKind kind) {
  auto job = std::make_shared<ServiceJob>();
  const pid_t pid = peer_of(message).pid;
  const std::string client = std::to_string(pid);
  const bool preview = upload.line.view.kind != View::Kind::whole;
  job->id = ++last_id;
  job->kind = kind;
  job->request = upload.request;
  job->line = upload.line;
  job->source = upload.source;
  job->result = upload.result;
  job->pictures = upload.pictures;
  job->stream = std::make_unique<EventStream>(message, [this, id = job->id] { client_left(id); });
  jobs[job->id] = job;
  if (preview)
    for (const uint64_t old : queue.previews(client))
      fail(old, {ErrorCode::cancelled, _("A newer preview took this one's place."), {}});
  queue.add(client, {job->id, preview});
  const PictureLine& source = job->line.source;
  const std::string size = source ? format_text(": %lld × %lld", static_cast<long long>(source.width),
                                                static_cast<long long>(source.height))
                                  : std::string();
  log_line(format_text("job %llu of process %s%s", static_cast<unsigned long long>(job->id), client.c_str(),
                       size.c_str()));
  tell_positions();
  next_job();
}

void Server::State::client_left(uint64_t id) {
  const auto found = jobs.find(id);
  if (found == jobs.end()) return;
  log_line(format_text("job %llu: its client left", static_cast<unsigned long long>(id)));
  found->second->stop.request_stop();
  queue.remove(id);
  jobs.erase(found);
  tell_positions();
  watch_idleness();
}

void Server::State::fail(uint64_t id, const Error& error) {
  const auto found = jobs.find(id);
  if (found == jobs.end()) return;
  const auto job = found->second;
  job->stop.request_stop();
  queue.remove(id);
  jobs.erase(found);
  job->stream->say_line(error_line(error));
  job->stream->finish();
}

void Server::State::next_job() {
  if (running || describing) return;
  const auto id = queue.take();
  if (!id) return watch_idleness();
  running = jobs.at(*id);
  tell_positions();
  worker.post([this, job = running]() mutable {
    const auto emit = [this, &job](const Event& event) { say(job, event); };
    auto facts = workshop.run(*job, emit);
    // The stream belongs to the main loop's thread: no reference to the job stays on this one.
    on_main(context, [this, job = std::move(job), facts = std::move(facts)] { job_done(job, facts); });
  });
}

/// On the worker's thread. Pictures that are never left out wait in memory for their client, and the work with them.
void Server::State::say(const std::shared_ptr<ServiceJob>& job, const Event& event) {
  const bool waits = event.picture && event.kind != Event::Kind::preview;
  on_main(context, [job, event, unread = waits ? job->unread.add() : nullptr] { job->stream->say(event, unread); });
  if (waits)
    job->unread.wait_for_reader(most_unread, patience, [this] { return others_wait.load(); }, job->stop.get_token(),
                                job->finish.get_token());
}

void Server::State::job_done(const std::shared_ptr<ServiceJob>& job, const Result<std::string>& facts) {
  running.reset();
  log_line(format_text("job %llu: %s", static_cast<unsigned long long>(job->id),
                       facts ? "done" : std::string(error_name(facts.error().code)).c_str()));
  jobs.erase(job->id);
  if (facts) {
    Event event;
    event.kind = Event::Kind::result;
    event.width = job->line.result.width;
    event.height = job->line.result.height;
    event.facts = *facts;
    const bool in_body = job->result && job->line.result.descriptor < 0;
    const std::string line = event_to_json(event);
    job->stream->say_line(in_body ? with_body(line, int64_t(job->result->bytes())) : line);
    if (in_body) job->stream->send(job->result);
  } else {
    job->stream->say_line(error_line(facts.error()));
  }
  job->stream->finish();
  next_job();
}

void Server::State::tell_positions() {
  others_wait = retiring || queue.size() > 0;
  int position = running ? 1 : 0;
  for (const uint64_t id : queue.order()) {
    ServiceJob& job = *jobs.at(id);
    if (job.told_position != position) {
      Event event;
      event.kind = Event::Kind::queued;
      event.job = job.id;
      event.position = job.told_position = position;
      job.stream->say(event);
    }
    ++position;
  }
}

// ---- the face

Server::Server(std::string socket) : state_(std::make_unique<State>(std::move(socket))) {}
Server::~Server() = default;

Status Server::listen() {
  return guarded([this] { return state_->listen(); });
}

void Server::retire(bool now) {
  state_->retire(now);
}

void Server::run() {
  g_main_loop_run(state_->loop);
  state_->leave();
}

}  // namespace pinxit
