// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text as `./dev bench text` sees it, in a process of its own: float32 on the CPU, prepared as the engine
// is.
//
//     text_worker THREADS GENERATOR [TEXT_ENCODER VOCABULARY]      then on standard input, a line each:
//     load               answers milliseconds, as all that follow do
//     paint SEED PROMPT  one picture, from the prompt's text on
//
// VOCABULARY: CLIP's merges (.gz), or AttnGAN's words, one a line.
#include <chrono>
#include <iostream>
#include <string>

#include "engine/nets/text_to_image.h"
#include "engine/operations/operation.h"
#include "engine/text/clip_tokenizer.h"
#include "engine/text/word_tokenizer.h"

using namespace pinxit;

namespace {

std::shared_ptr<const Tokenizer> tokenizer(const std::string& vocabulary) {
  if (vocabulary.ends_with(".gz")) return ClipTokenizer::load(vocabulary).take();
  return WordTokenizer::load(vocabulary).take();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) return 2;
  prepare_process(std::stoi(argv[1]));
  std::shared_ptr<const TextToImage> model;
  for (std::string word; std::cin >> word;) {
    const auto start = std::chrono::steady_clock::now();
    if (word == "load") {
      TextToImageFiles files{.generator = argv[2]};
      if (argc == 5) {
        files.text_encoder = argv[3];
        files.tokenizer = tokenizer(argv[4]);
      }
      model = load_text_to_image(files).take();
    } else {
      PictureOrder order;
      std::cin >> order.seed;
      std::getline(std::cin >> std::ws, order.prompt);
      model->run_all(order);
    }
    std::cout << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count()
              << std::endl;
  }
}
