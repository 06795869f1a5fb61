// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/painting_progress.h"

#include <algorithm>

#include "dialogs/shared/widgets.h"
#include "dialogs/shared/words.h"
#include "engine/base/text.h"

namespace pinxit {

PaintingProgress::PaintingProgress(const char* loading)
    : loading_(loading),
      pages_(GTK_STACK(gtk_stack_new())),
      line_(GTK_LABEL(gtk_label_new(nullptr))),
      bar_(GTK_PROGRESS_BAR(gtk_progress_bar_new())) {
  gtk_label_set_xalign(line_, 0);
  gtk_label_set_ellipsize(line_, PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(line_)), "pinxit-quiet");
  gtk_progress_bar_set_show_text(bar_, TRUE);
  gtk_widget_set_valign(GTK_WIDGET(bar_), GTK_ALIGN_CENTER);
  name_for_readers(GTK_WIDGET(bar_), _("Painting"));
  gtk_stack_add_named(pages_, GTK_WIDGET(line_), "choosing");
  gtk_stack_add_named(pages_, GTK_WIDGET(bar_), "painting");
  gtk_widget_set_margin_start(GTK_WIDGET(pages_), 12);
  gtk_widget_set_margin_end(GTK_WIDGET(pages_), 12);
  gtk_widget_set_margin_bottom(GTK_WIDGET(pages_), 6);
}

void PaintingProgress::tell(const std::string& text) {
  gtk_label_set_text(line_, text.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(line_), text.empty() ? nullptr : text.c_str());
}

void PaintingProgress::show_painting(bool painting) {
  gtk_stack_set_visible_child_name(pages_, painting ? "painting" : "choosing");
  gtk_progress_bar_set_fraction(bar_, 0);
  gtk_progress_bar_set_text(bar_, _("Painting…"));
  finishing_ = false;
}

void PaintingProgress::finishing() {
  finishing_ = true;
  gtk_progress_bar_set_text(bar_, _("Finishing the last iteration…"));
}

void PaintingProgress::hear(const Event& event) {
  if (finishing_) return;
  switch (event.kind) {
    case Event::Kind::queued:
      if (event.position > 0) {
        gtk_progress_bar_set_text(bar_, format_text(_("Waiting for %d other jobs…"), event.position).c_str());
        gtk_progress_bar_pulse(bar_);
      }
      break;
    case Event::Kind::loading:
      gtk_progress_bar_set_text(bar_, loading_.c_str());
      gtk_progress_bar_pulse(bar_);
      break;
    case Event::Kind::progress:
      if (event.of > 0) gtk_progress_bar_set_fraction(bar_, std::clamp(double(event.step) / event.of, 0.0, 1.0));
      gtk_progress_bar_set_text(
          bar_, event.seconds_left >= 1
                    ? format_text(_("Painting… %s left"), time_left(event.seconds_left).c_str()).c_str()
                    : _("Painting…"));
      break;
    case Event::Kind::note: gtk_progress_bar_set_text(bar_, event.text.c_str()); break;
    default: break;
  }
}

}  // namespace pinxit
