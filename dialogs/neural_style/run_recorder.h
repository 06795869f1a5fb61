// SPDX-License-Identifier: Apache-2.0
//
// Writes a run into the gallery while it goes on, on a thread of its own: the window never waits for the disk.
//
//     RunRecorder recorder([this](const Error& error) { messages_.show(error); });   // main thread
//     auto begun = recorder.begin("Evening", request);     // main thread; refuses a name that is taken
//     recorder.record(event);                              // each state
//     recorder.complete(painting);                         // or stop(painting), fail(sentence)
//
// A gallery that cannot be used is told once a run, by `on_error`, and no more states are written of it. Destroying the
// recorder waits until everything is on disk. Main thread only.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "dialogs/neural_style/neural_style_dialog.h"
#include "dialogs/shared/main_loop.h"

namespace pinxit {

class RunRecorder {
 public:
  explicit RunRecorder(std::function<void(const Error&)> on_error);
  ~RunRecorder();
  RunRecorder(const RunRecorder&) = delete;

  /// A name that is free now: `wanted`, or with a number. Where there is no gallery, `wanted`.
  std::string free_name(const std::string& wanted);
  /// A new entry, in progress. Errors: bad_argument for a name that is taken; others are told by `on_error` only.
  Status begin(const std::string& name, const NeuralStyleRequest& request);
  int64_t id() const { return id_; }  ///< 0 where nothing is recorded

  void record(const Event& state);
  void complete(const NeuralStylePainting& painting);
  void stop(const NeuralStylePainting& painting);
  void fail(const std::string& sentence);
  /// The picture of an iteration in full size, once it is on disk (waits for that).
  Result<SrgbPicture> full_picture(int iteration);

 private:
  struct Shelf;  ///< the gallery and who may use it
  struct Letter {
    std::function<Status(Shelf&)> write;
    bool last;  ///< of its run: tried even where something before it could not be written
  };
  bool open();
  void tell(const Error& error);
  void write(std::function<Status(Shelf&)> letter, bool last = false);
  void work();
  void wait_until_written();

  std::function<void(const Error&)> on_error_;
  std::unique_ptr<Shelf> shelf_;
  int64_t id_ = 0;
  Mailbox mailbox_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Letter> letters_;  ///< the front one is being written
  bool closing_ = false;
  bool broken_ = false;         ///< no more states are written of this run
  std::thread thread_;
};

}  // namespace pinxit
