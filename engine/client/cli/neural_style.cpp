// SPDX-License-Identifier: Apache-2.0
//
// pinxit neural-style CONTENT --style FILE … -o OUT: the engine searches for the picture; its iterations are told, and
// kept where that is asked for.
#include <map>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/interrupt.h"
#include "engine/client/cli/late_engine.h"
#include "engine/client/cli/neural_request.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/outputs.h"
#include "engine/client/cli/report.h"
#include "engine/client/cli/shared_files.h"
#include "engine/requests/json_building.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

struct Words {
  std::string content, output, log, last;
  WriteOptions write;
  bool json = false;
  NeuralStyleRequest request;
};

/// A text of the facts' object "encoder".
std::string encoder_fact(const std::string& facts, const char* name) {
  g_autoptr(JsonNode) root = json_from_string(facts.c_str(), nullptr);
  JsonNode* node =
      root && JSON_NODE_HOLDS_OBJECT(root) ? json_object_get_member(json_node_get_object(root), "encoder") : nullptr;
  if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return {};
  return json_object_get_string_member_with_default(json_node_get_object(node), name, "");
}

/// The iterations of a run as JSON.
std::string log_text(const NeuralStyleRequest& request, const std::string& facts,
                     const std::map<int, Losses>& iterations) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "preset", neural_preset(request.preset).take().id);
  json_add(builder, "encoder", encoder_fact(facts, "id"));
  json_add(builder, "encoder_sha256", encoder_fact(facts, "sha256"));
  json_begin_array(builder, "iterations");
  for (const auto& [iteration, losses] : iterations) {
    json_builder_begin_object(builder);
    json_add(builder, "iteration", iteration);
    json_add_members(builder, losses_to_json(losses));
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  json_builder_end_object(builder);
  return json_text(builder, true) + "\n";
}

class NeuralPainter {
 public:
  NeuralPainter(const Words& words, const Interrupt& interrupt, Report& report)
      : words_(words), interrupt_(interrupt), report_(report) {}

  void paint() {
    SharedFile source = read_shared(words_.content);
    like_ = source.like;
    if (words_.request.keep_colors != "luminance") allow_colours(like_);
    const SrgbView pixels = source.pixels.view();
    SharedPicture result = SharedPicture::create(pixels.width, pixels.height).take();
    Job job{source.pixels, result, {}, [this](const Event& event) { hear(event); }, interrupt_.token()};
    job.pictures = style_pictures(words_.request);
    if (!words_.last.empty()) job.pictures.push_back({"start", read_shared(words_.last).pixels});
    job.finish = interrupt_.finish();
    const std::string facts = run(job).facts;
    if (finishing() && last_ < words_.request.iterations)
      report_.note(format_text(_("Stopped early: this is iteration %d of %d."), last_, words_.request.iterations));
    write_result(words_.output, result.view(), like_, words_.write, report_);
    if (!words_.log.empty()) write_file(words_.log, log_text(words_.request, facts, losses_));
  }

 private:
  bool finishing() const { return interrupt_.finish().stop_requested(); }

  Outcome run(const Job& job) {
    if (finishing()) throw Cancelled();
    Outcome outcome = LateEngine(interrupt_.token()).get().run(words_.request, job).take();
    if (interrupt_.token().stop_requested()) throw Cancelled();
    return outcome;
  }

  void hear(const Event& event) {
    if (finishing()) report_.note(_("Ending with the last iteration; Ctrl-C again gives up."));
    report_.event(event);
    if (event.kind != Event::Kind::state) return;
    last_ = event.step;
    if (event.losses) losses_[event.step] = *event.losses;
    if (event.full && event.picture && event.step > 0)
      write_result(numbered_output(words_.output, event.step), event.picture->view(), like_, words_.write, report_);
  }

  const Words& words_;
  const Interrupt& interrupt_;
  Report& report_;
  PictureFile like_;
  int last_ = 0;  ///< iteration heard of
  std::map<int, Losses> losses_;
};

/// Paths that are meant from where the program was called; "none" is a place without a mask.
std::vector<std::string> mask_paths(char** masks) {
  std::vector<std::string> paths;
  for (char** mask = masks; mask && *mask; ++mask)
    paths.push_back(std::string(*mask) == "none" ? "" : absolute_file(*mask));
  return paths;
}

void check(Words& words) {
  NeuralStyleRequest& request = words.request;
  if (words.write.quality < 1 || words.write.quality > 100)
    throw Failure(ErrorCode::bad_argument, _("quality must be between 1 and 100."));
  if (!words.last.empty()) request.start = "last";
  if (request.start == "last" && words.last.empty())
    throw Failure(ErrorCode::bad_argument, _("There is no last result to start from."), _("Name one with --last FILE."));
  if (request.style_masks.size() > request.styles.size())
    throw Failure(ErrorCode::bad_argument, _("There are more masks than style pictures."),
                  _("Give each --style its --mask, in the same order, or “none”."));
  request.preset = preset_of(request.preset);
  request.encoder = absolute_model(request.encoder);
  validate(request).take();
}

/// The one picture and its result; `words.content` and `words.output` from now on.
void plan(Words& words, const std::vector<std::string>& inputs, const std::string& output) {
  if (inputs.size() > 1)
    throw Failure(ErrorCode::bad_argument, _("Neural Style paints one picture at a time."),
                  _("Call it once for each picture."));
  std::vector<std::string> others = words.request.style_masks;
  for (const WeightedStyle& style : words.request.styles) others.push_back(style.style);
  const InOut file = plan_outputs(inputs, output, others).at(0);
  words.content = file.input;
  words.output = file.output;
}

Words parse(int count, char** texts) {
  g_autofree char* output = nullptr;
  g_autofree char* log = nullptr;
  g_autofree char* last = nullptr;
  g_auto(GStrv) masks = nullptr;
  gboolean json = FALSE;
  Words words;
  RequestOptions<NeuralStyleRequest> options(_("CONTENT"));
  options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_("The file to write, or a folder ending in “/”"),
               N_("FILE|FOLDER/")});
  options.add({"mask", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &masks,
               N_("Where a style shows: white there. One for each --style, in the same order; “none” for all over"),
               N_("FILE")});
  options.add({"last", 0, 0, G_OPTION_ARG_FILENAME, &last, N_("Go on from this result (start: last)"), N_("FILE")});
  options.add({"log", 0, 0, G_OPTION_ARG_FILENAME, &log, N_("Write the losses of all iterations as JSON"), N_("FILE")});
  options.add({"quality", 0, 0, G_OPTION_ARG_INT, &words.write.quality,
               N_("Quality of JPEG and WebP files, 1 to 100"), N_("NUMBER")});
  options.add({"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print the events as JSON, one object a line"), nullptr});
  options.parse(count, texts);
  words.request = options.request;
  words.request.style_masks = mask_paths(masks);
  words.json = json;
  words.log = log ? log : "";
  words.last = last ? last : "";
  check(words);
  plan(words, options.words(), output ? output : "");
  return words;
}

}  // namespace

int neural_style_command(int count, char** texts) {
  const Words words = parse(count, texts);
  const Interrupt interrupt(Interrupt::Manner::finish_first);
  Report report(words.json, 1);
  report.begin(words.content);
  const Status painted = guarded([&] {
    NeuralPainter(words, interrupt, report).paint();
    return Nothing{};
  });
  if (painted) return 0;
  report.failed(painted.error());
  return error_exit_status(painted.error().code);
}

}  // namespace pinxit
