// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/run_buttons.h"

#include "dialogs/shared/window.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

GtkWidget* button_of(GtkDialog* dialog, int response) { return gtk_dialog_get_widget_for_response(dialog, response); }

}  // namespace

void add_run_buttons(GtkDialog* dialog) {
  gtk_dialog_add_button(dialog, _("_Reset"), GTK_RESPONSE_REJECT);
  gtk_dialog_add_button(dialog, _("Run a_gain with changed settings"), answer_again);
  gtk_dialog_add_button(dialog, _("_Cancel"), GTK_RESPONSE_CANCEL);
  gtk_dialog_add_button(dialog, _("S_top"), answer_stop);
  gtk_dialog_add_button(dialog, _("P_aint"), answer_paint);
  GtkWidget* insert = gtk_dialog_add_button(dialog, _("I_nsert"), GTK_RESPONSE_OK);
  gtk_widget_set_tooltip_text(button_of(dialog, answer_stop), _("Ends the run and keeps the last finished iteration"));
  GtkWidget* row = gtk_widget_get_parent(insert);
  for (const int response : {int(GTK_RESPONSE_REJECT), int(answer_again), int(answer_stop), int(answer_paint),
                             int(GTK_RESPONSE_OK)})
    gtk_widget_set_no_show_all(button_of(dialog, response), TRUE);
  for (const int response : {int(answer_again), int(GTK_RESPONSE_OK)})  // long ones do not widen the others
    gtk_button_box_set_child_non_homogeneous(GTK_BUTTON_BOX(row), button_of(dialog, response), TRUE);
  pad_buttons(insert);
}

void offer_run_buttons(GtkDialog* dialog, RunPhase phase, RunResult result) {
  const bool choosing = phase == RunPhase::choosing, ended = phase == RunPhase::ended;
  const bool painting = phase == RunPhase::painting || phase == RunPhase::finishing;
  gtk_widget_set_visible(button_of(dialog, GTK_RESPONSE_REJECT), choosing);
  gtk_widget_set_visible(button_of(dialog, answer_paint), choosing);
  gtk_widget_set_visible(button_of(dialog, answer_stop), painting);
  gtk_widget_set_visible(button_of(dialog, answer_again), ended);
  gtk_widget_set_visible(button_of(dialog, GTK_RESPONSE_OK), ended);
  gtk_dialog_set_response_sensitive(dialog, answer_stop, phase == RunPhase::painting);
  gtk_button_set_label(GTK_BUTTON(button_of(dialog, GTK_RESPONSE_OK)),
                       result == RunResult::inserted   ? _("I_nsert")
                       : result == RunResult::replaces ? _("Replace the pai_nting")
                                                       : _("Keep the last iteration as show_n"));
  const int usual = choosing ? int(answer_paint) : ended ? int(GTK_RESPONSE_OK) : int(answer_stop);
  gtk_dialog_set_default_response(dialog, usual);
  if (!choosing) gtk_widget_grab_focus(button_of(dialog, usual));
}

}  // namespace pinxit
