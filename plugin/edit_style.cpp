// SPDX-License-Identifier: Apache-2.0
#include "plugin/edit_style.h"

#include "engine/base/text.h"
#include "plugin/fast_style.h"
#include "plugin/generate.h"
#include "plugin/neural_style.h"
#include "plugin/stopwatch.h"

namespace pinxit {
namespace {

Source layer_to_edit(GimpImage* image, GimpDrawable** drawables) {
  std::vector<Source> selected = sources_of(image, drawables, Selecting::ignored);
  if (selected.size() > 1)
    throw Failure(ErrorCode::bad_argument, _("Only one layer can be edited at a time."),
                  _("Select one layer in the Layers dialog."));
  check_unlocked(selected.front().layer);
  return std::move(selected.front());
}

Recipe recipe_to_edit(const Source& edited) {
  auto recipe = recipe_of(edited.layer);
  if (!recipe)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The layer \"%s\" was not painted by Pinxit."), edited.name.c_str()),
                  _("Select a layer that Fast Style, Neural Style or Generate from Text has made."));
  return recipe->take();
}

Source source_of(GimpImage* image, const Source& edited, const Recipe& recipe) {
  GimpLayer* layer = gimp_image_get_layer_by_tattoo(image, recipe.source.tattoo);
  if (!layer || layer == edited.layer)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The layer \"%s\", from which \"%s\" was painted, is not in this image any more."),
                              recipe.source.name.c_str(), edited.name.c_str()),
                  _("Undo its removal, or select another layer and paint that."));
  GimpDrawable* drawables[] = {GIMP_DRAWABLE(layer), nullptr};
  return std::move(sources_of(image, drawables, Selecting::ignored).front());
}

void tell_change(const Source& edited, const Source& source) {
  gimp_message(format_text(_("The layer \"%s\" has changed since \"%s\" was painted from it. The painting is made anew "
                             "from what it shows now."),
                           source.name.c_str(), edited.name.c_str())
                   .c_str());
}

std::optional<std::vector<Painted>> paint(GimpRunMode mode, GimpImage* image, const std::vector<Source>& sources,
                                          const std::shared_ptr<Canvas>& canvas, AnyRequest& request) {
  if (auto* fast = std::get_if<FastStyleRequest>(&request)) return paint_fast_style(mode, sources, canvas, *fast);
  auto& neural = std::get<NeuralStyleRequest>(request);
  neural.name.clear();  // that entry of the gallery is there already
  return paint_neural_style(mode, image, sources, canvas, neural, Placing::replaces);
}

}  // namespace

std::optional<Edited> run_edit_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables) {
  Source edited = layer_to_edit(image, drawables);
  const Recipe recipe = recipe_to_edit(edited);
  if (std::holds_alternative<GenerateRequest>(recipe.request)) return edit_generated(mode, image, edited, recipe);
  std::vector<Source> sources{source_of(image, edited, recipe)};
  const std::shared_ptr<Canvas> canvas = read_canvas(sources);
  const bool changed = sources.front().checksum != recipe.source.checksum;
  if (changed) tell_change(edited, sources.front());

  AnyRequest request = recipe.request;
  const auto painted = paint(mode, image, sources, canvas, request);
  if (!painted) return {};
  const Stopwatch stopwatch("write");
  check_still_there(image, {edited, sources.front()}, Selecting::ignored);
  const char* procedure =
      std::holds_alternative<FastStyleRequest>(request) ? fast_style_procedure : neural_style_procedure;
  auto finished = finish(image, procedure, request, sources, *painted);
  return Edited{Replacement(image, edited.layer, std::move(finished.front())).enter(), changed};
}

}  // namespace pinxit
