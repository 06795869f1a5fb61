// SPDX-License-Identifier: Apache-2.0
//
// The plug-in as GIMP starts it: a GObject that knows its procedures (procedures.h) and where translations are.
#include <libgimp/gimp.h>

#include "engine/base/text.h"
#include "plugin/procedures.h"

G_DECLARE_FINAL_TYPE(PinxitPlugIn, pinxit_plug_in, PINXIT, PLUG_IN, GimpPlugIn)

struct _PinxitPlugIn {
  GimpPlugIn parent_instance;
};

G_DEFINE_TYPE(PinxitPlugIn, pinxit_plug_in, GIMP_TYPE_PLUG_IN)

namespace {

GList* query_procedures(GimpPlugIn*) {
  GList* names = nullptr;
  for (const char* name : pinxit::procedure_names()) names = g_list_append(names, g_strdup(name));
  return names;
}

GimpProcedure* create_procedure(GimpPlugIn* plug_in, const gchar* name) {
  return pinxit::make_procedure(plug_in, name);
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
