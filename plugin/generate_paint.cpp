// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate_paint.h"

#include <utility>

#include "engine/base/text.h"
#include "engine/text/captions.h"
#include "plugin/several_runs.h"

namespace pinxit {
namespace {

/// Each is a layer, and all are in memory before the first one is made.
constexpr size_t most_pictures_of_captions = 1000;
constexpr double most_bytes_of_captions = 4e9;
constexpr int usual_side = 256;  // of models that are not told a size, at most

/// Takes the pictures of one request out of its events, and tells the rest.
class Gatherer {
 public:
  Gatherer(const GenerateRequest& request, size_t number, size_t count, const Emit& on_event)
      : request_(request), number_(number), count_(count), on_event_(on_event) {}

  void operator()(const Event& event) {
    if (event.kind == Event::Kind::result) return;
    if (event.kind == Event::Kind::picture && event.made && event.picture) add(event);
    if (on_event_) on_event_(of_the_whole(event, number_, count_));
  }

  std::vector<GeneratedPicture> take(const std::string& facts) {
    for (GeneratedPicture& picture : pictures_) picture.facts = facts;
    return std::move(pictures_);
  }

 private:
  void add(const Event& event) {
    const std::string& role = event.made->role;
    if (role == "picture")
      pictures_.push_back({*event.made, event.picture, {}, request_, {}});
    else if (!pictures_.empty() && (role == "smaller" || role == "attention" || role == "strip"))
      pictures_.back().parts.push_back({*event.made, event.picture});
  }

  const GenerateRequest& request_;
  size_t number_, count_;
  const Emit& on_event_;
  std::vector<GeneratedPicture> pictures_;
};

std::string run(EngineClient& client, const GenerateRequest& request, const Emit& on_event, std::stop_token stop) {
  Job job;
  job.on_event = on_event;
  job.stop = std::move(stop);
  return client.run(request, job).take().facts;
}

std::vector<GeneratedPicture> gathered(EngineClient& client, const std::vector<GenerateOrder>& orders, size_t number,
                                       const Emit& on_event, std::stop_token stop) {
  const GenerateRequest& request = orders[number].request;
  Gatherer gatherer(request, number, orders.size(), on_event);
  const std::string facts = run(client, request, std::ref(gatherer), std::move(stop));
  auto pictures = gatherer.take(facts);
  if (pictures.empty())
    throw Failure(ErrorCode::protocol, _("The engine ended the work without a picture."), _("Try again."));
  return pictures;
}

[[noreturn]] void fail_at(const GenerateOrder& order, const Error& error) {
  if (order.line == 0 || error.code == ErrorCode::cancelled) throw Failure(error);
  throw Failure(error.code, format_text(_("Line %d of the captions: %s"), order.line, error.sentence.c_str()),
                error.hint);
}

}  // namespace

std::vector<GenerateOrder> generate_orders(const GenerateRequest& request) {
  if (request.captions.empty()) return {{request}};
  const std::vector<Caption> captions = read_captions(request.captions).take();
  if (captions.size() * size_t(request.count) > most_pictures_of_captions)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("%d captions with %d pictures each are too many for one image."), int(captions.size()),
                              request.count),
                  _("Take a shorter file, or the command line: pinxit generate --captions."));
  const double side = request.size > 0 ? request.size : usual_side;
  if (double(captions.size()) * request.count * side * side * 4 * sizeof(float) > most_bytes_of_captions)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("%d captions with %d pictures of %d pixels each are too much for one image."),
                              int(captions.size()), request.count, int(side)),
                  _("Take a shorter file, or the command line: pinxit generate --captions."));
  std::vector<GenerateOrder> orders;
  for (const Caption& caption : captions) {
    GenerateOrder order{request, caption.line};
    order.request.prompt = caption.text;
    order.request.captions.clear();
    orders.push_back(std::move(order));
  }
  return orders;
}

Result<std::vector<PictureGroup>> paint_generated(const std::vector<GenerateOrder>& orders, const Emit& on_event,
                                                  std::stop_token stop) {
  return guarded([&] {
    EngineClient client = EngineClient::connect({.stop = stop}).take();
    std::vector<PictureGroup> groups;
    for (size_t i = 0; i < orders.size(); ++i) {
      auto pictures = guarded([&] { return gathered(client, orders, i, on_event, stop); });
      if (!pictures) fail_at(orders[i], pictures.error());
      groups.push_back({pictures.take(), orders[i].line > 0});
    }
    if (stop.stop_requested()) throw Cancelled();
    return groups;
  });
}

Result<std::string> paint_request(const GenerateRequest& request, const Emit& on_event, std::stop_token stop) {
  return guarded([&] {
    EngineClient client = EngineClient::connect({.stop = stop}).take();
    return run(client, request, on_event, stop);
  });
}

Result<std::string> read_request(const GenerateRequest& request, std::stop_token stop) {
  return guarded([&] {
    EngineClient client = EngineClient::connect({.stop = stop}).take();
    return client.read_prompt(request, stop).take().facts;
  });
}

std::vector<PictureGroup> groups_of(std::vector<GeneratedPicture> pictures) {
  const auto together = [](const GenerateRequest& a, const GenerateRequest& b) {
    return a.prompt == b.prompt && a.vary_prompt == b.vary_prompt && a.model == b.model &&
           a.keep_prompt == b.keep_prompt;
  };
  std::vector<PictureGroup> groups;
  for (GeneratedPicture& picture : pictures) {
    if (groups.empty() || !together(groups.back().pictures.front().request, picture.request)) groups.emplace_back();
    groups.back().pictures.push_back(std::move(picture));
  }
  return groups;
}

}  // namespace pinxit
