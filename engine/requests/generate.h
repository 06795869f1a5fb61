// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text: pictures of what a prompt says.
//
//     GenerateRequest request{.prompt = "a red tulip", .count = 5, .seed = 100};
//     client.run(request, job);      // each picture comes as a `picture` event (events.h); no source, no result picture
//
// This one struct is the PDB procedures' arguments, the command line's options, the wire message, the recipe kept in
// the layer, and the preset file (see declaration.h). A file of captions is a matter of the clients: they send one
// request for each of its lines.
//
// Prompts are private: `prompt` and `vary_prompt` are never last values nor parasites of an image, and stay in a
// layer's recipe only while `keep_prompt` says so (see without_prompts).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/requests/declaration.h"

namespace pinxit {

struct GenerateRequest {
  static constexpr const char* operation = "generate";
  static constexpr int version = 1;
  static constexpr int largest_count = 16, largest_size = 4096;
  /// Bytes of a prompt: every event and answer that tells of its words has to fit into a line of the protocol.
  static constexpr int longest_prompt = 20'000;

  std::string prompt;          ///< UTF-8, any number of lines; empty only for models that take none
  std::string model = "auto";  ///< id of the catalogue or a generator's weights file; auto: see operations/generate.h
  int count = 5;               ///< 1..16 pictures; picture i has a seed of its own that begins at `seed`
  int seed = 100;              ///< of all that is random, 0..2³¹-1
  int size = 0;                ///< longest side of the pictures, pixels; 0: the model's own; scaled where it has one size
  bool all_sizes = false;      ///< the smaller pictures that a model paints on its way come too
  bool maps = false;           ///< attention maps, one for each word and size, where the model has them
  bool strip = false;          ///< the five words that count most, each over the picture
  std::string vary = "no";     ///< no; noise, text: the pictures lead from this seed or prompt to another
  int vary_seed = 101;         ///< along noise: the seed of the other end
  std::string vary_prompt;     ///< along text: the prompt of the other end
  bool keep_prompt = true;     ///< the prompt is kept in the layer's recipe
  bool fit = false;            ///< layers are scaled to fill the selection or the image, as far as proportions allow
  std::string captions;        ///< a text file, one prompt a line, instead of `prompt`; never sent to an engine
  std::string device = "auto";     ///< auto, cpu, cuda, cuda:N
  std::string precision = "auto";  ///< auto, fp32, bf16

  /// Fields of a newer version, name to JSON text, kept as they came.
  std::map<std::string, std::string> unknown;

  static const std::vector<Argument<GenerateRequest>>& arguments();
};

/// The request without what the painter wrote: prompts empty, and no path of a captions file.
GenerateRequest without_prompts(GenerateRequest request);

}  // namespace pinxit
