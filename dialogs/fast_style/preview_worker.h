// SPDX-License-Identifier: Apache-2.0
//
// Computes previews on a thread of its own, over one connection to the engine; the newest wish wins.
//
//     PreviewWorker worker(source, {on_frame, on_event, on_error, on_engine});   // callbacks run on the main thread
//     worker.ask({request, {View::Kind::crop, region}, {w, h}}, 150);            // after 150 ms without another wish
//     worker.ask(…);                                                             // stops the one before
//     worker.rest();                                                             // stops; nothing more is reported
//
// A wish that was replaced reports nothing. An engine that goes away during a preview is started again once before
// the painter is told. Destroying the worker stops it; a thread that hangs in a dead engine is left behind with
// nothing but its own handles.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dialogs/shared/main_loop.h"
#include "dialogs/shared/preview_geometry.h"
#include "engine/client/engine_client.h"

namespace pinxit {

struct PreviewWish {
  FastStyleRequest request;
  View view;  ///< crop or fitted
  Size size;  ///< of the preview picture: the region's, or the reduced picture's
};

struct PreviewFrame {
  PreviewWish wish;
  SharedPicture picture;
  std::string facts;  ///< Outcome::facts
};

class PreviewWorker {
 public:
  struct Reports {
    std::function<void(PreviewFrame)> on_frame;
    std::function<void(Event)> on_event;
    std::function<void(Error)> on_error;
    std::function<void(std::string status)> on_engine;  ///< EngineClient::status, after each connection
  };

  PreviewWorker(SharedPicture source, Reports reports);
  ~PreviewWorker();
  void ask(PreviewWish wish, int delay_ms);
  void rest();

 private:
  struct Shared;
  void replace(std::function<void()> change);

  Mailbox mailbox_;
  Reports reports_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace pinxit
