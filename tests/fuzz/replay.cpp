// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target over its corpus, and then, if asked, over changed copies of it. Built with sanitizers and
// -fsanitize-coverage=trace-pc, which tells what new code an input reaches; such inputs are changed further.
//
//     fuzz-pickle CORPUS [--seconds 600] [--seed 1]
//
// An input that makes the target fail is written to "failed-input" in the current folder. PINXIT_FUZZ_SECONDS stands
// in for --seconds 600.
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::string;
using Clock = std::chrono::steady_clock;

constexpr size_t largest_input = 1 << 16;  // bytes
constexpr auto slowest = std::chrono::seconds(10);

uint8_t reached[1 << 16];  // by hash of the place in the code
bool reached_new = false;
const Input* running = nullptr;

void write_failed_input() {
  if (running) std::ofstream("failed-input", std::ios::binary) << *running;
}

/// False where the target took too long.
bool run(const Input& input) {
  running = &input;
  reached_new = false;
  const auto start = Clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  if (Clock::now() - start < slowest) return true;
  std::fprintf(stderr, "an input of %zu bytes took longer than %d s\n", input.size(), int(slowest.count()));
  write_failed_input();
  return false;
}

class Changes {
 public:
  explicit Changes(uint64_t seed) : random_(seed) {}
  size_t below(size_t end) { return end ? random_() % end : 0; }

  Input changed(const std::vector<Input>& inputs) {
    Input input = inputs[below(inputs.size())];
    for (size_t i = 0, count = size_t(1) << below(5); i < count; ++i) change(input, inputs);
    if (input.size() > largest_input) input.resize(largest_input);
    return input;
  }

 private:
  void change(Input& input, const std::vector<Input>& inputs) {
    static constexpr uint64_t telling[] = {0,          1,          2,          0x7F,       0x80,
                                           0xFF,       0x7FFF,     0x8000,     0xFFFF,     0x7FFFFFFF,
                                           0x80000000, 0xFFFFFFFF, 1ull << 40, 1ull << 62, ~0ull};
    const size_t at = below(input.size() + 1), length = below(std::min<size_t>(input.size() - at, 40) + 1);
    switch (below(9)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(random_());
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] + (below(2) ? 1 : -1));
        break;
      case 3:
        input.insert(at, 1 + below(8), static_cast<char>(random_()));
        break;
      case 4:
        input.erase(at, length);
        break;
      case 5:  // a telling number in place of what is there
        for (size_t i = 0, bytes = size_t(1) << below(4), value = telling[below(std::size(telling))]; i < bytes; ++i)
          if (at + i < input.size()) input[at + i] = static_cast<char>(value >> (8 * i));
        break;
      case 6:
        input.insert(below(input.size() + 1), input.substr(at, length));
        break;
      case 7: {  // a piece of another input
        const Input& other = inputs[below(inputs.size())];
        const size_t from = below(other.size() + 1);
        input.insert(at, other.substr(from, below(std::min<size_t>(other.size() - from, 100) + 1)));
        break;
      }
      default:
        if (below(10) == 0) input.resize(at);
    }
  }
  std::mt19937_64 random_;
};

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Input> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

}  // namespace

/// Called by the instrumented code at each of its places.
extern "C" __attribute__((no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc() {
  const auto place = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  uint8_t& seen = reached[(place ^ place >> 16) & 0xFFFF];
  reached_new |= !seen;
  seen = 1;
}

int main(int count, char** arguments) {
  std::string folder;
  uint64_t seed = 1;
  long seconds = 0;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--seconds" && i + 1 < count) {
      const char* asked = std::getenv("PINXIT_FUZZ_SECONDS");
      ++i;
      seconds = std::atol(asked ? asked : arguments[i]);
    } else if (argument == "--seed" && i + 1 < count) {
      seed = std::strtoull(arguments[++i], nullptr, 10);
    } else {
      folder = argument;
    }
  }
  __sanitizer_set_death_callback(write_failed_input);
  std::vector<Input> inputs = read_corpus(folder);
  if (inputs.empty()) {
    std::fprintf(stderr, "no corpus in %s\n", folder.c_str());
    return 1;
  }
  for (const Input& input : inputs)
    if (!run(input)) return 1;
  Changes changes(seed);
  const size_t kept = inputs.size();
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  uint64_t runs = 0;
  while (seconds && Clock::now() < end) {
    ++runs;
    Input input = changes.changed(inputs);
    if (!run(input)) return 1;
    if (reached_new) inputs.push_back(std::move(input));
  }
  running = nullptr;
  const auto places = std::count(std::begin(reached), std::end(reached), 1);
  std::printf("%zu inputs kept, %llu changed ones run, %zu of them new; %ld places in the code reached\n", kept,
              static_cast<unsigned long long>(runs), inputs.size() - kept, long(places));
  return 0;
}
