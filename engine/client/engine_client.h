// SPDX-License-Identifier: Apache-2.0
//
// The engine as the plug-in, the dialogs and the command line see it: find it or start it, send a request, receive
// events. Nothing here needs LibTorch, GIMP or GTK.
//
//     auto client = EngineClient::connect({});                       // finds the user's engine or starts it
//     if (!client) return show(client.error());
//     auto source = SharedPicture::create(w, h).take();              // fill source.span() with R'G'B'A float
//     auto result = SharedPicture::create(w, h).take();
//     Job job{source, result, {}, [&](const Event& e) { … }, stop.get_token()};
//     auto done = client->run(request, job);                         // blocks; result.view() holds the picture
//
// Threads: a client is used by one thread at a time; `run` calls `on_event` on the thread that called it. Stopping
// (through the token, from any thread) closes the connection, which cancels the job in the engine; `run` returns
// ErrorCode::cancelled at once.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/pixels.h"
#include "engine/requests/events.h"
#include "engine/requests/json.h"

namespace pinxit {

/// Pixels in anonymous shared memory (memfd), handed to a local engine by descriptor and never written to disk.
/// Freed with the last copy of the handle on both sides, also when either side is killed.
class SharedPicture {
 public:
  SharedPicture() = default;
  static Result<SharedPicture> create(int64_t width, int64_t height);
  SrgbSpan span() const;
  SrgbView view() const;
  int descriptor() const;
  /// Unique for this picture's pixels: an engine keeps what it learnt of a picture (whole-picture statistics) under
  /// it. Call `touch` after changing the pixels.
  const std::string& identity() const;
  void touch();
  explicit operator bool() const { return bool(state_); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Which part of the finished picture is asked for.
struct View {
  enum class Kind {
    whole,  ///< all of it; the result is as large as the source
    crop,   ///< `region` of it at 1:1, with whole-picture statistics: the same pixels as in `whole`
    fitted, ///< all of it, made from a reduced source as large as the result picture: approximate
  };
  Kind kind = Kind::whole;
  Region region;
};

/// A picture that goes with a request: "style-0", "mask-0", "start", "at".
struct NamedPicture {
  std::string name;
  SharedPicture pixels;
};

struct Job {
  SharedPicture source;  ///< empty for Generate from Text, and so is `result`
  SharedPicture result;  ///< whole: source's size; crop: region's size; fitted: the preview's size
  View view;
  std::function<void(const Event&)> on_event;
  std::stop_token stop;
  std::vector<NamedPicture> pictures = {};
  int preview_side = 0;         ///< longest side of pictures in `preview` and `state` events; 0: none are wanted
  std::stop_token finish = {};  ///< asks the engine to end early with what it has: the result is the last iteration's
};

/// What a finished job tells for the recipe.
struct Outcome {
  std::string facts;  ///< JSON object text, see Event::facts
};

/// A style as the engine's catalogue lists it.
struct StyleInfo {
  std::string id, title, kind, description, licence, source, sha256;
  std::string thumbnail;  ///< absolute path of a picture file, may be empty
};

struct EngineOptions {
  bool start = true;            ///< start an engine when none runs
  double start_seconds = 30;    ///< how long to wait for one to come up
  std::string program;          ///< pinxit-engine to start; empty: PINXIT_ENGINE, beside this program, libexecdir
  std::string socket;           ///< empty: the user's own (runtime.h)
  double silence_seconds = 30;  ///< an engine that says nothing for so long (no heartbeat either) counts as lost
  std::stop_token stop;         ///< stops the waiting for an engine to come up
};

class EngineClient {
 public:
  /// Finds the user's engine or starts it, and asks its version and capabilities.
  /// Errors: engine_missing (no program, does not start), engine_old (another protocol version: the old engine is
  /// asked to retire when idle and a new one started; told only if that fails), engine_busy.
  static Result<EngineClient> connect(const EngineOptions& options);
  EngineClient(EngineClient&&) noexcept;
  EngineClient& operator=(EngineClient&&) noexcept;
  ~EngineClient();

  /// Generate from Text: the pictures come as `picture` events (event.made, event.picture: R'G'B'A float, opaque).
  Result<Outcome> run(const AnyRequest& request, const Job& job);
  /// Losses and gradient of Neural Style's objective at the picture "at", nothing is painted. `job.result` (as large as
  /// "at") gets d total / d x in R, G, B; Outcome::facts are {"total":…,"content":…,"style":[{"layer","loss","weight"}…],
  /// "tv":…}.
  Result<Outcome> evaluate(const NeuralStyleRequest& request, const Job& job);
  /// What a model would read of the prompt; nothing is painted. Outcome::facts are {"model":{"id","title","kind",
  /// "sha256"},"takes_prompt":true,"attention":true,"any_size":false,"sizes":[[64,64],[128,128]],"words":["a","red"…],
  /// "unknown_words":["ain"],"left_out":""}. An empty prompt is no error here.
  Result<Outcome> read_prompt(const GenerateRequest& request, std::stop_token stop = {});
  Result<std::vector<StyleInfo>> styles();
  /// JSON object text: version, protocol, pid, devices, threads, precision per device, jobs, models loaded.
  Result<std::string> status();
  /// Asks the engine to end: when its jobs are done, or now.
  Status retire(bool now);

 private:
  struct State;
  explicit EngineClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pinxit
