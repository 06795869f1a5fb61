// SPDX-License-Identifier: Apache-2.0
//
// pinxit generate PROMPT -o OUT: the engine paints pictures of what a prompt says, or of each line of a file of
// captions; every picture is a file as soon as it is ready.
#include <json-glib/json-glib.h>

#include <algorithm>
#include <optional>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/generate_prompts.h"
#include "engine/client/cli/interrupt.h"
#include "engine/client/cli/late_engine.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/outputs.h"
#include "engine/client/cli/picture_names.h"
#include "engine/client/cli/report.h"
#include "engine/pictures/files.h"

namespace pinxit {
namespace {

struct Words {
  std::optional<PictureNames> names;  ///< none where nothing is painted
  WriteOptions write;
  bool json = false, describe = false;
  GenerateRequest request;
};

bool is_grey(SrgbView picture) {
  const float* end = picture.data + 4 * picture.width * picture.height;
  for (const float* pixel = picture.data; pixel != end; pixel += 4)
    if (pixel[0] != pixel[1] || pixel[1] != pixel[2]) return false;
  return true;
}

/// Works on the prompts one after the other.
class Generator {
 public:
  Generator(Words& words, const Prompts& prompts, std::stop_token stop, Report& report)
      : words_(words), prompts_(prompts), stop_(stop), engine_(std::move(stop)), report_(report) {}

  void paint(const Caption& prompt) {
    Job job;
    job.on_event = [&](const Event& event) { hear(event, prompt); };
    job.stop = stop_;
    engine_.get().run(Prompts::with(words_.request, prompt), job).take();
  }

  void describe(const Caption& prompt) {
    const std::string facts = engine_.get().read_prompt(Prompts::with(words_.request, prompt), stop_).take().facts;
    const PromptReading reading = reading_of(facts);
    report_.end();
    if (words_.json) return print_json(facts, prompts_.name(prompt));
    if (!model_told_) print(stdout, model_text(reading));
    model_told_ = true;
    if (prompts_.captions()) print(stdout, prompts_.name(prompt) + "\n");
    print(stdout, prompt_text(reading));
  }

  /// Whether this failure would be that of all prompts. One that is too long, or that the model cannot read, concerns
  /// itself only.
  bool concerns_all(const Error& error, const Caption& prompt) {
    if (error.code == ErrorCode::engine_lost || error.code == ErrorCode::internal) return false;
    if (error.code != ErrorCode::bad_argument) return true;
    if (!validate(Prompts::with(words_.request, prompt))) return false;  // without it the request is sound
    if (!engine_.connected()) return true;
    const auto reading = guarded([&] {
      return reading_of(engine_.get().read_prompt(Prompts::with(words_.request, prompt), stop_).take().facts);
    });
    return !reading || !reading->takes_prompt || !reading->words.empty();
  }

 private:
  void hear(const Event& event, const Caption& prompt) {
    if (event.kind == Event::Kind::note && !words_.json)
      report_.note(event.text, event.about_prompt && prompts_.captions() ? prompts_.name(prompt) : "");
    else
      report_.event(event);
    if (event.kind == Event::Kind::picture && event.made && event.picture) write(event, prompt);
  }

  void write(const Event& event, const Caption& prompt) {
    const SrgbView pixels = event.picture->view();
    const std::string file = words_.names->file(*event.made, pixels.width, pixels.height, prompt.line);
    if (file.empty()) return;
    PictureFile like;
    like.grey = is_grey(pixels);
    // Maps are measured with: their sum over the words is 1 in 16 bit.
    like.depth = event.made->role == "attention" ? SampleDepth::bits16 : SampleDepth::bits8;
    make_folder_of(file);
    write_picture(file, pixels, like, words_.write).take();
    report_.written(file, event);
  }

  static void print_json(const std::string& facts, const std::string& name) {
    g_autoptr(JsonNode) root = json_from_string(facts.c_str(), nullptr);
    g_autofree char* input = g_filename_display_name(name.c_str());
    json_object_set_string_member(json_node_get_object(root), "input", input);
    g_autofree char* text = json_to_string(root, false);
    std::puts(text);
    std::fflush(stdout);
  }

  Words& words_;
  const Prompts& prompts_;
  std::stop_token stop_;
  LateEngine engine_;
  Report& report_;
  bool model_told_ = false;
};

/// The prompt among the words that are no options.
std::string prompt_of(const std::vector<std::string>& words, const std::string& option) {
  if (words.empty()) return option;
  if (words.size() > 1 || !option.empty())
    throw Failure(ErrorCode::bad_argument, _("More than one prompt was given."),
                  _("Put the prompt in quotes; a file with one a line is given with --captions."));
  return words[0];
}

/// In one file there is one picture.
void check_one_file(const GenerateRequest& request, const std::string& output) {
  if (request.count <= 1 && request.captions.empty() && request.vary == "no") return;
  throw Failure(ErrorCode::bad_argument, format_text(_("Several pictures cannot all become “%s”."), output.c_str()),
                _("Give a folder after -o, ending in “/”."));
}

void check(Words& words, const std::string& output) {
  GenerateRequest& request = words.request;
  if (words.write.quality < 1 || words.write.quality > 100)
    throw Failure(ErrorCode::bad_argument, _("quality must be between 1 and 100."));
  for (const std::string& text : {request.prompt, request.vary_prompt})
    if (!g_utf8_validate(text.c_str(), gssize(text.size()), nullptr))
      throw Failure(ErrorCode::bad_argument, _("The prompt is not UTF-8 text."), _("Give it with --captions FILE."));
  if (!words.describe) words.names.emplace(output);
  const bool one_file = words.names && !words.names->folder();
  if (one_file) check_one_file(request, output);
  if (request.count == 0) request.count = one_file ? 1 : GenerateRequest().count;
  request.model = absolute_model(request.model);
  validate(request).take();
}

Words parse(int count, char** texts) {
  g_autofree char* output = nullptr;
  gboolean json = FALSE, describe = FALSE;
  Words words;
  RequestOptions<GenerateRequest> options(_("[PROMPT]"), {{"count", 'n'}});
  options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
               N_("The file to write, or a folder ending in “/” for several pictures"), N_("FILE|FOLDER/")});
  options.add({"describe", 0, 0, G_OPTION_ARG_NONE, &describe,
               N_("Only tell what the model reads of the prompt, and which words it does not know"), nullptr});
  options.add({"quality", 0, 0, G_OPTION_ARG_INT, &words.write.quality, N_("Quality of JPEG and WebP files, 1 to 100"),
               N_("NUMBER")});
  options.add({"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print the events as JSON, one object a line"), nullptr});
  options.request.count = 0;  // until it is given
  options.parse(count, texts);
  words.request = options.request;
  words.request.prompt = prompt_of(options.words(), options.request.prompt);
  words.json = json;
  words.describe = describe;
  check(words, output ? output : "");
  return words;
}

}  // namespace

int generate_command(int count, char** texts) {
  Words words = parse(count, texts);
  const Prompts prompts(words.request);
  const Interrupt interrupt;
  Report report(words.json, prompts.list().size());
  Generator generator(words, prompts, interrupt.token(), report);
  int status = 0;
  for (const Caption& prompt : prompts.list()) {
    report.begin(prompts.name(prompt));
    const Status done = guarded([&] {
      words.describe ? generator.describe(prompt) : generator.paint(prompt);
      return Nothing{};
    });
    if (done) continue;
    report.failed(done.error());
    if (status == 0) status = error_exit_status(done.error().code);
    if (generator.concerns_all(done.error(), prompt)) break;
  }
  return status;
}

}  // namespace pinxit
