// SPDX-License-Identifier: Apache-2.0
//
// Writes the corpus the fuzz targets begin with: make-fuzz-corpus tests/fuzz/corpus
// Inputs that once made a reader fail are put beside by hand, with a name that says what it was.
#include <filesystem>
#include <fstream>

#include "tests/unit/importers_samples.h"

int main(int, char** arguments) {
  using namespace pinxit::samples;
  const std::filesystem::path folder = arguments[1];
  const auto put = [&](const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  const std::string row = tensor(storage("FloatStorage", "0", 6), 0, {6}, {1});
  put("pickle/state-dict", pickle(small_state_dict()));
  put("pickle/legacy", small_legacy());
  put("pickle/nested", pickle(dict({{"optimizer", dict({{"m", row}})}, {"model", dict({{"w", row}})}, {"n", "N"}})));
  put("pickle/ordered",
      pickle(global("collections", "OrderedDict") + "](](" + text("w") + row + "ee\x85R}" + text("_metadata") + "Nsb"));
  put("pickle/ordered-again", pickle("](" + text("w") + row +
                                     "\x86"
                                     "eq\x01" +
                                     global("collections", "OrderedDict") + "q\x02h\x01\x85R0h\x02h\x01\x85R"));
  put("pickle/parameter", pickle(dict({{"w", global("torch._utils", "_rebuild_parameter") + "(" + row + "\x88)tR"}})));
  put("pickle/protocol-4", "\x80\x04\x95" + number(uint64_t(30)) +
                               "}\x94(\x8c\x01"
                               "a\x94K\x01\x8c\x01"
                               "bG" +
                               number(1.0) + "u.");
  put("pickle/stack-global", "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.");
  put("pickle/words", pickle("](](](" + whole(2) + whole(1) + "ee]}(" + whole(0) + text("<end>") + whole(1) +
                             text("bird") + "u}(" + text("bird") + whole(1) + text("<end>") + whole(0) + "ue"));
  put("pickle/lines", "(dp0\nI0\nS'<e\\x6ed>'\np1\nsI1\nV\\u0062ird\np2\nsL2L\nF1.5\nsg1\nNs.");
  put("zip/stored", small_zip());
  put("zip/deflated", small_zip(true));
  put("zip/wide", small_zip(false, true));
  put("safetensors/small", small_safetensors());
  put("safetensors/escapes", safetensors(R"({"\u00e4\"":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
                                         R"("e":{"shape":[0,3],"dtype":"BF16","data_offsets":[8,8]}})",
                                         "12345678"));
  put("onnx/small", small_onnx());
  put("tflite/small", small_tflite());
  put("openvino/version-6", small_ir_layers());
  put("openvino/version-10", small_ir10_layers());
  put("settings/bird",
      "A: 'x''y' # z\nB:\n  C: [1, \"2\", 'a, b']\n  D:\n  - 1\n  - two\nE:\n    F:\n        G: 4.0\n");
  return 0;
}
