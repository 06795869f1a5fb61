// SPDX-License-Identifier: Apache-2.0
//
// One request for a file or a part of it, over libsoup: blocking, with the system's proxy, stoppable, with redirects
// that never leave encryption. What to do after a failure is the caller's business (download.h).
//
//     HttpClient http(stall_seconds, cancellable);        // one per thread
//     http.get({address, from, -1, validator}, on_reply, on_bytes);
#pragma once

#include <gio/gio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace pinxit {

struct HttpRange {
  std::string address;
  int64_t from = 0;       ///< 0 with `to` -1: everything
  int64_t to = -1;        ///< last byte, inclusive; -1: to the end
  std::string if_range;   ///< validator of what is there already; the server sends everything if it is another file
};

struct HttpReply {
  int status = 0;
  int64_t from = 0;          ///< of 206
  int64_t total = -1;        ///< of the whole file; -1: not told
  int64_t length = -1;       ///< of this body; -1: not told
  std::string validator;     ///< strong ETag, else Last-Modified, else empty
  std::string stated_sha256; ///< the hub tells it of its large files (X-Linked-ETag)
  double retry_after = -1;   ///< seconds; -1: not told
};

/// What went wrong with a request.
struct TransferProblem {
  enum class Kind {
    again,      ///< the line or a busy server: worth another try
    elsewhere,  ///< this address will not give the file
  };
  Kind kind = Kind::again;
  std::string text;         ///< translated, a clause: "the server answers 404 (Not Found)"
  double retry_after = -1;  ///< seconds
};

/// The address that `place`, a Location header, means for a request to `address`. Throws TransferProblem where it leads
/// out of encryption or to nowhere.
std::string redirect_target(const std::string& address, const char* place);

class HttpClient {
 public:
  HttpClient(int stall_seconds, GCancellable* cancellable);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `on_reply` is called for 200, 206 and 416 and says whether the body is wanted. Throws TransferProblem for all
  /// others and for everything that goes wrong on the line, Cancelled, and what the callbacks throw.
  void get(const HttpRange& range, const std::function<bool(const HttpReply&)>& on_reply,
           const std::function<void(std::span<const std::byte>)>& on_bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pinxit
