// SPDX-License-Identifier: Apache-2.0
//
// The plug-in as GIMP sees it: two procedures, their menu entries, and their run functions. This is the only file
// with GObject boilerplate; exceptions stop here.
#include <libgimp/gimp.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "plugin/arguments.h"
#include "plugin/fast_style.h"
#include "plugin/windows.h"

G_DECLARE_FINAL_TYPE(PinxitPlugIn, pinxit_plug_in, PINXIT, PLUG_IN, GimpPlugIn)

struct _PinxitPlugIn {
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE(PinxitPlugIn, pinxit_plug_in, GIMP_TYPE_PLUG_IN)

namespace {

using namespace pinxit;

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

GimpValueArray* run_fast_style_procedure(GimpProcedure* procedure, GimpRunMode mode, GimpImage* image,
                                         GimpDrawable** drawables, GimpProcedureConfig* config, gpointer) {
  const auto layers = guarded([&] {
    auto request = request_of<FastStyleRequest>(config);
    auto made = run_fast_style(mode, image, drawables, request);
    if (made && mode == GIMP_RUN_INTERACTIVE) keep_as_last_values(request, config);
    return made;
  });
  if (!layers) return failed(procedure, layers.error());
  if (!*layers) return gimp_procedure_new_return_values(procedure, GIMP_PDB_CANCEL, nullptr);

  const std::vector<GimpLayer*>& made = **layers;
  GimpValueArray* values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
  g_value_set_object(gimp_value_array_index(values, 1), made.front());
  auto** list = g_new0(GObject*, made.size() + 1);
  for (size_t i = 0; i < made.size(); ++i) list[i] = G_OBJECT(made[i]);
  g_value_take_boxed(gimp_value_array_index(values, 2), list);
  return values;
}

GimpValueArray* run_settings_procedure(GimpProcedure* procedure, GimpProcedureConfig* config, gpointer) {
  GimpRunMode mode = GIMP_RUN_NONINTERACTIVE;
  g_object_get(config, "run-mode", &mode, nullptr);
  const Status done = guarded([&] {
    if (mode == GIMP_RUN_NONINTERACTIVE)
      throw Failure(ErrorCode::bad_argument, _("The settings are a window and need a painter before it."),
                    _("Scripts give their settings with each call instead."));
    return show_settings_window().take();
  });
  if (!done) return failed(procedure, done.error());
  return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, nullptr);
}

void describe(GimpProcedure* procedure, const char* label, const char* blurb) {
  const std::string menu = std::string("<Image>/Filters/") + _("_Neural");
  gimp_procedure_set_menu_label(procedure, label);
  gimp_procedure_add_menu_path(procedure, menu.c_str());
  gimp_procedure_set_icon_name(procedure, "gimp-gegl");
  gimp_procedure_set_documentation(procedure, blurb, nullptr, gimp_procedure_get_name(procedure));
  gimp_procedure_set_attribution(procedure, "The Pinxit authors", "The Pinxit authors", "2026");
}

GimpProcedure* make_fast_style_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = gimp_image_procedure_new(plug_in, fast_style_procedure, GIMP_PDB_PROC_TYPE_PLUGIN,
                                                      run_fast_style_procedure, nullptr, nullptr);
  // Indexed images are let in to be refused with a sentence that says what to do.
  gimp_procedure_set_image_types(procedure, "*");
  gimp_procedure_set_sensitivity_mask(procedure,
                                      GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  describe(procedure, _("_Fast Style..."), _("Paint the selected layers in the style of a painting, as new layers"));
  add_arguments<FastStyleRequest>(procedure);
  gimp_procedure_add_layer_return_value(procedure, "layer", _("Layer"), _("The new layer above the first drawable"),
                                        false, G_PARAM_READWRITE);
  gimp_procedure_add_core_object_array_return_value(procedure, "layers", _("Layers"),
                                                    _("All new layers, in the order of the drawables"), GIMP_TYPE_LAYER,
                                                    G_PARAM_READWRITE);
  return procedure;
}

GimpProcedure* make_settings_procedure(GimpPlugIn* plug_in) {
  GimpProcedure* procedure = gimp_procedure_new(plug_in, settings_procedure, GIMP_PDB_PROC_TYPE_PLUGIN,
                                                run_settings_procedure, nullptr, nullptr);
  gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
  describe(procedure, _("_Settings..."), _("Choose where and how Pinxit computes"));
  gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"), GIMP_TYPE_RUN_MODE,
                                   GIMP_RUN_INTERACTIVE, G_PARAM_READWRITE);
  return procedure;
}

GList* query_procedures(GimpPlugIn*) {
  GList* names = g_list_append(nullptr, g_strdup(fast_style_procedure));
  return g_list_append(names, g_strdup(settings_procedure));
}

GimpProcedure* create_procedure(GimpPlugIn* plug_in, const gchar* name) {
  if (g_str_equal(name, fast_style_procedure)) return make_fast_style_procedure(plug_in);
  if (g_str_equal(name, settings_procedure)) return make_settings_procedure(plug_in);
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
