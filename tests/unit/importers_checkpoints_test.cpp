// SPDX-License-Identifier: Apache-2.0
//
// Every file of ../shared/goldens/legacy-checkpoints loads with the exact values or is refused with its reason, and the
// originals of ../shared/models have the checksums that two other readers found.
#include <glib.h>
#include <json-glib/json-glib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <set>

#include "tests/unit/importers_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

const fs::path shared = PINXIT_SHARED_DATA;
const fs::path goldens = shared / "goldens/legacy-checkpoints";

class Json {
 public:
  explicit Json(const fs::path& path) : parser_(json_parser_new()) {
    json_parser_load_from_file(parser_, path.c_str(), nullptr);
  }
  ~Json() { g_object_unref(parser_); }
  JsonObject* root() const { return json_node_get_object(json_parser_get_root(parser_)); }

 private:
  JsonParser* parser_;
};

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// What a painter must be able to read out of the refusal.
const std::map<std::string, std::string> reasons = {
    {"e_zip_complex64.pth", "torch.ComplexFloatStorage"},
    {"f_zip_os_system.pth", "posix.system"},
    {"f_legacy_os_system.pth", "posix.system"},
    {"f_zip_builtins_eval.pth", "eval"},
    {"f_legacy_builtins_eval.pth", "eval"},
    {"f_legacy_evil_in_sysinfo.pth", "system"},
    {"f_legacy_evil_in_keys.pth", "system"},
    {"f_zip_stack_global.pth", "system"},
    {"f_zip_inst_opcode.pth", "system"},
    {"f_zip_torch_load_global.pth", "torch."},
    {"f_zip_obj_newobj.pth", "Popen"},
    {"f_zip_whole_module.pth", "whole program object"},
    {"f_zip_out_of_bounds.pth", "beyond its storage"},
    {"f_zip_expand_bomb.pth", "far larger than the file"},
    {"f_zip_storage_missing.pth", "is missing"},
    {"f_zip_key_traversal.pth", "is missing"},
    {"f_zip_duplicate_record.pth", "twice"},
    {"f_zip_deep_nesting.pth", "no tensors"},
    {"f_zip_self_reference.pth", "no tensors"},
    {"f_zip_exponential_memo.pth", "no tensors"},
    {"f_zip_big_endian.pth", "big-endian"},
    {"f_legacy_big_endian.pth", "big-endian"},
    {"g_zip_bitflip_storage.pth", "checksum"},
    {"g_zip_truncated_half.pth", "end of the archive is missing"},
    {"g_empty.pth", "empty"},
    {"g_html_error_page.pth", "web page"},
    {"g_git_lfs_pointer.pth", "git-lfs"},
    {"h_bad_duplicate_name.safetensors", "twice"},
    {"h_bad_overlap.safetensors", "overlap"},
    {"h_bad_hole.safetensors", "hole"},
    {"h_bad_truncated_data.safetensors", "beyond the end"},
    {"h_bad_header_longer_than_file.safetensors", "longer than the file"},
};

class importers_goldens : public importers_desk {};

TEST_F(importers_goldens, load_exactly_or_are_refused_with_their_reason) {
  if (!fs::exists(goldens / "index.json")) GTEST_SKIP() << "skipped: needs ../shared/goldens/legacy-checkpoints";
  const Json index(goldens / "index.json");
  JsonArray* entries = json_object_get_array_member(index.root(), "files");
  const long before = peak_kilobytes();
  std::set<std::string> loaded, seen;
  for (guint i = 0; i < json_array_get_length(entries); ++i) {
    JsonObject* entry = json_array_get_object_element(entries, i);
    const std::string name = json_object_get_string_member(entry, "file");
    const std::string must = json_object_get_string_member(entry, "must");
    const char* expected = json_object_get_string_member_with_default(entry, "expected_tensors", nullptr);
    SCOPED_TRACE(name);
    seen.insert(name);
    const auto file = read_checkpoint(goldens / name);
    ASSERT_TRUE(file || must != "load") << file.error().sentence;
    EXPECT_FALSE(file && must == "refuse");
    if (!file) {
      const auto reason = reasons.find(name);
      expect_refused(file, reason == reasons.end() ? name : reason->second, name);
      EXPECT_EQ(file.error().sentence.find("allocat"), std::string::npos);
      continue;
    }
    loaded.insert(name);
    EXPECT_EQ(reasons.count(name), 0u) << "loads, but a reason to refuse it is listed";
    if (!expected) continue;
    const auto wanted = contents(read_checkpoint(goldens / expected).take().tensors);
    EXPECT_EQ(contents(file->tensors), wanted);
    const std::string copy = folder / "copy.safetensors";
    ASSERT_TRUE(write_safetensors(copy, file->tensors, {{"from", name}}));
    const auto again = read_checkpoint(copy).take();
    EXPECT_EQ(contents(again.tensors), wanted);
    EXPECT_EQ(again.metadata.at("from"), name);
    EXPECT_EQ(files(), 1u);
  }
  for (const auto& [name, reason] : reasons) EXPECT_TRUE(seen.contains(name)) << name;
  EXPECT_TRUE(loaded.contains("a_zip_protocol4.pth"));
  EXPECT_TRUE(loaded.contains("a_zip_deflated.pth"));
  EXPECT_TRUE(sanitized || peak_kilobytes() - before < 64 * 1024);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no file made us start a program
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(importers_goldens, originals_have_the_checksums_of_other_readers) {
  if (!fs::exists(goldens / "originals.json")) GTEST_SKIP() << "skipped: needs ../shared/goldens/legacy-checkpoints";
  const Json index(goldens / "originals.json");
  JsonObject* files = json_object_get_object_member(index.root(), "files");
  GList* names = json_object_get_members(files);
  size_t count = 0;
  for (GList* one = names; one; one = one->next) {
    const auto* name = static_cast<const char*>(one->data);
    SCOPED_TRACE(name);
    const auto file = read_checkpoint(shared / name);
    ASSERT_TRUE(file) << file.error().sentence;
    JsonObject* tensors = json_object_get_object_member(json_object_get_object_member(files, name), "tensors");
    EXPECT_EQ(file->tensors.size(), json_object_get_size(tensors));
    for (const StoredTensor& tensor : file->tensors) {
      ASSERT_TRUE(json_object_has_member(tensors, tensor.name.c_str())) << tensor.name;
      JsonArray* facts = json_object_get_array_member(tensors, tensor.name.c_str());
      EXPECT_EQ(number_type_name(tensor.type), json_array_get_string_element(facts, 0));
      JsonArray* shape = json_array_get_array_element(facts, 1);
      ASSERT_EQ(json_array_get_length(shape), tensor.shape.size());
      for (size_t d = 0; d < tensor.shape.size(); ++d)
        EXPECT_EQ(json_array_get_int_element(shape, guint(d)), tensor.shape[d]);
      const auto bytes = tensor.bytes();
      char* sum =
          g_compute_checksum_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(bytes.data()), bytes.size());
      EXPECT_EQ(std::string(sum).substr(0, 16), json_array_get_string_element(facts, 2)) << tensor.name;
      g_free(sum);
      ++count;
    }
  }
  g_list_free(names);
  EXPECT_GT(count, 300u);
}

}  // namespace
}  // namespace pinxit
