// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate.h"

#include <algorithm>
#include <utility>

#include "dialogs/generate/prompt_history.h"
#include "engine/base/text.h"
#include "engine/requests/settings.h"
#include "plugin/encoding.h"
#include "plugin/forget_prompt.h"
#include "plugin/generate_recipe.h"
#include "plugin/generated_details.h"
#include "plugin/new_image.h"
#include "plugin/new_layers.h"
#include "plugin/pixels.h"
#include "plugin/progress.h"
#include "plugin/stopwatch.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

std::optional<std::vector<PictureGroup>> paint_in_window(GenerateDialogHost host, GenerateRequest& request) {
  host.paint = paint_request;
  host.read_prompt = read_request;
  GenerateResult result = show_generate_window(host, request).take();
  if (result.end == DialogEnd::closed) return {};
  return groups_of(std::move(result.pictures));
}

std::vector<PictureGroup> paint_with_progress(const GenerateRequest& request) {
  const Stopwatch stopwatch("paint");
  const std::vector<GenerateOrder> orders = generate_orders(request);
  return paint_generated(orders, start_progress_bar(), {}).take();
}

/// A model that paints without prompt gets none from the history.
bool takes_prompt(const GenerateRequest& request) {
  const auto facts = read_request(request, {});
  return !facts || generated_takes_prompt(*facts);
}

/// Of the painter's history. It stays with the layers only if settings, last values and whoever typed it agree: those
/// values may be of another run.
void recall_prompt(GenerateRequest& request) {
  if (const auto settings = Settings::load(); !settings || !settings->keep_prompts) request.keep_prompt = false;
  if (!request.prompt.empty() || !request.captions.empty()) return;
  const auto newest = PromptHistory().newest();
  if (!newest || !takes_prompt(request)) return;
  request.prompt = newest->prompt;
  request.keep_prompt = request.keep_prompt && newest->keep;
  if (request.vary == "text" && request.vary_prompt.empty()) request.vary_prompt = newest->vary_prompt;
}

std::optional<std::vector<PictureGroup>> paint(GimpRunMode mode, GenerateDialogHost host, GenerateRequest& request) {
  if (mode == GIMP_RUN_INTERACTIVE) return paint_in_window(std::move(host), request);
  validate(request).take();
  if (mode == GIMP_RUN_WITH_LAST_VALS) recall_prompt(request);
  return paint_with_progress(request);
}

GenerateDialogHost host_for(GimpImage* image) {
  g_autofree char* name = gimp_image_get_name(image);
  const Region frame = picture_frame(image);
  GenerateDialogHost host;
  host.image_name = name ? name : "";
  host.fits = gimp_selection_is_empty(image) ? GenerateDialogHost::Fits::image : GenerateDialogHost::Fits::selection;
  host.fit_width = frame.width;
  host.fit_height = frame.height;
  return host;
}

/// Throws before minutes of painting what writing the pictures would throw after them.
void check_colors(GimpImage* image) {
  start_gegl();
  PreparedLayers probe;
  probe.add(make_layer(image, 1, 1, ""));
  const Encoding usable(GIMP_DRAWABLE(probe.next()));
}

/// Drawables may go while the window is open.
LayerPlace place_now(GimpImage* image, GimpDrawable** drawables) {
  std::vector<GimpDrawable*> there;
  for (GimpDrawable** drawable = drawables; drawable && *drawable; ++drawable)
    if (gimp_item_is_valid(GIMP_ITEM(*drawable))) there.push_back(*drawable);
  there.push_back(nullptr);
  return place_of(image, there.data());
}

/// What a layer with this recipe shows, without the picture itself.
GeneratedPicture picture_of(const Recipe& recipe) {
  GeneratedPicture picture;
  picture.request = std::get<GenerateRequest>(recipe.request);
  picture.facts = recipe.facts;
  picture.made.seed = picture.request.seed;
  picture.made.index = std::max(0, generated_index(recipe.facts));
  return picture;
}

/// The same picture, as one that was just made.
GeneratedPicture paint_again(const GeneratedPicture& old, bool with_details) {
  GenerateRequest alone = old.request;
  alone.captions.clear();  // a recipe may come from anywhere
  if (!with_details) alone.all_sizes = alone.maps = alone.strip = false;
  std::vector<PictureGroup> groups = paint_with_progress(alone);
  std::vector<GeneratedPicture>& pictures = groups.front().pictures;
  GeneratedPicture picture = std::move(pictures[std::min(size_t(old.made.index), pictures.size() - 1)]);
  picture.request = old.request;
  return picture;
}

/// The first one of all.
GeneratedPicture take_first(std::vector<PictureGroup>& groups) {
  std::vector<GeneratedPicture>& pictures = groups.front().pictures;
  GeneratedPicture first = std::move(pictures.front());
  pictures.erase(pictures.begin());
  if (pictures.empty()) groups.erase(groups.begin());
  return first;
}

/// `layer` shows `now` instead of `old`, and the pictures of `more` come above it: all of it in one undo step, or
/// nothing.
Inserted replace_generated(GimpImage* image, const Source& edited, const GeneratedPicture& old,
                           const GeneratedPicture& now, const std::vector<PictureGroup>& more) {
  const Recipe recipe = generated_recipe(now);
  NewDetails details(image, edited.layer, old, now, generated_id(recipe.facts));
  NewPictures pictures(image, more, now.request.fit);
  Replacement replacement(image, edited.layer,
                          {.source = edited,
                           .result = shared_copy(now.picture->view()),
                           .name = edited.name,
                           .recipe = recipe});

  const UndoGroup undo(image);
  std::vector<GimpLayer*> entered = pictures.enter({edited.layer}).outermost;
  Inserted made;
  try {
    const SelectedLayers selected(image);
    details.enter(entered);
    made = replacement.enter();
  } catch (...) {
    remove_layers(image, entered);
    throw;
  }
  call_group_anew(image, edited.layer, old, now);
  if (old.request.keep_prompt && !now.request.keep_prompt) {
    gimp_item_set_name(GIMP_ITEM(edited.layer), generated_name(now).c_str());
    forget_prompt_around(image, edited.layer, details.old_group(), old);
  }
  if (details.replace_old())
    gimp_message(_("Details of the picture that somebody has changed stay as they are. Remove those that do not fit "
                   "the new picture."));
  return made;
}

[[noreturn]] void refuse_without_prompt(const Source& edited, const GenerateRequest& request) {
  throw Failure(ErrorCode::bad_argument,
                format_text(_("The prompt of the layer \"%s\" was not kept with it."), edited.name.c_str()),
                format_text(_("Choose Generate from Text and give the prompt with the seed %d."), request.seed));
}

}  // namespace

const std::vector<std::string>& private_arguments() {
  static const std::vector<std::string> names = {"prompt", "vary-prompt", "captions"};
  return names;
}

std::optional<GeneratedLayers> run_generate(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                            GenerateRequest& request) {
  check_image(image);
  place_of(image, drawables);
  check_colors(image);
  const auto groups = paint(mode, host_for(image), request);
  if (!groups) return {};
  const Stopwatch stopwatch("write");
  check_still_there(image, {});
  start_gegl();
  return NewPictures(image, *groups, request.fit).enter(place_now(image, drawables));
}

std::optional<GeneratedImage> run_generate_image(GimpRunMode mode, GenerateRequest& request) {
  const auto groups = paint(mode, {}, request);
  if (!groups) return {};
  const Stopwatch stopwatch("write");
  int64_t width = 0, height = 0;
  for (const PictureGroup& group : *groups)
    for (const GeneratedPicture& picture : group.pictures) {
      width = std::max(width, picture.picture->width);
      height = std::max(height, picture.picture->height);
    }
  start_gegl();
  NewImage image(width, height);
  const GeneratedLayers made = NewPictures(image.get(), *groups, false).enter({});
  return GeneratedImage{mode == GIMP_RUN_NONINTERACTIVE ? image.keep() : image.show(), made};
}

std::optional<Edited> edit_generated(GimpRunMode mode, GimpImage* image, const Source& edited, const Recipe& recipe) {
  const GeneratedPicture old = picture_of(recipe);
  check_colors(image);
  std::vector<PictureGroup> groups;
  if (mode == GIMP_RUN_INTERACTIVE) {
    GenerateRequest request = old.request;
    auto kept = paint_in_window(host_for(image), request);
    if (!kept) return {};
    groups = std::move(*kept);
  } else {
    if (generated_prompt_left_out(recipe.facts)) refuse_without_prompt(edited, old.request);
    const bool with_details = !details_below(image, edited.layer, old).as_made.empty();
    groups.push_back({{paint_again(old, with_details)}});
  }
  const Stopwatch stopwatch("write");
  check_still_there(image, {edited}, Selecting::ignored);
  start_gegl();
  const GeneratedPicture first = take_first(groups);
  return Edited{replace_generated(image, edited, old, first, groups), false};
}

}  // namespace pinxit
