// SPDX-License-Identifier: Apache-2.0
#include "dialogs/settings/settings_dialog.h"

#include <gtk/gtk.h>

#include <string>
#include <thread>
#include <vector>

#include "dialogs/shared/device_names.h"
#include "dialogs/shared/main_loop.h"
#include "dialogs/shared/widgets.h"
#include "dialogs/shared/window.h"
#include "engine/base/text.h"
#include "engine/client/engine_client.h"
#include "engine/requests/settings.h"

namespace pinxit {
namespace {

/// What is said of the engine, and whether there is one to stop.
struct EngineState {
  std::string text;
  std::vector<std::string> devices;
  bool running = false;
};

EngineOptions without_starting() {
  EngineOptions options;
  options.start = false;
  return options;
}

/// Asks a running engine; blocks for a moment, so it is called on a thread.
EngineState ask_engine() {
  auto client = EngineClient::connect(without_starting());
  if (!client) {
    if (client.error().code == ErrorCode::engine_missing)
      return {_("Not running. It starts with the next picture or preview."), {}, false};
    return {client.error().sentence + " " + client.error().hint, {}, client.error().code != ErrorCode::engine_lost};
  }
  auto status = client->status();
  if (!status) return {status.error().sentence, {}, true};
  const EngineFacts facts = engine_facts(*status);
  std::string text = format_text(_("Running, version %s."), facts.version.c_str());
  const auto add_list = [&](const char* label, const std::vector<std::string>& items, auto&& title) {
    std::string list;
    for (const auto& item : items) list += (list.empty() ? "" : ", ") + title(item);
    if (!list.empty()) text += "\n" + format_text(label, list.c_str());
  };
  add_list(_("Devices: %s"), facts.devices, device_title);
  add_list(_("Styles in memory: %s"), facts.models, [](const std::string& name) { return name; });
  if (facts.jobs > 0) text += "\n" + format_text(_("Jobs: %d"), facts.jobs);
  return {text, facts.devices, true};
}

class SettingsWindow {
 public:
  SettingsWindow();
  ~SettingsWindow();
  void run();

 private:
  GtkWidget* settings_grid();
  GtkWidget* engine_box();
  void show(const Settings& settings);
  void add_device(const std::string& id);
  void refresh(bool stop_first);
  void engine_told(const EngineState& state);
  void answer(int response);

  Settings settings_;
  GtkWidget* window_;
  MessageBar messages_;
  GtkComboBoxText* device_;
  GtkSpinButton* threads_;
  GtkSpinButton* memory_;
  GtkSpinButton* idle_;
  GtkEntry* folder_;
  GtkToggleButton* keep_prompts_;
  GtkLabel* engine_;
  GtkWidget* stop_;
  std::vector<std::string> device_ids_;
  GMainLoop* loop_;
  Mailbox mailbox_;
};

SettingsWindow::SettingsWindow() : window_(gtk_dialog_new()), loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, _("Neural Settings"));
  gtk_window_set_default_size(GTK_WINDOW(window_), 520, -1);
  add_buttons(window_);

  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 18);
  gtk_box_pack_start(GTK_BOX(column), settings_grid(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), engine_box(), FALSE, FALSE, 0);
  fill_window(window_, {.above = messages_.widget(), .body = column});

  if (auto loaded = Settings::load()) settings_ = *loaded;
  else messages_.show(loaded.error());
  show(settings_);

  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int response) { answer(response); });
  on_close_button(window_, [this] { answer(GTK_RESPONSE_CANCEL); });
  refresh(false);
}

SettingsWindow::~SettingsWindow() {
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

GtkWidget* SettingsWindow::settings_grid() {
  GtkWidget* grid = gtk_grid_new();
  gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
  gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
  int row = 0;
  const auto add = [&](GtkWidget* widget, const char* mnemonic, const char* name, const char* help,
                       const char* zero = nullptr) {
    gtk_widget_set_hexpand(widget, TRUE);
    gtk_widget_set_tooltip_text(widget, help);
    name_for_readers(widget, name, help);
    gtk_grid_attach(GTK_GRID(grid), label_for(widget, mnemonic), 0, row, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), widget, 1, row, zero ? 1 : 2, 1);
    if (zero) {
      GtkWidget* meaning = quiet_label(zero);
      gtk_label_set_xalign(GTK_LABEL(meaning), 0);
      gtk_grid_attach(GTK_GRID(grid), meaning, 2, row, 1, 1);
    }
    row++;
  };
  const auto spin = [](double most, double step) {
    GtkWidget* button = gtk_spin_button_new_with_range(0, most, step);
    return GTK_SPIN_BUTTON(button);
  };

  device_ = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
  add(GTK_WIDGET(device_), _("_Device"), _("Device"),
      _("What computes where a picture does not say otherwise"));
  threads_ = spin(1024, 1);
  add(GTK_WIDGET(threads_), _("_Threads"), _("Threads"), _("Threads on the CPU; 0: one per core"),
      _("0: one per core"));
  memory_ = spin(1 << 24, 256);
  add(GTK_WIDGET(memory_), _("_Memory limit (MiB)"), _("Memory limit"),
      _("The most memory the engine plans for one picture; 0: chosen from what is free"),
      _("0: automatic"));
  idle_ = spin(527040, 1);
  gtk_spin_button_set_digits(idle_, 1);
  add(GTK_WIDGET(idle_), _("_Idle minutes"), _("Idle minutes"),
      _("The engine ends after so many minutes without work and gives its memory back"), _("0: at once"));

  folder_ = GTK_ENTRY(gtk_entry_new());
  gtk_entry_set_placeholder_text(folder_, _("none"));
  gtk_entry_set_icon_from_icon_name(folder_, GTK_ENTRY_ICON_SECONDARY, "folder-open");
  gtk_entry_set_icon_tooltip_text(folder_, GTK_ENTRY_ICON_SECONDARY, _("Choose a folder"));
  add(GTK_WIDGET(folder_), _("Model _folder"), _("Model folder"), _("A folder of yours that models are installed into, and that is searched for them"));
  on<void(GtkEntry*, GtkEntryIconPosition, GdkEvent*)>(
      folder_, "icon-press", [this](GtkEntry*, GtkEntryIconPosition, GdkEvent*) {
        ask_for_file({GTK_WINDOW(window_), _("Choose a folder of models"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER},
                     [this, letters = mailbox_.sender()](const std::string& path) {
                       letters.post([this, path] { gtk_entry_set_text(folder_, path.c_str()); });
                     });
      });

  const char* keep_help = _("Whether “Keep the prompt with the layer” begins ticked in Generate from Text");
  GtkWidget* keep = gtk_check_button_new_with_mnemonic(_("Keep _prompts with layers"));
  keep_prompts_ = GTK_TOGGLE_BUTTON(keep);
  gtk_widget_set_tooltip_text(keep, keep_help);
  name_for_readers(keep, _("Keep prompts with layers"), keep_help);
  gtk_grid_attach(GTK_GRID(grid), keep, 1, row, 2, 1);
  return grid;
}

GtkWidget* SettingsWindow::engine_box() {
  engine_ = GTK_LABEL(gtk_label_new(_("Asking the engine…")));
  gtk_label_set_xalign(engine_, 0);
  gtk_label_set_line_wrap(engine_, TRUE);
  gtk_label_set_max_width_chars(engine_, 44);
  stop_ = gtk_button_new_with_mnemonic(_("Stop _engine"));
  gtk_widget_set_tooltip_text(stop_, _("Ends the engine now, with whatever it is painting, and frees its memory"));
  gtk_widget_set_valign(stop_, GTK_ALIGN_START);
  gtk_widget_set_sensitive(stop_, FALSE);
  on<void(GtkButton*)>(stop_, "clicked", [this](GtkButton*) { refresh(true); });

  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_container_set_border_width(GTK_CONTAINER(row), 6);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(engine_), TRUE, TRUE, 0);
  gtk_box_pack_end(GTK_BOX(row), stop_, FALSE, FALSE, 0);
  GtkWidget* frame = gtk_frame_new(_("Engine"));
  gtk_container_add(GTK_CONTAINER(frame), row);
  return frame;
}

void SettingsWindow::run() {
  gtk_widget_show_all(window_);
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
}

void SettingsWindow::show(const Settings& settings) {
  for (const char* id : {"auto", "cpu"}) add_device(id);
  add_device(settings.device);
  gtk_combo_box_set_active_id(GTK_COMBO_BOX(device_), settings.device.c_str());
  gtk_spin_button_set_value(threads_, settings.threads);
  gtk_spin_button_set_value(memory_, settings.memory_limit_mib);
  gtk_spin_button_set_value(idle_, settings.idle_minutes);
  gtk_entry_set_text(folder_, settings.model_folder.c_str());
  gtk_toggle_button_set_active(keep_prompts_, settings.keep_prompts);
}

void SettingsWindow::add_device(const std::string& id) {
  for (const auto& known : device_ids_)
    if (known == id) return;
  device_ids_.push_back(id);
  gtk_combo_box_text_append(device_, id.c_str(), device_title(id).c_str());
}

void SettingsWindow::refresh(bool stop_first) {
  gtk_widget_set_sensitive(stop_, FALSE);
  std::thread([this, stop_first, letters = mailbox_.sender()] {
    auto state = guarded([&] {
      if (stop_first) {
        EngineClient::connect(without_starting()).take().retire(true).take();
        for (int tries = 0; tries < 20 && EngineClient::connect(without_starting()); tries++) g_usleep(100000);
      }
      return ask_engine();
    });
    letters.post([this, state = state ? *state : EngineState{state.error().sentence, {}, true}] {
      engine_told(state);
    });
  }).detach();
}

void SettingsWindow::engine_told(const EngineState& state) {
  gtk_label_set_text(engine_, state.text.c_str());
  gtk_widget_set_sensitive(stop_, state.running);
  for (const auto& device : state.devices) add_device(device);
}

void SettingsWindow::answer(int response) {
  if (response == GTK_RESPONSE_REJECT) {
    show(Settings());
    return;
  }
  if (response == GTK_RESPONSE_OK) {
    if (const char* device = gtk_combo_box_get_active_id(GTK_COMBO_BOX(device_))) settings_.device = device;
    settings_.threads = gtk_spin_button_get_value_as_int(threads_);
    settings_.memory_limit_mib = gtk_spin_button_get_value_as_int(memory_);
    settings_.idle_minutes = gtk_spin_button_get_value(idle_);
    settings_.model_folder = gtk_entry_get_text(folder_);
    settings_.keep_prompts = gtk_toggle_button_get_active(keep_prompts_);
    if (const auto saved = settings_.save(); !saved) {
      messages_.show(saved.error());
      return;
    }
  }
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
}

}  // namespace

Status run_settings_dialog() {
  return guarded([] {
    require_display();
    SettingsWindow().run();
    return Nothing{};
  });
}

}  // namespace pinxit
