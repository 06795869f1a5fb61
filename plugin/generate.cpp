// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate.h"

#include <algorithm>
#include <utility>

#include "dialogs/prompt_history.h"
#include "engine/base/text.h"
#include "engine/requests/settings.h"
#include "plugin/encoding.h"
#include "plugin/forget_prompt.h"
#include "plugin/generate_recipe.h"
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

SharedPicture shared(SrgbView picture) {
  SharedPicture copy = SharedPicture::create(picture.width, picture.height).take();
  std::copy_n(picture.data, size_t(picture.width * picture.height * 4), copy.span().data);
  return copy;
}

/// The picture of the recipe, as one that was just made.
GeneratedPicture paint_again(const GenerateRequest& request, const Recipe& recipe) {
  GenerateRequest alone = request;
  alone.captions.clear();  // a recipe may come from anywhere
  alone.all_sizes = alone.maps = alone.strip = false;
  std::vector<PictureGroup> groups = paint_with_progress(alone);
  std::vector<GeneratedPicture>& pictures = groups.front().pictures;
  const size_t index = size_t(std::max(0, generated_index(recipe.facts)));
  GeneratedPicture picture = std::move(pictures[std::min(index, pictures.size() - 1)]);
  picture.request = request;
  return picture;
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
  if (!image) throw Failure(ErrorCode::bad_argument, _("There is no image to paint."), _("Open an image first."));
  check_image(image);
  place_of(image, drawables);
  check_colors(image);
  const auto groups = paint(mode, host_for(image), request);
  if (!groups) return {};
  const Stopwatch stopwatch("write");
  check_still_there(image, {});
  start_gegl();
  return insert_generated(image, place_now(image, drawables), *groups, request.fit);
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
  const GeneratedLayers made = insert_generated(image.get(), {}, *groups, false);
  return GeneratedImage{mode == GIMP_RUN_NONINTERACTIVE ? image.keep() : image.show(), made};
}

std::optional<Edited> edit_generated(GimpRunMode mode, GimpImage* image, const Source& edited, const Recipe& recipe) {
  GenerateRequest request = std::get<GenerateRequest>(recipe.request);
  std::vector<PictureGroup> groups;
  if (mode == GIMP_RUN_INTERACTIVE) {
    auto kept = paint_in_window(host_for(image), request);
    if (!kept) return {};
    groups = std::move(*kept);
  } else {
    if (generated_prompt_left_out(recipe.facts)) refuse_without_prompt(edited, request);
    groups.push_back({{paint_again(request, recipe)}});
  }
  check_still_there(image, {edited}, Selecting::ignored);
  start_gegl();
  const GeneratedPicture first = std::move(groups.front().pictures.front());
  groups.front().pictures.erase(groups.front().pictures.begin());
  if (groups.front().pictures.empty()) groups.erase(groups.begin());

  Finished finished{.source = edited,
                    .result = shared(first.picture->view()),
                    .name = edited.name,
                    .recipe = generated_recipe(first)};
  const UndoGroup undo(image);
  GeneratedLayers more;
  if (!groups.empty()) more = insert_generated(image, {edited.layer}, groups, request.fit);
  Edited result;
  try {
    result.made = replace_layer(image, edited.layer, finished);
  } catch (const Failure&) {
    for (GimpLayer* layer : more.outermost) gimp_image_remove_layer(image, layer);
    throw;
  }
  GeneratedPicture before;
  before.request = std::get<GenerateRequest>(recipe.request);
  before.facts = recipe.facts;
  before.made.seed = before.request.seed;
  if (before.request.keep_prompt && !first.request.keep_prompt) {
    gimp_item_set_name(GIMP_ITEM(edited.layer), generated_name(first).c_str());
    forget_prompt_around(image, edited.layer, before, first);
  }
  return result;
}

}  // namespace pinxit
