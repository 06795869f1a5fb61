// SPDX-License-Identifier: Apache-2.0
//
// The gallery's window puts its parts together: list, details, actions. The gallery is the truth; what others change
// there is seen within `refresh_ms`.
#include "dialogs/gallery/gallery_window.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <string>
#include <utility>

#include "dialogs/gallery/gallery_actions.h"
#include "dialogs/gallery/gallery_details.h"
#include "dialogs/gallery/gallery_list.h"
#include "dialogs/gallery/gallery_words.h"
#include "dialogs/shared/widgets.h"
#include "dialogs/shared/window.h"
#include "dialogs/shared/words.h"
#include "engine/base/text.h"
#include "engine/gallery/gallery.h"

namespace pinxit {
namespace {

constexpr guint refresh_ms = 1500;

class GalleryWindow {
 public:
  GalleryWindow(const GalleryHost& host, Gallery gallery);
  ~GalleryWindow();
  void run();

 private:
  GtkWidget* left_side();
  GtkWidget* right_side();
  void connect();
  gboolean key(GdkEventKey* event);

  void refresh();
  void show_chosen();
  void open(GalleryActions::What what);
  void run_again();
  Status rename(const std::string& name);
  void remove();
  void tell(const Error& error);
  Result<SrgbPicture> last_picture(int64_t id);
  void close();

  const GalleryHost& host_;
  Gallery gallery_;
  std::vector<GalleryEntry> entries_;
  bool told_of_trouble_ = false;  ///< of reading: not again with each refresh

  GtkWidget* window_;
  MessageBar messages_;
  GtkEntry* search_;
  GtkStack* list_pages_;
  GtkStack* detail_pages_;
  GalleryList list_;
  GalleryDetails details_;
  GalleryActions actions_;
  GtkLabel* used_;
  guint timer_ = 0;
  GMainLoop* loop_;
};

GalleryWindow::GalleryWindow(const GalleryHost& host, Gallery gallery)
    : host_(host),
      gallery_(std::move(gallery)),
      window_(gtk_dialog_new()),
      list_([this](int64_t id) { return last_picture(id); }),
      details_(gallery_),
      loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, _("Gallery"));
  gtk_window_set_default_size(GTK_WINDOW(window_), 1080, 720);
  GtkWidget* panes = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_pack1(GTK_PANED(panes), left_side(), FALSE, FALSE);
  gtk_paned_pack2(GTK_PANED(panes), right_side(), TRUE, FALSE);
  fill_window(window_, {.above = messages_.widget(), .body = panes});

  pad_buttons(gtk_dialog_add_button(GTK_DIALOG(window_), _("_Close"), GTK_RESPONSE_CLOSE));
  connect();
}

GalleryWindow::~GalleryWindow() {
  if (timer_) g_source_remove(timer_);
  list_.on_chosen = nullptr;  // rows that go away choose others
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

GtkWidget* GalleryWindow::left_side() {
  search_ = GTK_ENTRY(gtk_search_entry_new());
  gtk_entry_set_placeholder_text(search_, _("Search runs"));
  name_for_readers(GTK_WIDGET(search_), _("Search runs"), _("Shows the runs whose names contain this"));
  list_pages_ = GTK_STACK(gtk_stack_new());
  gtk_widget_show_all(list_.widget());
  gtk_stack_add_named(list_pages_, list_.widget(), "runs");
  gtk_stack_add_named(list_pages_, quiet_page(_("No run fits the search.")), "none-fits");
  gtk_stack_add_named(list_pages_,
                      quiet_page(_("There are no runs yet.\n\nEach picture painted with Neural Style is kept here.")),
                      "no-runs");
  used_ = GTK_LABEL(quiet_label(""));
  gtk_label_set_xalign(used_, 0);

  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_size_request(column, 330, -1);
  gtk_widget_set_margin_end(column, 6);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(search_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(list_pages_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(used_), FALSE, FALSE, 0);
  return column;
}

GtkWidget* GalleryWindow::right_side() {
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_box_pack_start(GTK_BOX(column), details_.widget(), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), actions_.widget(), FALSE, FALSE, 0);
  gtk_widget_show_all(column);
  detail_pages_ = GTK_STACK(gtk_stack_new());
  gtk_widget_set_margin_start(GTK_WIDGET(detail_pages_), 10);
  gtk_stack_add_named(detail_pages_, column, "run");
  gtk_stack_add_named(detail_pages_, quiet_page(_("Choose a run to look at it.")), "none-chosen");
  gtk_stack_add_named(detail_pages_, quiet_page(""), "none");
  return GTK_WIDGET(detail_pages_);
}

void GalleryWindow::connect() {
  list_.on_chosen = [this] { show_chosen(); };
  details_.on_error = [this](const Error& error) { tell(error); };
  details_.on_changed = [this] { refresh(); };
  actions_.on_open = [this](GalleryActions::What what) { open(what); };
  actions_.on_run_again = [this] { run_again(); };
  actions_.on_delete = [this] { remove(); };
  actions_.on_rename = [this](const std::string& name) { return rename(name); };
  connect_search(search_, {.change = [this] { refresh(); },
                           .enter = [this] { list_.take_focus(); },
                           .leave = [this] { close(); }});
  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int) { close(); });
  on_close_button(window_, [this] { close(); });
  on<gboolean(GtkWidget*, GdkEventKey*)>(window_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) { return key(event); });
}

gboolean GalleryWindow::key(GdkEventKey* event) {
  const bool control = event->state & GDK_CONTROL_MASK;
  if (control && event->keyval == GDK_KEY_f) {
    gtk_widget_grab_focus(GTK_WIDGET(search_));
    return TRUE;
  }
  if (event->keyval == GDK_KEY_F2) {
    actions_.ask_for_name();
    return TRUE;
  }
  if (event->keyval == GDK_KEY_Delete && !GTK_IS_ENTRY(gtk_window_get_focus(GTK_WINDOW(window_)))) {
    actions_.ask_to_delete();
    return TRUE;
  }
  return FALSE;
}

void GalleryWindow::run() {
  refresh();
  list_.choose_first();
  show_chosen();
  gtk_widget_show_all(window_);
  show_chosen();  // a stack turns only to pages that are shown
  refresh();
  list_.take_focus();
  if (gallery_.trouble()) tell(*gallery_.trouble());
  timer_ = g_timeout_add(
      refresh_ms,
      [](gpointer self) -> gboolean {
        static_cast<GalleryWindow*>(self)->refresh();
        return G_SOURCE_CONTINUE;
      },
      this);
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
}

void GalleryWindow::refresh() {
  const char* filter = gtk_entry_get_text(search_);
  auto entries = gallery_.list(filter);
  if (!entries) {
    if (!std::exchange(told_of_trouble_, true)) tell(entries.error());
    return;
  }
  told_of_trouble_ = false;
  entries_ = std::move(*entries);
  list_.fill(entries_);
  gtk_stack_set_visible_child_name(list_pages_, !entries_.empty() ? "runs" : *filter ? "none-fits" : "no-runs");
  gtk_label_set_text(used_, format_text(_("Used: %s of %s"), disk_size(gallery_.bytes()).c_str(),
                                        disk_size(gallery_.limit_bytes).c_str())
                                .c_str());
  show_chosen();
}

void GalleryWindow::show_chosen() {
  const int64_t id = list_.chosen();
  for (const GalleryEntry& entry : entries_) {
    if (entry.id != id) continue;
    gtk_stack_set_visible_child_name(detail_pages_, "run");
    details_.show(entry);
    actions_.show(entry, !details_.iterations().empty(), {bool(host_.open_as_layers), bool(host_.run_again)});
    return;
  }
  details_.play(false);
  gtk_stack_set_visible_child_name(detail_pages_, entries_.empty() ? "none" : "none-chosen");
}

void GalleryWindow::open(GalleryActions::What what) {
  const bool result = what == GalleryActions::What::result || what == GalleryActions::What::result_and_all;
  std::vector<int> iterations;
  if (what == GalleryActions::What::shown && details_.iteration() >= 0) iterations = {details_.iteration()};
  if (what == GalleryActions::What::all || what == GalleryActions::What::result_and_all)
    iterations = details_.iterations();
  messages_.hide();
  const Status opened = host_.open_as_layers(list_.chosen(), iterations, result);
  if (!opened) return tell(opened.error());
  const auto count = gulong(iterations.size() + (result ? 1 : 0));
  messages_.tell(format_text(dngettext(PINXIT_TEXT_DOMAIN, "%d layer was opened.", "%d layers were opened.", count),
                             int(count)));
}

void GalleryWindow::run_again() {
  const auto entry = gallery_.entry(list_.chosen());
  if (!entry) return tell(entry.error());
  NeuralStyleRequest request = entry->request;
  request.name = gallery_.free_name(entry->name);
  details_.play(false);
  messages_.hide();
  const Status run = host_.run_again(request);
  if (!run && run.error().code != ErrorCode::cancelled) tell(run.error());
  refresh();
  if (run) list_.choose_first();
}

Status GalleryWindow::rename(const std::string& name) {
  const Status renamed = gallery_.rename(list_.chosen(), name);
  if (renamed) refresh();
  return renamed;
}

void GalleryWindow::remove() {
  const int64_t id = list_.chosen();
  size_t place = 0;
  while (place < entries_.size() && entries_[place].id != id) place++;
  if (const Status removed = gallery_.remove(id); !removed) return tell(removed.error());
  messages_.hide();
  refresh();
  if (entries_.empty()) {
    gtk_widget_grab_focus(GTK_WIDGET(search_));
    return;
  }
  list_.choose(entries_[std::min(place, entries_.size() - 1)].id);
  list_.take_focus();
}

Result<SrgbPicture> GalleryWindow::last_picture(int64_t id) {
  return guarded([&] {
    int last = 0;
    for (const GalleryIteration& one : gallery_.iterations(id).take())
      if (one.shown) last = one.iteration;
    return gallery_.picture(id, last).take();
  });
}

void GalleryWindow::tell(const Error& error) { messages_.show(error); }

void GalleryWindow::close() {
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
}

}  // namespace

Status run_gallery_window(const GalleryHost& host) {
  return guarded([&] {
    require_display();
    GalleryWindow(host, Gallery::open().take()).run();
    return Nothing{};
  });
}

}  // namespace pinxit
