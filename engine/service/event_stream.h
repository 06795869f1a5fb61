// SPDX-License-Identifier: Apache-2.0
//
// The open response of one job: events go out line by line as they happen, a heartbeat whenever nothing else was said
// for two seconds, and the socket is watched so that a client that goes away is noticed at once.
//
// Lives on the main loop's thread.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>

#include "engine/requests/events.h"
#include "engine/service/backlog.h"
#include "engine/service/picture_memory.h"

namespace pinxit {

class EventStream {
 public:
  /// `on_closed` is called at most once, when the client went away before `finish`.
  EventStream(SoupServerMessage* message, std::function<void()> on_closed);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// With its picture, if it has one, as the line's body. A `preview` is left out when it comes too soon after the one
  /// before, or when the client has not read those before; nothing else is. `unread` is kept until the picture is
  /// written.
  void say(const Event& event, Backlog::Place unread = {});
  void say_line(const std::string& line);
  /// Raw bytes of a picture that is not shared; kept alive until they are written.
  void send(std::shared_ptr<PictureMemory> picture);
  /// Nothing more follows.
  void finish();

 private:
  void closed();
  bool peer_left();
  void append(GBytes* bytes);
  bool in_time();
  template <class Holder>
  void send_all(const void* data, size_t size, Holder holder);
  void start_heartbeat();
  void watch_socket();

  SoupServerMessage* message_;
  std::function<void()> on_closed_;
  gulong finished_handler_ = 0;
  GSource* watch_ = nullptr;
  GSource* heartbeat_ = nullptr;
  Backlog previews_;         ///< those that are not written yet
  gint64 last_preview_ = 0;  ///< monotonic time
  bool open_ = true;   ///< more may be said
  bool over_ = false;  ///< libsoup is done with the message, and must not be asked to go on with it
};

}  // namespace pinxit
