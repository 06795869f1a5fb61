// SPDX-License-Identifier: Apache-2.0
#include "engine/requests/fast_style.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "engine/base/text.h"

namespace pinxit {
namespace {

/// The weight behind a trailing ":NUMBER", and where the colon is.
struct Suffix {
  size_t colon;
  double weight;
};

std::optional<Suffix> weight_suffix(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return {};
  if (text.compare(0, colon, "layer") == 0) return {};  // "layer:7" is a layer's number
  double weight = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, weight);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(weight)) return {};
  return Suffix{colon, weight};
}

std::string number_text(double number) {
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, written.ptr};
}

}  // namespace

const std::vector<Argument<FastStyleRequest>>& FastStyleRequest::arguments() {
  using A = Argument<FastStyleRequest>;
  using R = FastStyleRequest;
  static const std::vector<A> list = {
      {"style", N_("St_yle"), N_("The style to paint in: an id of the catalogue or the path of a weights file"),
       A::Styles{&R::styles}},
      {"strength", N_("Stren_gth"), N_("How much of the painting is laid over the picture, in per cent"),
       A::Number{&R::strength, 0, 100}},
      {"keep-colors", N_("_Keep colors"), N_("Paint with the colors of the picture, not with those of the style"),
       A::Toggle{&R::keep_colors}},
      {"device", N_("_Device"), N_("What computes: auto, cpu, cuda or cuda:N"),
       A::Choice{&R::device, {"auto", "cpu", "cuda", "cuda:N"}}},
      {"max-size", N_("_Maximum size"),
       N_("Pictures with a longer side than this many pixels are painted smaller and scaled back; 0 means never"),
       A::Integer{&R::max_size, 0, 1 << 20}},
      {"precision", N_("_Precision"), N_("Arithmetic of the network: auto, fp32 or bf16"),
       A::Choice{&R::precision, {"auto", "fp32", "bf16"}}, face_command_line},
      {"exact", N_("_Exact"), N_("The network as published: fp32, and no padding of the border"), A::Toggle{&R::exact},
       face_command_line},
  };
  return list;
}

std::string styles_to_text(const std::vector<WeightedStyle>& styles) {
  std::vector<std::string> parts;
  for (const WeightedStyle& style : styles) {
    const bool weighted = styles.size() > 1 || style.weight != 1 || weight_suffix(style.style);
    parts.push_back(style.style + (weighted ? ':' + number_text(style.weight) : ""));
  }
  return texts_to_text(parts);
}

Result<std::vector<WeightedStyle>> styles_from_text(const std::string& text) {
  const Error nameless{ErrorCode::bad_argument, _("style must name a style."),
                       _("Give an id of the catalogue or the path of a file.")};
  if (text.empty()) return nameless;
  std::vector<WeightedStyle> styles;
  for (const std::string& part : texts_from_text(text)) {
    WeightedStyle style{part, 1};
    if (const auto suffix = weight_suffix(part)) style = {part.substr(0, suffix->colon), suffix->weight};
    if (style.style.empty()) return nameless;
    if (!(style.weight > 0))
      return Error{ErrorCode::bad_argument,
                   format_text(_("style must have weights above 0, and \"%s\" has %s."), style.style.c_str(),
                               number_text(style.weight).c_str()),
                   _("Leave out styles that should not show.")};
    styles.push_back(std::move(style));
  }
  return styles;
}

}  // namespace pinxit
