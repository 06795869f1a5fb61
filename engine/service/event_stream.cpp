// SPDX-License-Identifier: Apache-2.0
#include "engine/service/event_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/client/wire.h"

namespace pinxit {
namespace {

constexpr gint64 heartbeat_microseconds = 2 * G_USEC_PER_SEC;
constexpr gint64 preview_microseconds = G_USEC_PER_SEC / 5;  ///< no more often than this
constexpr int most_previews = 1;                             ///< that may wait for a slow client
constexpr gsize piece_bytes = 4 << 20;  ///< of a picture in the body, written one HTTP chunk each

void end_source(GSource*& source) {
  if (!source) return;
  g_source_destroy(source);
  g_source_unref(source);
  source = nullptr;
}

}  // namespace

EventStream::EventStream(SoupServerMessage* message, std::function<void()> on_closed)
    : message_(SOUP_SERVER_MESSAGE(g_object_ref(message))), on_closed_(std::move(on_closed)) {
  soup_server_message_set_status(message_, SOUP_STATUS_OK, nullptr);
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message_);
  soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_set_content_type(headers, ndjson_type, nullptr);
  soup_message_body_set_accumulate(soup_server_message_get_response_body(message_), FALSE);
  finished_handler_ = g_signal_connect_swapped(message_, "finished", G_CALLBACK(+[](EventStream* stream) {
                                                 stream->over_ = true;
                                                 stream->closed();
                                               }),
                                               this);
  start_heartbeat();
  watch_socket();
}

EventStream::~EventStream() {
  end_source(watch_);
  end_source(heartbeat_);
  g_signal_handler_disconnect(message_, finished_handler_);
  g_object_unref(message_);
}

void EventStream::start_heartbeat() {
  heartbeat_ = g_timeout_source_new(heartbeat_microseconds / 1000);
  g_source_set_callback(
      heartbeat_,
      [](gpointer stream) -> gboolean {
        Event event;
        event.kind = Event::Kind::heartbeat;
        static_cast<EventStream*>(stream)->say(event);
        return G_SOURCE_CONTINUE;
      },
      this, nullptr);
  g_source_attach(heartbeat_, g_main_context_get_thread_default());
}

void EventStream::watch_socket() {
  GSocket* socket = soup_server_message_get_socket(message_);
  if (!socket) return;
  watch_ = g_socket_create_source(socket, GIOCondition(G_IO_IN | G_IO_HUP | G_IO_ERR), nullptr);
  const auto noticed = +[](GSocket*, GIOCondition, gpointer data) -> gboolean {
    auto* stream = static_cast<EventStream*>(data);
    if (stream->peer_left()) stream->closed();
    return G_SOURCE_REMOVE;  // bytes behind the request: from now on the heartbeat notices a lost client
  };
  g_source_set_callback(watch_, G_SOURCE_FUNC(noticed), this, nullptr);
  g_source_attach(watch_, g_main_context_get_thread_default());
}

bool EventStream::peer_left() {
  GSocket* socket = soup_server_message_get_socket(message_);
  char byte = 0;
  const ssize_t got = socket ? recv(g_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) : 0;
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void EventStream::closed() {
  if (!open_) return;
  finish();
  if (on_closed_) std::exchange(on_closed_, nullptr)();
}

void EventStream::append(GBytes* bytes) {
  soup_message_body_append_bytes(soup_server_message_get_response_body(message_), bytes);
  soup_server_message_unpause(message_);
}

void EventStream::say(const Event& event, Backlog::Place unread) {
  const bool preview = event.kind == Event::Kind::preview;
  if (preview && !in_time()) return;
  const std::string line = event_to_json(event);
  if (!event.picture) return say_line(line);
  const size_t size = event.picture->view().bytes();
  say_line(with_body(line, int64_t(size)));
  if (preview) unread = previews_.add();
  send_all(event.picture->data.data(), size, std::pair(event.picture, std::move(unread)));
}

bool EventStream::in_time() {
  const gint64 now = g_get_monotonic_time();
  if (now - last_preview_ < preview_microseconds || previews_.size() > most_previews) return false;
  last_preview_ = now;
  return true;
}

void EventStream::say_line(const std::string& line) {
  if (!open_) return;
  g_source_set_ready_time(heartbeat_, g_get_monotonic_time() + heartbeat_microseconds);
  g_autoptr(GBytes) bytes = g_bytes_new_take(g_strconcat(line.c_str(), "\n", nullptr), line.size() + 1);
  append(bytes);
}

void EventStream::send(std::shared_ptr<PictureMemory> picture) {
  const void* data = picture->span().data;
  const size_t size = picture->bytes();
  send_all(data, size, std::move(picture));
}

/// `holder` keeps the bytes alive until they are written.
template <class Holder>
void EventStream::send_all(const void* data, size_t size, Holder holder) {
  if (!open_) return;
  g_autoptr(GBytes) all = g_bytes_new_with_free_func(
      data, size, [](gpointer held) { delete static_cast<Holder*>(held); }, new Holder(std::move(holder)));
  for (gsize at = 0; at < size; at += piece_bytes) {
    g_autoptr(GBytes) piece = g_bytes_new_from_bytes(all, at, std::min(piece_bytes, size - at));
    append(piece);
  }
}

void EventStream::finish() {
  if (!open_) return;
  open_ = false;
  end_source(watch_);
  end_source(heartbeat_);
  if (over_) return;
  soup_message_body_complete(soup_server_message_get_response_body(message_));
  soup_server_message_unpause(message_);
}

}  // namespace pinxit
