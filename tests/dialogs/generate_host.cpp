// SPDX-License-Identifier: Apache-2.0
//
//     dialog_host generate [--paint engine|make|wait|crash|lost|hang] [--pace MS] [--image NAME] [--fits image|selection]
//                          [--prompt TEXT] [--model ID] [--count N] [--fit yes] [--reading MODEL]
//
// make    makes the pictures here, one each PACE ms: flowers, whose colour and petals depend on the seed
// wait    the same, but after the second nothing more comes until it is stopped, or the file PINXIT_TEST_GATE exists
// crash   engine_lost after the second;  lost: before the first
// hang    after the second ignores the stop
//
// Reading a prompt for other models than that of --reading ends only when it is stopped.
//
// Read here, words that begin with x are unknown; model "digits" takes no prompt, "plain-flowers" has no attention, and
// "none" is missing. On the way out one line of JSON: {"end":…,"pictures":[{"seed":…,"share":…,"width":…,"parts":
// ["attention red"],"request":{…},"facts":…}],"request":{…}}.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <memory>
#include <sstream>
#include <thread>

#include "dialogs/generate/generate_dialog.h"
#include "engine/base/text.h"
#include "engine/client/engine_client.h"
#include "engine/requests/json.h"
#include "tests/dialogs/hosts.h"

namespace {

using namespace pinxit;

constexpr int stall_after = 2;
constexpr int own_side = 128;

std::vector<std::string> words_of(const std::string& prompt) {
  std::istringstream text(prompt);
  return {std::istream_iterator<std::string>(text), {}};
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "\"" : ",\"") + word + "\"";
  return "[" + list + "]";
}

Result<std::string> read_here(const GenerateRequest& request) {
  if (request.model == "none")
    return Error{ErrorCode::model_missing, "No such model is installed.", "Filters ▸ Neural ▸ Models…"};
  const bool digits = request.model == "digits";
  std::vector<std::string> known, unknown;
  for (const std::string& word : words_of(digits ? "" : request.prompt))
    (word.starts_with('x') ? unknown : known).push_back(word);
  return format_text(
      "{\"model\":{\"id\":\"made\",\"title\":\"Made here\"},\"device\":\"cpu\",\"takes_prompt\":%s,\"attention\":%s,"
      "\"any_size\":false,\"sizes\":[[64,64],[128,128]],\"words\":%s,\"unknown_words\":%s,\"left_out\":\"\"}",
      digits ? "false" : "true", digits || request.model == "plain-flowers" ? "false" : "true",
      list_of(known).c_str(), list_of(unknown).c_str());
}

/// A flower before a sky, both of the seed; `bend` goes on to another.
std::shared_ptr<SrgbPicture> flower(int64_t seed, double bend, int64_t side) {
  auto picture = std::make_shared<SrgbPicture>(side, side);
  const double hue = double(seed % 11) / 11 + 0.4 * bend, petals = double(4 + seed % 4);
  for (int64_t y = 0; y < side; y++)
    for (int64_t x = 0; x < side; x++) {
      const double u = 2 * double(x) / double(side) - 1, v = 2 * double(y) / double(side) - 1;
      const double radius = std::hypot(u, v), edge = 0.5 + 0.25 * std::cos(petals * std::atan2(v, u) + double(seed));
      float* pixel = picture->span().row(y) + 4 * x;
      for (int c = 0; c < 3; c++) {
        const double petal = 0.5 + 0.5 * std::cos(6.28 * (hue + c / 3.0));
        const double sky = 0.25 + 0.2 * c + 0.1 * v;
        pixel[c] = float(radius < 0.14 ? 0.9 - 0.3 * c : radius < edge ? petal * (1 - 0.4 * radius) : sky);
      }
      pixel[3] = 1;
    }
  return picture;
}

class Maker {
 public:
  Maker(std::string manner, int pace) : manner_(std::move(manner)), pace_(pace) {}

  Result<std::string> paint(const GenerateRequest& request, const Emit& tell, const std::stop_token& stop) const {
    auto facts = read_here(request);
    if (!facts) return facts.error();
    const auto words = words_of(request.prompt);
    if (manner_ == "lost") return lost();
    for (int i = 0; i < request.count; i++) {
      if (i == stall_after && manner_ == "crash") return lost();
      if (i == stall_after && (manner_ == "wait" || manner_ == "hang")) wait(stop);
      std::this_thread::sleep_for(std::chrono::milliseconds(pace_));
      if (stop.stop_requested()) return Cancelled().error;
      Made made;
      made.index = i;
      made.of = request.count;
      made.seed = request.vary == "no" ? request.seed + i : request.seed;
      made.share = request.vary == "no" || request.count < 2 ? 0 : double(i) / (request.count - 1);
      const int64_t side = request.size > 0 ? request.size : own_side;
      say(tell, made, "picture", "", flower(made.seed, made.share, side));
      if (request.all_sizes) say(tell, made, "smaller", "", flower(made.seed, made.share, own_side / 2));
      for (size_t k = 0; request.maps && k < words.size(); k++)
        say(tell, made, "attention", words[k], flower(int64_t(k), 0, own_side / 2));
      if (request.strip) say(tell, made, "strip", request.prompt, flower(made.seed, 0.5, own_side));
      say(tell, made, "hologram", "", flower(0, 0, 4));  // of a newer engine
      Event progress;
      progress.kind = Event::Kind::progress;
      progress.step = i + 1;
      progress.of = request.count;
      progress.seconds_left = 0.001 * pace_ * (request.count - i - 1);
      tell(progress);
    }
    return facts;
  }

 private:
  static Error lost() {
    return {ErrorCode::engine_lost, "The engine went away while it was painting.", "Try once more."};
  }
  static void say(const Emit& tell, Made made, const char* role, const std::string& word,
                  std::shared_ptr<SrgbPicture> picture) {
    Event event;
    event.kind = Event::Kind::picture;
    made.role = role;
    made.word = word;
    event.made = made;
    event.picture = std::move(picture);
    tell(event);
  }
  void wait(const std::stop_token& stop) const {
    const char* gate = g_getenv("PINXIT_TEST_GATE");
    while (manner_ == "hang" ||
           !(stop.stop_requested() || (gate && g_file_test(gate, G_FILE_TEST_EXISTS))))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::string manner_;
  int pace_;
};

Result<std::string> paint_with_engine(const GenerateRequest& request, const Emit& on_event,
                                      const std::stop_token& stop) {
  auto client = EngineClient::connect({});
  if (!client) return client.error();
  Job job;
  job.on_event = on_event;
  job.stop = stop;
  auto outcome = client->run(AnyRequest(request), job);
  if (!outcome) return outcome.error();
  return outcome->facts;
}

Result<std::string> read_with_engine(const GenerateRequest& request, const std::stop_token& stop) {
  auto client = EngineClient::connect({});
  if (!client) return client.error();
  auto outcome = client->read_prompt(request, stop);
  if (!outcome) return outcome.error();
  return outcome->facts;
}

void print(const GenerateResult& result, const GenerateRequest& request) {
  std::string pictures;
  for (const GeneratedPicture& one : result.pictures) {
    std::vector<std::string> parts;
    for (const GeneratedPart& part : one.parts)
      parts.push_back(part.made.role + (part.made.word.empty() ? "" : " " + part.made.word));
    pictures += format_text(
        "%s{\"seed\":%lld,\"share\":%.2f,\"width\":%lld,\"parts\":%s,\"request\":%s,\"facts\":%s}",
        pictures.empty() ? "" : ",", (long long)one.made.seed, one.made.share, (long long)one.picture->width,
        list_of(parts).c_str(), to_json(one.request).c_str(), one.facts.empty() ? "null" : one.facts.c_str());
  }
  std::printf("{\"end\":\"%s\",\"pictures\":[%s],\"request\":%s}\n",
              result.end == DialogEnd::painted ? "painted" : "closed", pictures.c_str(), to_json(request).c_str());
}

}  // namespace

int generate_host(int argc, char** argv) {
  const std::string paint = option(argc, argv, "--paint").value_or("engine");
  const int pace = std::atoi(option(argc, argv, "--pace").value_or("20").c_str());
  GenerateRequest request;
  request.prompt = option(argc, argv, "--prompt").value_or("");
  request.model = option(argc, argv, "--model").value_or("auto");
  request.count = std::atoi(option(argc, argv, "--count").value_or("5").c_str());
  request.fit = option(argc, argv, "--fit").has_value();

  GenerateDialogHost host;
  host.image_name = option(argc, argv, "--image").value_or("");
  if (const auto fits = option(argc, argv, "--fits")) {
    host.fits = *fits == "selection" ? GenerateDialogHost::Fits::selection : GenerateDialogHost::Fits::image;
    host.fit_width = 640;
    host.fit_height = 480;
  }
  host.paint = [paint, maker = Maker(paint, pace)](const GenerateRequest& chosen, Emit on_event, std::stop_token stop) {
    return paint == "engine" ? paint_with_engine(chosen, on_event, stop) : maker.paint(chosen, on_event, stop);
  };
  const auto reading = option(argc, argv, "--reading");
  host.read_prompt = [paint, reading](const GenerateRequest& chosen, std::stop_token stop) -> Result<std::string> {
    while (reading && *reading != chosen.model) {
      if (stop.stop_requested()) return Cancelled().error;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return paint == "engine" ? read_with_engine(chosen, stop) : read_here(chosen);
  };
  const auto result = run_generate_dialog(host, request);
  if (!result) {
    std::printf("{\"end\":\"error\",\"sentence\":\"%s\"}\n", result.error().sentence.c_str());
    return 1;
  }
  print(*result, request);
  return 0;
}
