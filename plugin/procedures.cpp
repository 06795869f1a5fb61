// SPDX-License-Identifier: Apache-2.0
#include "plugin/procedures.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "plugin/arguments.h"
#include "plugin/edit_style.h"
#include "plugin/fast_style.h"
#include "plugin/gallery.h"
#include "plugin/generate.h"
#include "plugin/neural_style.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

/// What GIMP runs a procedure with; without image and drawables where it needs none.
struct Call {
  GimpProcedure* procedure;
  GimpRunMode mode;
  GimpImage* image;
  GimpDrawable** drawables;
  GimpProcedureConfig* config;
};

enum class Needs {
  layers,   ///< of an open image
  image,    ///< with or without a layer of it selected
  nothing,  ///< not even an image
  painter,  ///< it is a window and nothing else
};

struct Declaration {
  const char* name;
  const char* label;
  const char* blurb;
  Needs needs;
  const char* menu;  ///< null: Filters ▸ Neural
  /// Arguments beyond those that every procedure of its kind has, and return values.
  void (*declare)(GimpProcedure*);
  /// The return values, or null: the painter closed the window. Throws Failure.
  GimpValueArray* (*run)(const Call&);
};

// ---- what procedures run

void set(GValue* value, GObject* object) {
  g_value_set_object(value, object);
}

void set(GValue* value, bool yes) {
  g_value_set_boolean(value, yes);
}

void set(GValue* value, const std::vector<GimpLayer*>& layers) {
  auto** list = g_new0(GObject*, layers.size() + 1);
  for (size_t i = 0; i < layers.size(); ++i) list[i] = G_OBJECT(layers[i]);
  g_value_take_boxed(value, list);
}

/// Return values in the order in which they were declared.
template <class... Values>
GimpValueArray* succeeded(const Call& call, const Values&... values) {
  GimpValueArray* array = gimp_procedure_new_return_values(call.procedure, GIMP_PDB_SUCCESS, nullptr);
  int at = 0;
  (set(gimp_value_array_index(array, ++at), values), ...);
  return array;
}

// What Repeat has of a request: names in the gallery are unique, and prompts stay out of what GIMP remembers. (In a
// window they went into the painter's private history.)
FastStyleRequest repeatable(FastStyleRequest request) {
  return request;
}
NeuralStyleRequest repeatable(NeuralStyleRequest request) {
  request.name.clear();
  return request;
}
GenerateRequest repeatable(GenerateRequest request) {
  return without_prompts(std::move(request));
}

/// What `paint` makes of the request in the arguments, which GIMP remembers as the window has changed it.
template <class R, class Paint>
auto painted(const Call& call, Paint&& paint) {
  auto request = request_of<R>(call.config);
  auto made = paint(request);
  if (made && call.mode == GIMP_RUN_INTERACTIVE) keep_as_last_values(repeatable(std::move(request)), call.config);
  return made;
}

GObject* first_of(const Inserted& made) {
  return G_OBJECT(made.layers.empty() ? made.states.front() : made.layers.front());
}

GimpValueArray* fast_style(const Call& call) {
  const auto made = painted<FastStyleRequest>(call, [&](FastStyleRequest& request) {
    return run_fast_style(call.mode, call.image, call.drawables, request);
  });
  return made ? succeeded(call, first_of(*made), made->layers) : nullptr;
}

GimpValueArray* neural_style(const Call& call) {
  const auto made = painted<NeuralStyleRequest>(call, [&](NeuralStyleRequest& request) {
    return run_neural_style(call.mode, call.image, call.drawables, request);
  });
  return made ? succeeded(call, first_of(*made), made->layers, made->states) : nullptr;
}

GimpValueArray* generate(const Call& call) {
  const auto made = painted<GenerateRequest>(call, [&](GenerateRequest& request) {
    return run_generate(call.mode, call.image, call.drawables, request);
  });
  return made ? succeeded(call, G_OBJECT(made->pictures.front()), made->pictures) : nullptr;
}

GimpValueArray* generate_image(const Call& call) {
  const auto made = painted<GenerateRequest>(
      call, [&](GenerateRequest& request) { return run_generate_image(call.mode, request); });
  return made ? succeeded(call, G_OBJECT(made->image), made->made.pictures) : nullptr;
}

GimpValueArray* edit_style(const Call& call) {
  const auto edited = run_edit_style(call.mode, call.image, call.drawables);
  return edited ? succeeded(call, edited->source_changed) : nullptr;
}

GimpValueArray* gallery(const Call& call) {
  g_autoptr(GimpImage) image = nullptr;
  g_object_get(call.config, "image", &image, nullptr);
  run_gallery(image);
  return succeeded(call);
}

GimpValueArray* models(const Call& call) {
  show_models_window().take();
  return succeeded(call);
}

GimpValueArray* settings(const Call& call) {
  show_settings_window().take();
  return succeeded(call);
}

// ---- what procedures take and return

void add_layer_result(GimpProcedure* procedure, const char* help) {
  gimp_procedure_add_layer_return_value(procedure, "layer", _("Layer"), help, false, G_PARAM_READWRITE);
}

void add_layers_result(GimpProcedure* procedure, const char* name, const char* label, const char* help) {
  gimp_procedure_add_core_object_array_return_value(procedure, name, label, help, GIMP_TYPE_LAYER, G_PARAM_READWRITE);
}

template <class R>
void declare_style(GimpProcedure* procedure) {
  add_arguments<R>(procedure);
  add_layer_result(procedure, _("The new layer above the first drawable"));
  add_layers_result(procedure, "layers", _("Layers"), _("All new layers, in the order of the drawables"));
}

void declare_neural_style(GimpProcedure* procedure) {
  declare_style<NeuralStyleRequest>(procedure);
  add_layers_result(procedure, "iterations", _("Iterations"),
                    _("Iterations kept as hidden layers, from the first to the last of each drawable"));
}

void declare_generate(GimpProcedure* procedure) {
  add_arguments<GenerateRequest>(procedure, private_arguments());
  add_layer_result(procedure, _("The first picture"));
  add_layers_result(procedure, "layers", _("Layers"), _("All pictures, in their order"));
}

void declare_generate_image(GimpProcedure* procedure) {
  add_arguments<GenerateRequest>(procedure, private_arguments());
  gimp_procedure_add_image_return_value(procedure, "image", _("Image"), _("The new image"), false, G_PARAM_READWRITE);
  add_layers_result(procedure, "layers", _("Layers"), _("All pictures, in their order"));
}

void declare_edit_style(GimpProcedure* procedure) {
  gimp_procedure_add_boolean_return_value(procedure, "source-changed", _("Source changed"),
                                          _("Whether the source has changed since it was painted"), false,
                                          G_PARAM_READWRITE);
}

/// GIMP fills in the image whose menu was used, where there is one. It wants to fill in drawables as well: GIMP 3.0
/// crashes in its menu where an image is the last argument.
void declare_gallery(GimpProcedure* procedure) {
  const auto flags = GParamFlags(G_PARAM_READWRITE | GIMP_PARAM_DONT_SERIALIZE);
  gimp_procedure_add_image_argument(procedure, "image", _("Image"), _("The image to run again on"), true, flags);
  gimp_procedure_add_core_object_array_argument(procedure, "drawables", _("Drawables"), _("Not used"),
                                                GIMP_TYPE_DRAWABLE, flags);
}

void declare_nothing(GimpProcedure*) {}

constexpr Declaration declarations[] = {
    {fast_style_procedure, N_("_Fast Style..."),
     N_("Paint the selected layers in the style of a painting, as new layers"), Needs::layers, nullptr,
     declare_style<FastStyleRequest>, fast_style},
    {neural_style_procedure, N_("_Neural Style..."),
     N_("Search for pictures with the content of the selected layers and the style of other pictures"), Needs::layers,
     nullptr, declare_neural_style, neural_style},
    {generate_procedure, N_("_Generate from Text..."), N_("Paint pictures of what a text says, as new layers"),
     Needs::image, nullptr, declare_generate, generate},
    {generate_image_procedure, N_("From _Text..."), N_("Paint pictures of what a text says, as a new image"),
     Needs::nothing, "<Image>/File/Create", declare_generate_image, generate_image},
    {edit_style_procedure, N_("_Edit Style..."),
     N_("Paint a layer of Pinxit's again, with other settings or after its source has changed"), Needs::layers, nullptr,
     declare_edit_style, edit_style},
    {gallery_procedure, N_("_Gallery..."),
     N_("Look at all runs of Neural Style, open them as layers, or run them again"), Needs::painter, nullptr,
     declare_gallery, gallery},
    {"plug-in-pinxit-models", N_("_Models..."),
     N_("Install, import, verify and remove the models that Pinxit paints with"), Needs::painter, nullptr,
     declare_nothing, models},
    {"plug-in-pinxit-settings", N_("_Settings..."), N_("Choose where and how Pinxit computes"), Needs::painter, nullptr,
     declare_nothing, settings},
};

// ---- the frame

GimpPDBStatusType status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_argument:
      return GIMP_PDB_CALLING_ERROR;
    case ErrorCode::cancelled:
      return GIMP_PDB_CANCEL;
    default:
      return GIMP_PDB_EXECUTION_ERROR;
  }
}

GimpValueArray* failed(GimpProcedure* procedure, const Error& error) {
  const std::string text = error.hint.empty() ? error.sentence : error.sentence + " " + error.hint;
  return gimp_procedure_new_return_values(procedure, status_of(error.code),
                                          g_error_new_literal(GIMP_PLUG_IN_ERROR, 0, text.c_str()));
}

GimpValueArray* run(const Declaration& declaration, const Call& call) {
  const auto values = guarded([&] {
    if (declaration.needs == Needs::painter && call.mode == GIMP_RUN_NONINTERACTIVE)
      throw Failure(ErrorCode::bad_argument, _("This is a window and needs a painter before it."),
                    _("Scripts have procedures that paint without a window."));
    return declaration.run(call);
  });
  if (!values) return failed(call.procedure, values.error());
  return *values ? *values : gimp_procedure_new_return_values(call.procedure, GIMP_PDB_CANCEL, nullptr);
}

GimpValueArray* run_with_image(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                               GimpProcedureConfig* config, gpointer declaration) {
  return run(*static_cast<const Declaration*>(declaration), {procedure, mode, image, drawables, config});
}

GimpValueArray* run_without_image(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer declaration) {
  GimpRunMode mode = GIMP_RUN_NONINTERACTIVE;
  g_object_get(config, "run-mode", &mode, nullptr);
  return run(*static_cast<const Declaration*>(declaration), {procedure, mode, nullptr, nullptr, config});
}

/// GIMP gives these the arguments run-mode, image and drawables.
GimpProcedure* make_with_image(GimpPlugIn* plug_in, const Declaration& declaration) {
  GimpProcedure* procedure =
      gimp_image_procedure_new(plug_in, declaration.name, GIMP_PDB_PROC_TYPE_PLUGIN, run_with_image,
                               const_cast<Declaration*>(&declaration), nullptr);
  // Indexed images are let in to be refused with a sentence that says what to do.
  gimp_procedure_set_image_types(procedure, "*");
  int sensitivity = GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES;
  if (declaration.needs == Needs::image) sensitivity |= GIMP_PROCEDURE_SENSITIVE_NO_DRAWABLES;
  gimp_procedure_set_sensitivity_mask(procedure, sensitivity);
  return procedure;
}

GimpProcedure* make_without_image(GimpPlugIn* plug_in, const Declaration& declaration) {
  GimpProcedure* procedure =
      gimp_procedure_new(plug_in, declaration.name, GIMP_PDB_PROC_TYPE_PLUGIN, run_without_image,
                         const_cast<Declaration*>(&declaration), nullptr);
  gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
  const GimpRunMode usual = declaration.needs == Needs::painter ? GIMP_RUN_INTERACTIVE : GIMP_RUN_NONINTERACTIVE;
  gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"), GIMP_TYPE_RUN_MODE, usual,
                                   G_PARAM_READWRITE);
  return procedure;
}

void describe(GimpProcedure* procedure, const Declaration& declaration) {
  const std::string neural = std::string("<Image>/Filters/") + _("_Neural");
  gimp_procedure_set_menu_label(procedure, _(declaration.label));
  gimp_procedure_add_menu_path(procedure, declaration.menu ? declaration.menu : neural.c_str());
  gimp_procedure_set_icon_name(procedure, "gimp-gegl");
  gimp_procedure_set_documentation(procedure, _(declaration.blurb), nullptr, declaration.name);
  gimp_procedure_set_attribution(procedure, "The Pinxit authors", "The Pinxit authors", "2026");
}

}  // namespace

std::vector<const char*> procedure_names() {
  std::vector<const char*> names;
  for (const Declaration& declaration : declarations) names.push_back(declaration.name);
  return names;
}

GimpProcedure* make_procedure(GimpPlugIn* plug_in, const std::string& name) {
  for (const Declaration& declaration : declarations) {
    if (name != declaration.name) continue;
    const bool with_image = declaration.needs == Needs::layers || declaration.needs == Needs::image;
    GimpProcedure* procedure =
        with_image ? make_with_image(plug_in, declaration) : make_without_image(plug_in, declaration);
    describe(procedure, declaration);
    declaration.declare(procedure);
    return procedure;
  }
  return nullptr;
}

}  // namespace pinxit
