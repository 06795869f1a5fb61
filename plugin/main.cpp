// SPDX-License-Identifier: Apache-2.0
//
// The plug-in as GIMP sees it: the procedures, their menu entries, and their run functions. This is the only file
// with GObject boilerplate; exceptions stop here.
#include <libgimp/gimp.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "plugin/arguments.h"
#include "plugin/edit_style.h"
#include "plugin/fast_style.h"
#include "plugin/gallery.h"
#include "plugin/generate.h"
#include "plugin/neural_style.h"
#include "plugin/windows.h"

G_DECLARE_FINAL_TYPE(PinxitPlugIn, pinxit_plug_in, PINXIT, PLUG_IN, GimpPlugIn)

struct _PinxitPlugIn {
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE(PinxitPlugIn, pinxit_plug_in, GIMP_TYPE_PLUG_IN)

namespace {

using namespace pinxit;

constexpr const char* models_procedure = "plug-in-pinxit-models";
constexpr const char* settings_procedure = "plug-in-pinxit-settings";

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

void set_layers(GValue* value, const std::vector<GimpLayer*>& layers) {
  auto** list = g_new0(GObject*, layers.size() + 1);
  for (size_t i = 0; i < layers.size(); ++i) list[i] = G_OBJECT(layers[i]);
  g_value_take_boxed(value, list);
}

/// Return values "layer" and "layers".
GimpValueArray* succeeded(GimpProcedure* procedure, const Inserted& made) {
  GimpValueArray* values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
  g_value_set_object(gimp_value_array_index(values, 1),
                     made.layers.empty() ? made.states.front() : made.layers.front());
  set_layers(gimp_value_array_index(values, 2), made.layers);
  return values;
}

GimpValueArray* closed(GimpProcedure* procedure) {
  return gimp_procedure_new_return_values(procedure, GIMP_PDB_CANCEL, nullptr);
}

GimpValueArray* run_fast_style_procedure(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image,
                                         GimpDrawable** drawables, GimpProcedureConfig* config, gpointer) {
  const auto made = guarded([&] {
    auto request = request_of<FastStyleRequest>(config);
    auto inserted = run_fast_style(mode, image, drawables, request);
    if (inserted && mode == GIMP_RUN_INTERACTIVE) keep_as_last_values(request, config);
    return inserted;
  });
  if (!made) return failed(procedure, made.error());
  return *made ? succeeded(procedure, **made) : closed(procedure);
}

GimpValueArray* run_neural_style_procedure(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image,
                                           GimpDrawable** drawables, GimpProcedureConfig* config, gpointer) {
  const auto made = guarded([&] {
    auto request = request_of<NeuralStyleRequest>(config);
    auto inserted = run_neural_style(mode, image, drawables, request);
    request.name.clear();  // names are unique: Repeat has no use for it
    if (inserted && mode == GIMP_RUN_INTERACTIVE) keep_as_last_values(request, config);
    return inserted;
  });
  if (!made) return failed(procedure, made.error());
  if (!*made) return closed(procedure);
  GimpValueArray* values = succeeded(procedure, **made);
  set_layers(gimp_value_array_index(values, 3), (**made).states);
  return values;
}

GimpValueArray* run_edit_style_procedure(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image,
                                         GimpDrawable** drawables, GimpProcedureConfig*, gpointer) {
  const auto edited = guarded([&] { return run_edit_style(mode, image, drawables); });
  if (!edited) return failed(procedure, edited.error());
  if (!*edited) return closed(procedure);
  GimpValueArray* values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
  g_value_set_boolean(gimp_value_array_index(values, 1), (**edited).source_changed);
  return values;
}

/// The prompts stay out of what GIMP remembers; in a window they went into the painter's private history.
void keep_without_prompts(const GenerateRequest& request, GimpProcedureConfig* config) {
  keep_as_last_values(without_prompts(request), config);
}

GimpValueArray* run_generate_procedure(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image,
                                       GimpDrawable** drawables, GimpProcedureConfig* config, gpointer) {
  const auto made = guarded([&] {
    auto request = request_of<GenerateRequest>(config);
    auto inserted = run_generate(mode, image, drawables, request);
    if (inserted && mode == GIMP_RUN_INTERACTIVE) keep_without_prompts(request, config);
    return inserted;
  });
  if (!made) return failed(procedure, made.error());
  return *made ? succeeded(procedure, {.layers = (**made).pictures, .states = {}}) : closed(procedure);
}

GimpValueArray* run_generate_image_procedure(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer) {
  GimpRunMode mode = GIMP_RUN_NONINTERACTIVE;
  g_object_get(config, "run-mode", &mode, nullptr);
  const auto made = guarded([&] {
    auto request = request_of<GenerateRequest>(config);
    auto created = run_generate_image(mode, request);
    if (created && mode == GIMP_RUN_INTERACTIVE) keep_without_prompts(request, config);
    return created;
  });
  if (!made) return failed(procedure, made.error());
  if (!*made) return closed(procedure);
  GimpValueArray* values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
  g_value_set_object(gimp_value_array_index(values, 1), (**made).image);
  set_layers(gimp_value_array_index(values, 2), (**made).made.pictures);
  return values;
}

/// For a procedure that is a window and nothing else.
template <class F>
GimpValueArray* run_window(GimpProcedure* procedure, GimpProcedureConfig* config, F&& show) {
  GimpRunMode mode = GIMP_RUN_NONINTERACTIVE;
  g_object_get(config, "run-mode", &mode, nullptr);
  const Status done = guarded([&] {
    if (mode == GIMP_RUN_NONINTERACTIVE)
      throw Failure(ErrorCode::bad_argument, _("This is a window and needs a painter before it."),
                    _("Scripts have procedures that paint without a window."));
    show();
    return Nothing{};
  });
  if (!done) return failed(procedure, done.error());
  return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
}

GimpValueArray* run_models_procedure(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer) {
  return run_window(procedure, config, [] { show_models_window().take(); });
}

GimpValueArray* run_settings_procedure(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer) {
  return run_window(procedure, config, [] { show_settings_window().take(); });
}

GimpValueArray* run_gallery_procedure(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer) {
  GimpImage* image = nullptr;
  g_object_get(config, "image", &image, nullptr);
  GimpValueArray* values = run_window(procedure, config, [&] { run_gallery(image); });
  g_clear_object(&image);
  return values;
}

/// In Filters ▸ Neural, unless `menu` is another one.
void describe(GimpProcedure* procedure, const char* label, const char* blurb, const char* menu = nullptr) {
  const std::string neural = std::string("<Image>/Filters/") + _("_Neural");
  gimp_procedure_set_menu_label(procedure, label);
  gimp_procedure_add_menu_path(procedure, menu ? menu : neural.c_str());
  gimp_procedure_set_icon_name(procedure, "gimp-gegl");
  gimp_procedure_set_documentation(procedure, blurb, nullptr, gimp_procedure_get_name(procedure));
  gimp_procedure_set_attribution(procedure, "The Pinxit authors", "The Pinxit authors", "2026");
}

/// A procedure for the selected layers of an image.
GimpProcedure* make_layer_procedure(GimpPlugIn* plug_in, const char* name, GimpRunImageFunc run) {
  GimpProcedure* procedure = gimp_image_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, nullptr, nullptr);
  // Indexed images are let in to be refused with a sentence that says what to do.
  gimp_procedure_set_image_types(procedure, "*");
  gimp_procedure_set_sensitivity_mask(procedure,
                                      GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  return procedure;
}

void add_layers_return_value(GimpProcedure* procedure, const char* name, const char* label, const char* help) {
  gimp_procedure_add_core_object_array_return_value(procedure, name, label, help, GIMP_TYPE_LAYER, G_PARAM_READWRITE);
}

void add_new_layers(GimpProcedure* procedure) {
  gimp_procedure_add_layer_return_value(procedure, "layer", _("Layer"), _("The new layer above the first drawable"),
                                        false, G_PARAM_READWRITE);
  add_layers_return_value(procedure, "layers", _("Layers"), _("All new layers, in the order of the drawables"));
}

GimpProcedure* make_fast_style_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = make_layer_procedure(plug_in, fast_style_procedure, run_fast_style_procedure);
  describe(procedure, _("_Fast Style..."), _("Paint the selected layers in the style of a painting, as new layers"));
  add_arguments<FastStyleRequest>(procedure);
  add_new_layers(procedure);
  return procedure;
}

GimpProcedure* make_neural_style_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = make_layer_procedure(plug_in, neural_style_procedure, run_neural_style_procedure);
  describe(procedure, _("_Neural Style..."),
           _("Search for pictures with the content of the selected layers and the style of other pictures"));
  add_arguments<NeuralStyleRequest>(procedure);
  add_new_layers(procedure);
  add_layers_return_value(procedure, "iterations", _("Iterations"),
                          _("Iterations kept as hidden layers, from the first to the last of each drawable"));
  return procedure;
}

/// Works on an image, and needs no layer of it.
GimpProcedure* make_generate_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = make_layer_procedure(plug_in, generate_procedure, run_generate_procedure);
  gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE |
                                                     GIMP_PROCEDURE_SENSITIVE_DRAWABLES |
                                                     GIMP_PROCEDURE_SENSITIVE_NO_DRAWABLES);
  describe(procedure, _("_Generate from Text..."), _("Paint pictures of what a text says, as new layers"));
  add_arguments<GenerateRequest>(procedure, private_arguments());
  gimp_procedure_add_layer_return_value(procedure, "layer", _("Layer"), _("The first picture"), false,
                                        G_PARAM_READWRITE);
  add_layers_return_value(procedure, "layers", _("Layers"), _("All pictures, in their order"));
  return procedure;
}

GimpProcedure* make_generate_image_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = gimp_procedure_new(plug_in, generate_image_procedure, GIMP_PDB_PROC_TYPE_PLUGIN,
                                                run_generate_image_procedure, nullptr, nullptr);
  gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
  describe(procedure, _("From _Text..."), _("Paint pictures of what a text says, as a new image"),
           "<Image>/File/Create");
  gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"), GIMP_TYPE_RUN_MODE,
                                   GIMP_RUN_NONINTERACTIVE, G_PARAM_READWRITE);
  add_arguments<GenerateRequest>(procedure, private_arguments());
  gimp_procedure_add_image_return_value(procedure, "image", _("Image"), _("The new image"), false, G_PARAM_READWRITE);
  add_layers_return_value(procedure, "layers", _("Layers"), _("All pictures, in their order"));
  return procedure;
}

GimpProcedure* make_edit_style_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = make_layer_procedure(plug_in, edit_style_procedure, run_edit_style_procedure);
  describe(procedure, _("_Edit Style..."),
           _("Paint a layer of Pinxit's again, with other settings or after its source has changed"));
  gimp_procedure_add_boolean_return_value(procedure, "source-changed", _("Source changed"),
                                          _("Whether the source has changed since it was painted"), false,
                                          G_PARAM_READWRITE);
  return procedure;
}

/// A procedure that opens a window, with or without an image.
GimpProcedure* make_window_procedure(GimpPlugIn* plug_in, const char* name, GimpRunFunc run, const char* label,
                                     const char* blurb) {
  GimpProcedure* procedure = gimp_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, nullptr, nullptr);
  gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
  describe(procedure, label, blurb);
  gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"), GIMP_TYPE_RUN_MODE,
                                   GIMP_RUN_INTERACTIVE, G_PARAM_READWRITE);
  return procedure;
}

GimpProcedure* make_models_procedure(GimpPlugIn* plug_in) {
  return make_window_procedure(plug_in, models_procedure, run_models_procedure, _("_Models..."),
                               _("Install, import, verify and remove the models that Pinxit paints with"));
}

GimpProcedure* make_settings_procedure(GimpPlugIn* plug_in) {
  return make_window_procedure(plug_in, settings_procedure, run_settings_procedure, _("_Settings..."),
                               _("Choose where and how Pinxit computes"));
}

/// GIMP fills in the image whose menu was used, where there is one. It wants to fill in drawables as well: GIMP 3.0
/// crashes in its menu where an image is the last argument.
GimpProcedure* make_gallery_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure =
      make_window_procedure(plug_in, gallery_procedure, run_gallery_procedure, _("_Gallery..."),
                            _("Look at all runs of Neural Style, open them as layers, or run them again"));
  const auto flags = GParamFlags(G_PARAM_READWRITE | GIMP_PARAM_DONT_SERIALIZE);
  gimp_procedure_add_image_argument(procedure, "image", _("Image"), _("The image to run again on"), true, flags);
  gimp_procedure_add_core_object_array_argument(procedure, "drawables", _("Drawables"), _("Not used"),
                                                GIMP_TYPE_DRAWABLE, flags);
  return procedure;
}

constexpr struct {
  const char* name;
  GimpProcedure* (*make)(GimpPlugIn*);
} procedures[] = {
    {fast_style_procedure, make_fast_style_procedure}, {neural_style_procedure, make_neural_style_procedure},
    {generate_procedure, make_generate_procedure},     {generate_image_procedure, make_generate_image_procedure},
    {edit_style_procedure, make_edit_style_procedure}, {gallery_procedure, make_gallery_procedure},
    {models_procedure, make_models_procedure},         {settings_procedure, make_settings_procedure},
};

GList* query_procedures(GimpPlugIn*) {
  GList* names = nullptr;
  for (const auto& procedure : procedures) names = g_list_append(names, g_strdup(procedure.name));
  return names;
}

GimpProcedure* create_procedure(GimpPlugIn* plug_in, const gchar* name) {
  for (const auto& procedure : procedures)
    if (g_str_equal(name, procedure.name)) return procedure.make(plug_in);
  return nullptr;
}

/// Translations lie in locale/ beside the program. GIMP complains at every start where that folder is missing, as in
/// a build folder; then there is nothing to translate with.
gboolean set_i18n(GimpPlugIn*, const gchar*, gchar** domain, gchar** folder) {
  g_autofree char* program = g_file_read_link("/proc/self/exe", nullptr);
  g_autofree char* beside = program ? g_path_get_dirname(program) : nullptr;
  g_autofree char* locale = beside ? g_build_filename(beside, "locale", nullptr) : nullptr;
  if (!locale || !g_file_test(locale, G_FILE_TEST_IS_DIR)) return false;
  *domain = g_strdup(PINXIT_TEXT_DOMAIN);
  *folder = g_strdup("locale");
  return true;
}

}  // namespace

static void pinxit_plug_in_class_init(PinxitPlugInClass* klass) {
  GimpPlugInClass* plug_in = GIMP_PLUG_IN_CLASS(klass);
  plug_in->query_procedures = query_procedures;
  plug_in->create_procedure = create_procedure;
  plug_in->set_i18n = set_i18n;
}

static void pinxit_plug_in_init(PinxitPlugIn*) {}

GIMP_MAIN(pinxit_plug_in_get_type())
