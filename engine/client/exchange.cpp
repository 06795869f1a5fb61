// SPDX-License-Identifier: Apache-2.0
#include "engine/client/exchange.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/base/text.h"
#include "engine/client/wire.h"

namespace pinxit {
namespace {

/// libsoup attaches its timers to the thread's default context: give it one of its own, so that it never meets the
/// main loop of GIMP or a dialog.
class OwnContext {
 public:
  OwnContext() : context_(g_main_context_new()) {}
  ~OwnContext() { g_main_context_unref(context_); }
  template <class F>
  auto with(F&& work) {
    g_main_context_push_thread_default(context_);
    struct Pop {
      GMainContext* context;
      ~Pop() { g_main_context_pop_thread_default(context); }
    } pop{context_};
    return work();
  }

 private:
  GMainContext* context_;
};

Failure failure_of(GError* problem, bool answered) {
  if (g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_CANCELLED)) return Cancelled();
  if (g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return Failure(ErrorCode::engine_lost, _("The engine does not answer."),
                   _("It may be stuck: end the program pinxit-engine and try again."));
  if (!answered) return Failure(ErrorCode::engine_missing, _("No engine is running."), problem ? problem->message : "");
  return Failure(ErrorCode::engine_lost, _("The engine went away in the middle of the work."),
                 _("The picture is unchanged. Try again; the engine starts anew."));
}

}  // namespace

struct Exchange::State {
  explicit State(std::stop_token token)
      : cancellable(g_cancellable_new()), on_stop(std::move(token), Cancel{cancellable}) {}
  ~State() {
    context.with([this] {
      g_clear_object(&stream);
      if (session) soup_session_abort(session);
      g_clear_object(&message);
      g_clear_object(&session);
    });
  }

  size_t read_some(void* destination, size_t size) {
    g_autoptr(GError) problem = nullptr;
    const gssize got =
        context.with([&] { return g_input_stream_read(stream, destination, size, cancellable.get(), &problem); });
    if (got < 0) throw failure_of(problem, true);
    return size_t(got);
  }

  struct Unref {
    void operator()(GCancellable* cancellable) const { g_object_unref(cancellable); }
  };
  struct Holder {
    explicit Holder(GCancellable* made) : pointer(made) {}
    GCancellable* get() const { return pointer.get(); }
    std::unique_ptr<GCancellable, Unref> pointer;
  };
  struct Cancel {
    explicit Cancel(const Holder& holder) : cancellable(holder.get()) {}
    void operator()() const { g_cancellable_cancel(cancellable); }
    GCancellable* cancellable;
  };

  OwnContext context;
  Holder cancellable;
  std::stop_callback<Cancel> on_stop;
  SoupSession* session = nullptr;
  SoupMessage* message = nullptr;
  GInputStream* stream = nullptr;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  size_t begin = 0, end = 0;  ///< what of the buffer is read but not yet taken
};

Exchange::Exchange(const std::string& socket, const Request& request, double silence_seconds, std::stop_token stop)
    : state_(std::make_unique<State>(std::move(stop))) {
  State& s = *state_;
  s.context.with([&] {
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(socket.c_str());
    s.session = soup_session_new_with_options("remote-connectable", address, "proxy-resolver", nullptr, "timeout",
                                              guint(std::max(1.0, std::ceil(silence_seconds))), "user-agent",
                                              "Pinxit/" PINXIT_VERSION, nullptr);
    g_autofree char* address_text = g_strconcat("http://pinxit", request.path, nullptr);
    s.message = soup_message_new(request.method, address_text);
    if (!request.line.empty()) {
      g_autoptr(GInputStream) body = g_memory_input_stream_new();
      g_autoptr(GBytes) head =
          g_bytes_new_take(g_strconcat(request.line.c_str(), "\n", nullptr), request.line.size() + 1);
      g_memory_input_stream_add_bytes(G_MEMORY_INPUT_STREAM(body), head);
      gssize length = gssize(request.line.size() + 1);
      for (const SrgbView& picture : request.pixels) {
        g_autoptr(GBytes) pixels = g_bytes_new_static(picture.data, picture.bytes());
        g_memory_input_stream_add_bytes(G_MEMORY_INPUT_STREAM(body), pixels);
        length += gssize(picture.bytes());
      }
      soup_message_set_request_body(s.message, ndjson_type, body, length);
    }
    g_autoptr(GError) problem = nullptr;
    s.stream = soup_session_send(s.session, s.message, s.cancellable.get(), &problem);
    if (!s.stream) throw failure_of(problem, false);
  });
}

Exchange::~Exchange() = default;

std::optional<std::string> Exchange::line() {
  State& s = *state_;
  std::string text;
  for (;;) {
    const char* from = s.buffer.data() + s.begin;
    const void* feed = std::memchr(from, '\n', s.end - s.begin);
    const size_t length = feed ? size_t(static_cast<const char*>(feed) - from) : s.end - s.begin;
    text.append(from, length);
    s.begin += length + (feed ? 1 : 0);
    if (feed) return text;
    if (text.size() > largest_line)
      throw Failure(ErrorCode::protocol, _("The engine's answer cannot be understood."), {});
    s.begin = 0;
    s.end = s.read_some(s.buffer.data(), s.buffer.size());
    if (s.end == 0 && text.empty()) return {};
    if (s.end == 0) throw failure_of(nullptr, true);
  }
}

void Exchange::bytes(void* destination, size_t size) {
  State& s = *state_;
  char* to = static_cast<char*>(destination);
  while (size > 0) {
    if (s.begin == s.end) {
      s.begin = s.end = 0;
      if (to && size >= s.buffer.size()) {
        const size_t got = s.read_some(to, std::min(size, size_t(1) << 30));
        if (got == 0) throw failure_of(nullptr, true);
        to += got;
        size -= got;
        continue;
      }
      s.end = s.read_some(s.buffer.data(), s.buffer.size());
      if (s.end == 0) throw failure_of(nullptr, true);
    }
    const size_t part = std::min(size, s.end - s.begin);
    if (to) {
      std::memcpy(to, s.buffer.data() + s.begin, part);
      to += part;
    }
    s.begin += part;
    size -= part;
  }
}

}  // namespace pinxit
