// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text at the engine, without anything of GIMP's.
//
//     std::vector<GenerateOrder> orders = generate_orders(request);            // one for each line of its captions
//     Result<std::vector<PictureGroup>> groups = paint_generated(orders, tell, stop);   // any thread
//
// Prompts go to the engine and into the pictures' requests, and nowhere else.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "dialogs/generate/generate_dialog.h"
#include "engine/client/engine_client.h"

namespace pinxit {

/// Pictures of one prompt, in the order they came.
struct PictureGroup {
  std::vector<GeneratedPicture> pictures;  ///< never empty
  bool caption = false;                    ///< of a line of a captions file
};

/// What the engine is asked for.
struct GenerateOrder {
  GenerateRequest request;  ///< without captions
  int line = 0;             ///< of the captions file, from 1; 0: of none
};

/// The request itself, or one order for each line of its captions file. Throws Failure: what read_captions says;
/// bad_argument for a file that would give more pictures than an image should hold.
std::vector<GenerateOrder> generate_orders(const GenerateRequest& request);

/// Paints them one after the other. `on_event` gets all events but results, on this thread; progress counts over all
/// orders. Errors: those of EngineClient, with the line where there is one.
Result<std::vector<PictureGroup>> paint_generated(const std::vector<GenerateOrder>& orders, const Emit& on_event,
                                                  std::stop_token stop);

/// The facts of one request, for a window that gathers the pictures itself; and those of what would be read of its
/// prompt. Any thread.
Result<std::string> paint_request(const GenerateRequest& request, const Emit& on_event, std::stop_token stop);
Result<std::string> read_request(const GenerateRequest& request, std::stop_token stop);

/// Pictures that a window kept, those of the same prompt and model together.
std::vector<PictureGroup> groups_of(std::vector<GeneratedPicture> pictures);

}  // namespace pinxit
