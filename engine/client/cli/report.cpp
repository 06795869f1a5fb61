// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/report.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <unistd.h>

#include <cmath>

#include "engine/base/text.h"

namespace pinxit {
namespace {

std::string duration(double seconds) {
  const int whole = int(std::ceil(seconds));
  if (whole < 60) return format_text(_("%d s left"), whole);
  return format_text(_("%d min %02d s left"), whole / 60, whole % 60);
}

std::string loss_text(const Event& event) {
  if (!event.losses) return {};
  return ", " + format_text(_("loss %.4g"), event.losses->total);
}

std::string progress_text(const Event& event, const std::string& loss) {
  const int percent = event.of > 0 ? event.step * 100 / event.of : 0;
  std::string text = format_text(_("painting, %d %%"), percent) + loss;
  if (event.seconds_left >= 0 && event.step < event.of) text += ", " + duration(event.seconds_left);
  return text;
}

}  // namespace

void print(FILE* to, const std::string& text) {
  const char* charset = nullptr;
  g_autofree char* converted = g_get_charset(&charset) ? nullptr
                                                       : g_convert_with_fallback(text.c_str(), -1, charset, "UTF-8",
                                                                                 "?", nullptr, nullptr, nullptr);
  std::fputs(converted ? converted : text.c_str(), to);
  std::fflush(to);
}

void print_error(const Error& error, const std::string& about) {
  std::string text = "pinxit: " + (about.empty() ? "" : about + ": ") + std::string(error_name(error.code)) + ": " +
                     error.sentence + "\n";
  if (!error.hint.empty()) text += "        " + error.hint + "\n";
  print(stderr, text);
}

Report::Report(bool json, size_t count) : json_(json), terminal_(!json && isatty(STDERR_FILENO)), count_(count) {}

Report::~Report() {
  clear();
}

void Report::begin(const std::string& input) {
  ++number_;
  input_ = input;
  loss_.clear();
  show(_("reading"));
}

void Report::event(const Event& event) {
  using Kind = Event::Kind;
  if (json_) line(event_to_json(event));
  switch (event.kind) {
    case Kind::queued:
      return show(event.position > 0 ? format_text(_("waiting for %d other jobs"), event.position) : _("starting"));
    case Kind::loading:
      return show(format_text(_("loading %s"), event.text.c_str()));
    case Kind::progress:
      return show(progress_text(event, loss_));
    case Kind::state:
      loss_ = loss_text(event);
      return show(format_text(_("iteration %d of %d"), event.step, event.of) + loss_);
    case Kind::note:
      if (!json_) note(event.text);
      return;
    case Kind::result:
      return show(_("writing"));
    default:
      return;
  }
}

void Report::note(const std::string& text, const std::string& about) {
  if (json_) {
    Event event;
    event.kind = Event::Kind::note;
    event.text = text;
    return line(event_to_json(event));
  }
  const std::string told = (about.empty() ? "" : about + ": ") + text;
  if (!told_.insert(told).second) return;
  clear();
  print(stderr, "pinxit: " + told + "\n");
}

void Report::written(const std::string& output) {
  written(output, {});
}

void Report::written(const std::string& output, const Event& picture) {
  if (json_) return line(picture.made ? event_to_json(picture) : "{}", output.c_str());
  clear();
  const std::string word = picture.made ? picture.made->word : "";
  if (terminal_) print(stderr, input_ + " → " + output + (word.empty() ? "" : " (" + word + ")") + "\n");
}

void Report::failed(const Error& error) {
  clear();
  if (json_) {
    Event event;
    event.kind = Event::Kind::error;
    event.error = error;
    line(event_to_json(event));
  }
  print_error(error, count_ > 1 ? input_ : "");
}

void Report::show(const std::string& text) {
  if (!terminal_) return;
  const std::string place = count_ > 1 ? format_text("%zu/%zu ", number_, count_) : "";
  g_autofree char* name = g_path_get_basename(input_.c_str());
  print(stderr, "\r\033[K" + place + name + ": " + text);
  shown_ = true;
}

void Report::clear() {
  if (shown_) print(stderr, "\r\033[K");
  shown_ = false;
}

void Report::line(const std::string& event_json, const char* output) {
  g_autoptr(JsonNode) root = json_from_string(event_json.c_str(), nullptr);
  JsonObject* object = json_node_get_object(root);
  g_autofree char* input = g_filename_display_name(input_.c_str());
  json_object_set_string_member(object, "input", input);
  if (output) {
    json_object_set_string_member(object, "event", "written");
    g_autofree char* shown = g_filename_display_name(output);
    json_object_set_string_member(object, "output", shown);
  }
  g_autofree char* text = json_to_string(root, false);
  std::puts(text);
  std::fflush(stdout);
}

}  // namespace pinxit
