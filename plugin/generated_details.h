// SPDX-License-Identifier: Apache-2.0
//
// Details of a generated picture (smaller pictures, attention maps, the strip): layers of a hidden group below it.
//
//     prepare_details(prepared, image, picture, id, frame);                 // complete, not in the image yet
//     enter_details(image, prepared, picture, parent, position);
//
// Each carries a mark, the parasite "pinxit-detail", that tells which picture it belongs to (facts.picture.id of that
// one's recipe) and what it was like: role, the number of a map's word, checksum of the pixels. It holds no word.
// So when the picture is replaced, its details are replaced as well, and those that somebody has worked on stay:
//
//     NewDetails details(image, layer, old, now, id);      // complete, the image as it was
//     const UndoGroup undo(image);
//     details.enter(entered);                              // may still be taken out: `entered`
//     …
//     details.replace_old();
//
// Main thread, after start_gegl. Throws Failure.
#pragma once

#include <libgimp/gimp.h>

#include <string>
#include <vector>

#include "dialogs/generate/generate_dialog.h"
#include "engine/base/pixels.h"
#include "plugin/new_layers.h"

namespace pinxit {

/// In the middle of `frame`, in the order in which `enter_details` takes them. `id` is the one in the picture's recipe.
void prepare_details(PreparedLayers& prepared, GimpImage* image, const GeneratedPicture& picture, const std::string& id,
                     const Region& frame);
/// The group, hidden, with the next layers of those prepared.
GimpLayer* enter_details(GimpImage* image, PreparedLayers& prepared, const GeneratedPicture& picture, GimpLayer* parent,
                         int position);

/// Where a picture's details are, as long as they are in the group directly below its layer.
struct DetailsBelow {
  GimpLayer* group = nullptr;       ///< null: there are none
  std::vector<GimpLayer*> as_made;  ///< they look as they did when they were made
  /// By somebody, since the picture was last replaced: other pixels, a mask, filters, opacity, mode, locked, renamed.
  std::vector<GimpLayer*> changed;
  std::vector<GimpLayer*> kept;  ///< they were changed when the picture was replaced before, and are somebody's own
};
/// Of `picture` the facts count, which are those of its recipe. One without id has none.
DetailsBelow details_below(GimpImage* image, GimpLayer* layer, const GeneratedPicture& picture);

/// Those of the picture that a layer is to show from now on, in the place of those of the picture that it showed.
class NewDetails {
 public:
  /// `now` and its parts outlive this. `id` is the one in the recipe of `now`.
  NewDetails(GimpImage* image, GimpLayer* layer, const GeneratedPicture& old, const GeneratedPicture& now,
             std::string id);
  /// The group of the old ones, whatever it is called; null where there are none.
  GimpLayer* old_group() const { return below_.group; }
  /// On top of the old ones in their group, which stays as it is, or in a group of their own. Adds what has to be taken
  /// out to undo this to `entered`, also if it throws.
  void enter(std::vector<GimpLayer*>& entered);
  /// Once they are in: old ones that are as they were made go, and their group, where it is empty then. True: some were
  /// changed, and stay.
  bool replace_old();

 private:
  GimpImage* image_;
  GimpLayer* layer_;
  const GeneratedPicture& old_;
  const GeneratedPicture& now_;
  std::string id_;
  DetailsBelow below_;
  PreparedLayers prepared_;
  std::vector<GimpLayer*> entered_;  ///< in the group of the old ones
};

}  // namespace pinxit
