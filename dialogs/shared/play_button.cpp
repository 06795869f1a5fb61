// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/play_button.h"

#include <utility>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

void set_icon(GtkToggleButton* button, const char* icon) {
  gtk_button_set_image(GTK_BUTTON(button), gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON));
}

}  // namespace

PlayButton::PlayButton() : button_(GTK_TOGGLE_BUTTON(gtk_toggle_button_new())) {
  gtk_widget_set_tooltip_text(widget(), _("Shows all iterations one after the other"));
  name_for_readers(widget(), _("Play"), _("Shows all iterations one after the other"));
  set_icon(button_, "media-playback-start");
  on<void(GtkToggleButton*)>(button_, "toggled", [this](GtkToggleButton*) { toggled(); });
}

PlayButton::~PlayButton() {
  if (timer_) g_source_remove(timer_);
}

void PlayButton::play(bool playing) {
  gtk_toggle_button_set_active(button_, playing);
}

void PlayButton::toggled() {
  const bool playing = gtk_toggle_button_get_active(button_);
  if (timer_) g_source_remove(std::exchange(timer_, 0));
  set_icon(button_, playing ? "media-playback-pause" : "media-playback-start");
  if (playing)
    timer_ = g_timeout_add(
        frame_ms,
        [](gpointer self) -> gboolean {
          if (const auto& on_frame = static_cast<PlayButton*>(self)->on_frame) on_frame();
          return G_SOURCE_CONTINUE;
        },
        this);
  if (on_play) on_play(playing);
}

}  // namespace pinxit
