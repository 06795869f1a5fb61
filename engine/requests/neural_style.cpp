// SPDX-License-Identifier: Apache-2.0
#include "engine/requests/neural_style.h"

#include <limits>

#include "engine/base/text.h"

namespace pinxit {

const std::vector<Argument<NeuralStyleRequest>>& NeuralStyleRequest::arguments() {
  using A = Argument<NeuralStyleRequest>;
  using R = NeuralStyleRequest;
  static const std::vector<A> list = {
      {"style", N_("St_yle pictures"), N_("The pictures to take the style from, with their shares"),
       A::Styles{&R::styles}},
      {"style-masks", N_("Style _masks"),
       N_("For each style picture where it shows: a layer or a file that is white there, or nothing for all over"),
       A::Texts{&R::style_masks}, face_pdb},
      {"preset", N_("_Preset"), N_("How it is painted: a preset's name, or a preset as JSON"), A::Text{&R::preset}},
      {"iterations", N_("_Iterations"), N_("How many steps of the picture's growth are shown and recorded"),
       A::Integer{&R::iterations, 5, 100}},
      {"content-weight", N_("_Content weight"), N_("How much the result holds on to the picture; 1 is usual"),
       A::Number{&R::content_weight, 0.0001, 10000}},
      {"style-weight", N_("Style _weight"), N_("How much the result takes of the style; 100 is usual"),
       A::Number{&R::style_weight, 0.0001, 10000}},
      {"variation-weight", N_("_Variation weight"),
       N_("How much noise and fine grain are smoothed away; 0.001 is usual"),
       A::Number{&R::variation_weight, 0.0001, 10000}},
      {"size", N_("Si_ze"), N_("Height of the painted picture in pixels, 100 to 800; 0 paints as large as the layer is"),
       A::Integer{&R::size, 0, largest_size}},
      {"start", N_("Start _from"), N_("What the painting begins with: content, style, noise or last (the last result)"),
       A::Choice{&R::start, {"content", "style", "noise", "last", "blank", "random"}}},
      {"seed", N_("_Seed"), N_("The same number gives the same picture again"),
       A::Integer{&R::seed, 0, std::numeric_limits<int>::max()}},
      {"style-scale", N_("Style sca_le"), N_("Size of the strokes: above 1 larger than in the style picture"),
       A::Number{&R::style_scale, 0.1, 4}},
      {"keep-colors", N_("_Keep colors"),
       N_("Whose colors: no (the style's), luminance (the picture's), or matched (the style is recolored beforehand)"),
       A::Choice{&R::keep_colors, {"no", "luminance", "matched"}}},
      {"encoder", N_("_Encoder"), N_("The VGG19 that compares: auto, an id of the catalogue or a weights file"),
       A::Text{&R::encoder}},
      {"keep-every", N_("F_ull size every"), N_("Each so-many-th iteration is kept in full size too; 0 means none"),
       A::Integer{&R::keep_every, 0, 100}},
      {"device", N_("_Device"), N_("What computes: auto, cpu, cuda or cuda:N"),
       A::Choice{&R::device, {"auto", "cpu", "cuda", "cuda:N"}}},
      {"precision", N_("P_recision"), N_("Arithmetic of the network: auto, fp32, bf16 or fp64"),
       A::Choice{&R::precision, {"auto", "fp32", "bf16", "fp64"}}, face_command_line},
      {"name", N_("_Name"), N_("The name in the gallery, or nothing to have one made"), A::Text{&R::name}, face_pdb},
  };
  return list;
}

}  // namespace pinxit
