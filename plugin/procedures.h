// SPDX-License-Identifier: Apache-2.0
//
// The procedures GIMP knows of us: each is a declaration (name, menu entry, arguments, return values, what it runs) in
// one list, and all run in one frame, where exceptions stop.
//
//     for (const char* name : procedure_names()) …                  // GIMP asks what there is
//     GimpProcedure* procedure = make_procedure(plug_in, name);      // … and for one that it runs or lists
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include <string>
#include <vector>

namespace pinxit {

std::vector<const char*> procedure_names();

/// Null for a name that is none of ours.
GimpProcedure* make_procedure(GimpPlugIn* plug_in, const std::string& name);

}  // namespace pinxit
