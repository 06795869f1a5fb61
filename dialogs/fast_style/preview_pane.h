// SPDX-License-Identifier: Apache-2.0
//
// The picture in the window: before on the left of a divider, after on its right.
//
//     PreviewPane pane(source);
//     pane.on_view_changed = [&] { worker.ask({request, pane.view(), pane.size()}, 150); };
//     pane.show(frame);                   // an "after"; stays until a better one comes
//     pane.working(_("computing…"));      // a small sign over the picture; empty: none
//
// Detail shows the source 1:1; the picture is dragged with the pointer or moved in the small overview in the corner.
// Whole shows it reduced. The divider is dragged, or moved with Left and Right (Home and End for its ends); Control
// with an arrow key moves the picture. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <optional>
#include <string>

#include "dialogs/fast_style/preview_worker.h"
#include "dialogs/shared/preview_geometry.h"
#include "dialogs/shared/preview_surface.h"

namespace pinxit {

class PreviewPane {
 public:
  explicit PreviewPane(SharedPicture source);
  PreviewPane(const PreviewPane&) = delete;
  GtkWidget* widget() const { return overlay_; }

  /// Called when another part, mode or size is wanted.
  std::function<void()> on_view_changed;

  void set_kind(View::Kind kind);  ///< crop or fitted
  /// What the pane shows at the moment, and how large its picture is; nothing before the pane has a size.
  View view() const;
  Size size() const;
  bool ready() const { return pane_.width > 0; }

  void show(const PreviewFrame& frame);
  /// Whether there is (or will soon be) an "after"; otherwise only the picture is shown, without a divider.
  void compare(bool comparing);
  void working(const std::string& text);

 private:
  struct After {
    Region region;  ///< crop: in the picture; fitted: unused
    Surface surface;
  };
  enum class Grip { none, divider, picture, overview };

  Size picture() const { return {source_.view().width, source_.view().height}; }
  Region shown() const;     ///< where the picture lies on the pane
  Region overview() const;  ///< empty when all of the picture is seen
  void resized();
  void draw(cairo_t* cairo);
  void draw_before(cairo_t* cairo);
  void draw_after(cairo_t* cairo);
  void draw_divider(cairo_t* cairo);
  void draw_overview(cairo_t* cairo);
  void draw_caption(cairo_t* cairo, const char* text, bool right);
  Grip grip_at(double x, double y) const;
  bool press(GdkEventButton* event);
  bool motion(GdkEventMotion* event);
  bool key(GdkEventKey* event);
  void move_split(double split);
  void move_crop(const Region& crop);
  void look_at_overview(double x, double y);
  void redraw() { gtk_widget_queue_draw(area_); }

  SharedPicture source_;
  GtkWidget* overlay_;
  GtkWidget* area_;
  GtkWidget* sign_;
  GtkSpinner* spinner_;
  GtkLabel* sign_text_;

  View::Kind kind_ = View::Kind::crop;
  Size pane_;                        ///< device pixels
  double centre_x_, centre_y_;       ///< of the crop, in the picture
  Region crop_;
  bool comparing_ = true;
  double split_ = 0.5;
  Surface reduced_;                  ///< before, fitted
  Size reduced_size_;
  Surface small_;                    ///< the overview's picture
  std::optional<After> after_crop_, after_fitted_;

  Grip grip_ = Grip::none;
  double grip_x_ = 0, grip_y_ = 0;
  Region grip_crop_;
};

}  // namespace pinxit
