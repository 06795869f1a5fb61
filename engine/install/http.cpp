// SPDX-License-Identifier: Apache-2.0
#include "engine/install/http.h"

#include <libsoup/soup.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

using Kind = TransferProblem::Kind;

constexpr auto uri_flags = GUriFlags(SOUP_HTTP_URI_FLAGS);
constexpr int most_redirects = 10;
constexpr size_t block_size = 256 << 10;

/// The desktop's proxy; where GLib has no module that knows it, what the environment says.
void use_system_proxy(SoupSession* session) {
  GProxyResolver* system = g_proxy_resolver_get_default();
  if (std::strcmp(G_OBJECT_TYPE_NAME(system), "GDummyProxyResolver") != 0) return;
  const auto variable = [](const char* lower, const char* upper) {
    const char* value = std::getenv(lower);
    return value && *value ? value : std::getenv(upper);
  };
  const char* http = variable("http_proxy", "http_proxy");  // CGI sets HTTP_PROXY from a request's header
  const char* https = variable("https_proxy", "HTTPS_PROXY");
  const char* all = variable("all_proxy", "ALL_PROXY");
  if (!http && !https && !all) return;
  const char* none = variable("no_proxy", "NO_PROXY");
  g_auto(GStrv) hosts = g_strsplit(none ? none : "", ",", -1);
  for (char** host = hosts; *host; ++host) g_strstrip(*host);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new(all, hosts);
  auto* simple = G_SIMPLE_PROXY_RESOLVER(resolver);
  if (http && *http) g_simple_proxy_resolver_set_uri_proxy(simple, "http", http);
  if (https && *https) g_simple_proxy_resolver_set_uri_proxy(simple, "https", https);
  soup_session_set_proxy_resolver(session, resolver);
}

/// "Mon, 1 Jan …" or seconds.
double retry_after_of(SoupMessageHeaders* headers) {
  const char* text = soup_message_headers_get_one(headers, "Retry-After");
  if (!text) return -1;
  char* end = nullptr;
  const double seconds = g_ascii_strtod(text, &end);
  if (end != text && *end == 0 && seconds >= 0) return seconds;
  g_autoptr(GDateTime) date = soup_date_time_new_from_http_string(text);
  if (!date) return -1;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  return std::max(0.0, double(g_date_time_difference(date, now)) / G_TIME_SPAN_SECOND);
}

std::string validator_of(SoupMessageHeaders* headers) {
  const char* tag = soup_message_headers_get_one(headers, "ETag");
  if (tag && *tag == '"') return tag;  // a weak one must not be used for parts
  const char* date = soup_message_headers_get_one(headers, "Last-Modified");
  return date ? date : "";
}

std::string stated_sha256_of(SoupMessageHeaders* headers) {
  const char* tag = soup_message_headers_get_one(headers, "X-Linked-ETag");
  if (!tag) return {};
  std::string sum = tag;
  std::erase(sum, '"');
  const bool hex = sum.size() == 64 && sum.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hex ? sum : std::string();
}

HttpReply reply_of(SoupMessage* message) {
  SoupMessageHeaders* headers = soup_message_get_response_headers(message);
  HttpReply reply;
  reply.status = int(soup_message_get_status(message));
  if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH)
    reply.length = soup_message_headers_get_content_length(headers);
  goffset from = 0, to = 0, total = -1;
  if (reply.status == 200) reply.total = reply.length;
  if (reply.status == 206 && soup_message_headers_get_content_range(headers, &from, &to, &total)) {
    reply.from = from;
    reply.total = total;
  } else if (reply.status == 206) {
    reply.from = -1;
  }
  if (reply.status == 416) {  // "bytes */TOTAL"
    const char* range = soup_message_headers_get_one(headers, "Content-Range");
    const char* slash = range ? std::strchr(range, '/') : nullptr;
    if (slash && g_ascii_isdigit(slash[1])) reply.total = g_ascii_strtoll(slash + 1, nullptr, 10);
  }
  reply.validator = validator_of(headers);
  reply.retry_after = retry_after_of(headers);
  return reply;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

TransferProblem problem_of(const GError* error) {
  if (error->domain == G_TLS_ERROR && error->code == G_TLS_ERROR_BAD_CERTIFICATE)
    return {Kind::elsewhere, _("the server's certificate is not to be trusted")};
  if (error->domain == G_IO_ERROR && error->code == G_IO_ERROR_TIMED_OUT)
    return {Kind::again, _("nothing comes any more")};
  if (error->domain == G_RESOLVER_ERROR && error->code == G_RESOLVER_ERROR_NOT_FOUND)
    return {Kind::again, _("the server is not found; is this computer online?")};
  return {Kind::again, error->message};
}

}  // namespace

std::string redirect_target(const std::string& address, const char* place) {
  g_autoptr(GUri) from = g_uri_parse(address.c_str(), uri_flags, nullptr);
  g_autoptr(GUri) to = from && place ? g_uri_parse_relative(from, place, uri_flags, nullptr) : nullptr;
  const char* scheme = to ? g_uri_get_scheme(to) : "";
  const bool encrypted = !std::strcmp(scheme, "https"), plain = !std::strcmp(scheme, "http");
  if (!encrypted && !plain) throw TransferProblem{Kind::elsewhere, _("the server redirects to nowhere")};
  if (plain && !std::strcmp(g_uri_get_scheme(from), "https"))
    throw TransferProblem{Kind::elsewhere, _("the server redirects to an address that is not encrypted")};
  g_autofree char* text = g_uri_to_string(to);
  return text;
}

struct HttpClient::State {
  SoupSession* session = nullptr;
  GMainContext* context = nullptr;  ///< libsoup's own sources, so that no loop of the caller's runs them
  GCancellable* cancellable = nullptr;
};

HttpClient::HttpClient(int stall_seconds, GCancellable* cancellable) : state_(std::make_unique<State>()) {
  state_->context = g_main_context_new();
  g_main_context_push_thread_default(state_->context);
  state_->cancellable = G_CANCELLABLE(g_object_ref(cancellable));
  state_->session = soup_session_new_with_options("timeout", guint(stall_seconds), "user-agent",
                                                  "Pinxit/" PINXIT_VERSION " ", "max-conns-per-host", 1, nullptr);
  soup_session_remove_feature_by_type(state_->session, SOUP_TYPE_CONTENT_DECODER);  // bytes as they lie on the server
  use_system_proxy(state_->session);
}

HttpClient::~HttpClient() {
  soup_session_abort(state_->session);
  g_object_unref(state_->session);
  g_object_unref(state_->cancellable);
  g_main_context_pop_thread_default(state_->context);
  g_main_context_unref(state_->context);
}

namespace {

SoupMessage* message_for(GUri* uri, const HttpRange& range) {
  SoupMessage* message = soup_message_new_from_uri("GET", uri);
  soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
  SoupMessageHeaders* headers = soup_message_get_request_headers(message);
  soup_message_headers_replace(headers, "Accept-Encoding", "identity");
  if (range.from > 0 || range.to >= 0) {
    soup_message_headers_set_range(headers, range.from, range.to);
    if (!range.if_range.empty()) soup_message_headers_replace(headers, "If-Range", range.if_range.c_str());
  }
  return message;
}

/// 200, 206 and 416 only.
void check_status(const HttpReply& reply, SoupMessage* message) {
  if (reply.status == 200 || reply.status == 206 || reply.status == 416) return;
  const char* words = soup_message_get_reason_phrase(message);
  std::string text = format_text(_("the server answers %d (%s)"), reply.status, words ? words : "");
  const bool busy = reply.status == 408 || reply.status == 425 || reply.status == 429 || reply.status >= 500;
  throw TransferProblem{busy ? Kind::again : Kind::elsewhere, std::move(text), reply.retry_after};
}

}  // namespace

void HttpClient::get(const HttpRange& range, const std::function<bool(const HttpReply&)>& on_reply,
                     const std::function<void(std::span<const std::byte>)>& on_bytes) {
  const auto check = [&](const GError* error) {
    if (g_cancellable_is_cancelled(state_->cancellable)) throw Cancelled();
    if (error) throw problem_of(error);
  };
  g_autoptr(GError) problem = nullptr;
  std::string stated_sha256, address = range.address;
  for (int redirects = 0;; ++redirects) {
    g_autoptr(GUri) uri = g_uri_parse(address.c_str(), uri_flags, nullptr);
    if (!uri) throw TransferProblem{Kind::elsewhere, _("the address is not one")};
    if (!std::strcmp(g_uri_get_scheme(uri), "https") && !g_tls_backend_supports_tls(g_tls_backend_get_default()))
      throw TransferProblem{Kind::elsewhere,
                            _("this computer lacks glib-networking, which encrypted connections need")};
    g_autoptr(SoupMessage) message = message_for(uri, range);
    g_autoptr(GInputStream) body = soup_session_send(state_->session, message, state_->cancellable, &problem);
    check(problem);
    HttpReply reply = reply_of(message);
    if (stated_sha256.empty()) stated_sha256 = stated_sha256_of(soup_message_get_response_headers(message));
    reply.stated_sha256 = stated_sha256;
    if (is_redirect(reply.status)) {
      if (redirects == most_redirects) throw TransferProblem{Kind::elsewhere, _("the server redirects in a circle")};
      const char* place = soup_message_headers_get_one(soup_message_get_response_headers(message), "Location");
      address = redirect_target(address, place);
      continue;
    }
    check_status(reply, message);
    if (!on_reply(reply)) return;
    std::vector<std::byte> block(block_size);
    for (;;) {
      const gssize got = g_input_stream_read(body, block.data(), block.size(), state_->cancellable, &problem);
      check(problem);
      if (got == 0) return;
      on_bytes({block.data(), size_t(got)});
    }
  }
}

}  // namespace pinxit
