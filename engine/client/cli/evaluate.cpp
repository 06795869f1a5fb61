// SPDX-License-Identifier: Apache-2.0
//
// pinxit evaluate neural-style: losses and gradient of a preset at a picture, for comparison with other programs.
#include <json-glib/json-glib.h>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/interrupt.h"
#include "engine/client/cli/late_engine.h"
#include "engine/client/cli/neural_request.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/report.h"
#include "engine/client/cli/shared_files.h"
#include "engine/client/cli/tensor_file.h"

namespace pinxit {
namespace {

struct Words {
  std::string content, at, output;
  NeuralStyleRequest request;
};

std::string wanted(const char* text, const char* option) {
  if (text) return text;
  throw Failure(ErrorCode::bad_argument, format_text(_("%s is missing."), option),
                format_text(_("“%s --help” lists the options."), g_get_prgname()));
}

Words parse(int count, char** texts) {
  g_autofree char* preset = nullptr;
  g_autofree char* vgg = nullptr;
  g_autofree char* content = nullptr;
  g_auto(GStrv) styles = nullptr;
  g_autofree char* at = nullptr;
  g_autofree char* output = nullptr;
  g_autofree char* device = nullptr;
  gboolean fp64 = FALSE;
  Options options("neural-style");
  options.add({"preset", 0, 0, G_OPTION_ARG_FILENAME, &preset, N_("The objective: a preset's name, or its file"),
               N_("NAME|FILE.json")});
  options.add({"vgg", 0, 0, G_OPTION_ARG_FILENAME, &vgg, N_("The VGG19 that compares: a weights file, or an id"),
               N_("FILE")});
  options.add({"content", 0, 0, G_OPTION_ARG_FILENAME, &content, N_("The content picture"), N_("FILE")});
  options.add({"style", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &styles, N_("The style picture; may be repeated"),
               N_("FILE[:WEIGHT]")});
  options.add({"at", 0, 0, G_OPTION_ARG_FILENAME, &at, N_("The picture to evaluate, as large as the content"),
               N_("FILE")});
  options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
               N_("Where the gradient of the total goes: tensor “gradient” [3,H,W]"), N_("FILE.safetensors")});
  options.add({"fp64", 0, 0, G_OPTION_ARG_NONE, &fp64, N_("Compute in double precision"), nullptr});
  options.add({"device", 0, 0, G_OPTION_ARG_STRING, &device, N_("What computes: auto, cpu, cuda or cuda:N"),
               "auto|cpu|cuda|cuda:N"});
  options.parse(count, texts);
  if (options.words() != std::vector<std::string>{"neural-style"})
    throw Failure(ErrorCode::bad_argument, _("Say what is evaluated."), _("“pinxit evaluate neural-style …”."));
  Words words;
  NeuralStyleRequest& request = words.request;
  for (char** style = styles; style && *style; ++style)
    for (const WeightedStyle& one : styles_from_text(*style).take())
      request.styles.push_back({absolute_file(one.style), one.weight});
  if (request.styles.empty()) wanted(nullptr, "--style");
  if (preset) request.preset = preset_of(preset);
  if (device) set_argument(request, "device", device).take();
  request.encoder = absolute_model(wanted(vgg, "--vgg"));
  request.precision = fp64 ? "fp64" : "fp32";
  request.size = 0;
  validate(request).take();
  words.content = wanted(content, "--content");
  words.at = wanted(at, "--at");
  words.output = output ? output : "";
  return words;
}

void print_losses(const std::string& facts) {
  g_autoptr(JsonNode) root = json_from_string(facts.c_str(), nullptr);
  g_autofree char* text = root && JSON_NODE_HOLDS_OBJECT(root) ? json_to_string(root, true) : nullptr;
  if (!text) throw Failure(ErrorCode::protocol, _("The engine's losses cannot be understood."));
  std::puts(text);
}

void evaluate(const Words& words, const std::stop_token& stop, Report& report) {
  const SharedFile content = read_shared(words.content), at = read_shared(words.at);
  const SrgbView picture = at.pixels.view();
  if (picture.width != content.pixels.view().width || picture.height != content.pixels.view().height)
    throw Failure(ErrorCode::bad_argument, _("The picture to evaluate is not as large as the content."),
                  _("Scale one of them first."));
  SharedPicture gradient = SharedPicture::create(picture.width, picture.height).take();
  Job job{content.pixels, gradient, {}, [&](const Event& event) { report.event(event); }, stop};
  job.pictures = style_pictures(words.request);
  job.pictures.push_back({"at", at.pixels});
  const std::string facts = LateEngine(stop).get().evaluate(words.request, job).take().facts;
  if (!words.output.empty()) write_file(words.output, tensor_file("gradient", gradient.view()));
  report.end();
  print_losses(facts);
}

}  // namespace

int evaluate_command(int count, char** texts) {
  const Words words = parse(count, texts);
  const Interrupt interrupt;
  Report report(false, 1);
  report.begin(words.content);
  const Status done = guarded([&] { return evaluate(words, interrupt.token(), report), Nothing{}; });
  if (done) return 0;
  report.failed(done.error());
  return error_exit_status(done.error().code);
}

}  // namespace pinxit
