// SPDX-License-Identifier: Apache-2.0
//
// pinxit fast-style IN… -o OUT: read a picture into shared memory, have the engine paint it, write the result.
#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/interrupt.h"
#include "engine/client/cli/late_engine.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/outputs.h"
#include "engine/client/cli/report.h"
#include "engine/client/cli/shared_files.h"

namespace pinxit {
namespace {

/// Errors that every other picture would meet too.
bool concerns_all(ErrorCode code) {
  switch (code) {
    case ErrorCode::file_unreadable:
    case ErrorCode::file_unwritable:
    case ErrorCode::picture_unsupported:
    case ErrorCode::out_of_memory:
    case ErrorCode::engine_lost:
    case ErrorCode::internal:
      return false;
    default:
      return true;
  }
}

class Painter {
 public:
  Painter(const FastStyleRequest& request, const WriteOptions& write, std::stop_token stop, Report& report)
      : request_(request), write_(write), stop_(stop), engine_(std::move(stop)), report_(report) {}

  void paint(const InOut& file) {
    SharedFile source = read_shared(file.input);
    const SrgbView pixels = source.pixels.view();
    SharedPicture result = SharedPicture::create(pixels.width, pixels.height).take();
    Job job{source.pixels, result, {}, [this](const Event& event) { report_.event(event); }, stop_};
    engine_.get().run(request_, job).take();
    if (stop_.stop_requested()) throw Cancelled();
    if (!request_.keep_colors) allow_colours(source.like);
    write_result(file.output, result.view(), source.like, write_, report_);
  }

 private:
  const FastStyleRequest& request_;
  WriteOptions write_;
  std::stop_token stop_;
  LateEngine engine_;
  Report& report_;
};

}  // namespace

int fast_style_command(int count, char** words) {
  g_autofree char* output = nullptr;
  int quality = WriteOptions().quality;
  gboolean json = FALSE;
  RequestOptions<FastStyleRequest> options(_("IN…"));
  options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
               N_("The file to write, or a folder ending in “/” for several pictures"), N_("FILE|FOLDER/")});
  options.add(
      {"quality", 0, 0, G_OPTION_ARG_INT, &quality, N_("Quality of JPEG and WebP files, 1 to 100"), N_("NUMBER")});
  options.add({"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print the events as JSON, one object a line"), nullptr});
  options.parse(count, words);
  if (quality < 1 || quality > 100) throw Failure(ErrorCode::bad_argument, _("quality must be between 1 and 100."));
  const std::vector<InOut> plan = plan_outputs(options.words(), output ? output : "");
  validate(options.request).take();

  const Interrupt interrupt;
  Report report(json, plan.size());
  Painter painter(options.request, {quality}, interrupt.token(), report);
  int status = 0;
  for (const InOut& file : plan) {
    report.begin(file.input);
    const Status painted = guarded([&] {
      if (interrupt.token().stop_requested()) throw Cancelled();
      painter.paint(file);
      return Nothing{};
    });
    if (painted) continue;
    report.failed(painted.error());
    if (status == 0) status = error_exit_status(painted.error().code);
    if (concerns_all(painted.error().code)) break;
  }
  return status;
}

}  // namespace pinxit
