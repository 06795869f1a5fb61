// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_strip.h"

#include "dialogs/models/models_words.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {

std::string job_words(const ModelJob& job) {
  if (job.stopping) return _("Stopping…");
  if (job.task == ModelJob::Task::remove) return _("Removing…");
  return progress_words(job.progress);
}

void show_progress(GtkProgressBar* bar, const ModelJob& job) {
  const double share = job.stopping ? -1 : progress_share(job.progress);
  if (share >= 0) gtk_progress_bar_set_fraction(bar, share);
  else gtk_progress_bar_pulse(bar);
  name_for_readers(GTK_WIDGET(bar), format_text(_("Progress of %s"), job.title.c_str()).c_str(),
                   job_words(job).c_str());
}

JobStrip::JobStrip(bool with_title)
    : with_title_(with_title),
      box_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 3)),
      words_(GTK_LABEL(gtk_label_new(nullptr))),
      bar_(GTK_PROGRESS_BAR(gtk_progress_bar_new())),
      cancel_(gtk_button_new_with_label(_("Cancel"))) {
  gtk_label_set_xalign(words_, 0);
  gtk_label_set_ellipsize(words_, PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_valign(GTK_WIDGET(bar_), GTK_ALIGN_CENTER);
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(bar_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(row), cancel_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box_), GTK_WIDGET(words_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box_), row, FALSE, FALSE, 0);
  on<void(GtkButton*)>(cancel_, "clicked", [this](GtkButton*) {
    if (on_cancel) on_cancel();
  });
  gtk_widget_show_all(box_);
}

void JobStrip::show(const ModelJob& job) {
  const std::string words = job_words(job);
  gtk_label_set_text(words_, with_title_ ? (job.title + " – " + words).c_str() : words.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(words_), job.subject.c_str());
  show_progress(bar_, job);
  name_for_readers(cancel_, format_text(_("Cancel %s"), job.title.c_str()).c_str());
  gtk_widget_set_sensitive(cancel_, !job.stopping && job.task != ModelJob::Task::remove);
}

}  // namespace pinxit
