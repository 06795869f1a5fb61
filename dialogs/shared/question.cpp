// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/question.h"

#include <utility>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {

void ask(const Question& question, std::function<void()> agreed) {
  GtkWidget* dialog = gtk_message_dialog_new(GTK_WINDOW(gtk_widget_get_toplevel(question.from)),
                                             GtkDialogFlags(GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT),
                                             GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", question.question.c_str());
  gtk_window_set_title(GTK_WINDOW(dialog), question.title.c_str());
  name_for_readers(dialog, question.title.c_str());
  gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", question.consequence.c_str());
  gtk_dialog_add_button(GTK_DIALOG(dialog), question.no ? question.no : _("_Cancel"), GTK_RESPONSE_CANCEL);
  GtkWidget* confirm = gtk_dialog_add_button(GTK_DIALOG(dialog), question.yes, GTK_RESPONSE_ACCEPT);
  if (question.destroys) gtk_style_context_add_class(gtk_widget_get_style_context(confirm), "destructive-action");
  gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_CANCEL);
  // Shown, not run: a nested main loop would leave screen readers without an answer.
  on<void(GtkDialog*, int)>(dialog, "response", [agreed = std::move(agreed)](GtkDialog* answered, int response) {
    const auto then = agreed;  // goes with the dialog
    gtk_widget_destroy(GTK_WIDGET(answered));
    if (response == GTK_RESPONSE_ACCEPT) then();
  });
  gtk_widget_show_all(dialog);
}

}  // namespace pinxit
