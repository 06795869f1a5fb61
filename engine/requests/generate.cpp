// SPDX-License-Identifier: Apache-2.0
#include "engine/requests/generate.h"

#include <limits>

#include "engine/base/text.h"

namespace pinxit {

const std::vector<Argument<GenerateRequest>>& GenerateRequest::arguments() {
  using A = Argument<GenerateRequest>;
  using R = GenerateRequest;
  constexpr int largest_seed = std::numeric_limits<int>::max();
  static const std::vector<A> list = {
      {"prompt", N_("_Prompt"), N_("What the pictures show, in words"), A::Text{&R::prompt}},
      {"model", N_("_Model"), N_("The model that paints: auto, an id of the catalogue or a generator's weights file"),
       A::Text{&R::model}},
      {"count", N_("_Number of pictures"), N_("How many pictures are painted"),
       A::Integer{&R::count, 1, largest_count}},
      {"seed", N_("_Seed"), N_("The same number gives the same pictures again"), A::Integer{&R::seed, 0, largest_seed}},
      {"size", N_("Si_ze"), N_("Longest side of the pictures in pixels; 0 is the model's own size"),
       A::Integer{&R::size, 0, largest_size}},
      {"all-sizes", N_("_All sizes"), N_("The smaller pictures that the model paints on its way come too"),
       A::Toggle{&R::all_sizes}},
      {"maps", N_("A_ttention maps"), N_("For each word a picture of where the model looked at it"),
       A::Toggle{&R::maps}},
      {"strip", N_("Attention st_rip"), N_("The five words that count most, each over the picture"),
       A::Toggle{&R::strip}},
      {"vary", N_("_Vary"),
       N_("Whether the pictures lead to another seed (noise) or another prompt (text), or not (no)"),
       A::Choice{&R::vary, {"no", "noise", "text"}}},
      {"vary-seed", N_("Second s_eed"), N_("The seed that the pictures lead to where the noise varies"),
       A::Integer{&R::vary_seed, 0, largest_seed}},
      {"vary-prompt", N_("Second pr_ompt"), N_("The prompt that the pictures lead to where the text varies"),
       A::Text{&R::vary_prompt}},
      {"keep-prompt", N_("_Keep the prompt with the layer"), N_("The prompt is saved with the image, in the layer"),
       A::Toggle{&R::keep_prompt}, face_pdb},
      {"fit", N_("Scale to _fill"), N_("The layers are scaled to fill the selection or the image"), A::Toggle{&R::fit},
       face_pdb},
      {"captions", N_("_Captions"), N_("A text file with one prompt a line, instead of a prompt"),
       A::Text{&R::captions}},
      {"device", N_("_Device"), N_("What computes: auto, cpu, cuda or cuda:N"),
       A::Choice{&R::device, {"auto", "cpu", "cuda", "cuda:N"}}},
      {"precision", N_("Prec_ision"), N_("Arithmetic of the network: auto, fp32 or bf16"),
       A::Choice{&R::precision, {"auto", "fp32", "bf16"}}, face_command_line},
  };
  return list;
}

namespace {

/// Whether a field of a newer version may hold words of the painter, as "negative-prompt" would.
bool may_be_words(const std::pair<const std::string, std::string>& field) {
  return field.first.find("prompt") != std::string::npos || field.first.find("text") != std::string::npos;
}

}  // namespace

GenerateRequest without_prompts(GenerateRequest request) {
  request.prompt.clear();
  request.vary_prompt.clear();
  request.captions.clear();
  std::erase_if(request.unknown, may_be_words);
  return request;
}

}  // namespace pinxit
