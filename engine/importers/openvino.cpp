// SPDX-License-Identifier: Apache-2.0
//
// OpenVINO's intermediate representation: layers as XML, their numbers as offset and size in a second file. Up to
// version 7 weights and biases hang at a layer as blobs, whose shapes follow from the layer; from version 10 on they
// are layers of their own (Const) and state their shape.
#include <glib.h>

#include <algorithm>
#include <charconv>

#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

constexpr size_t xml_limit = size_t(64) << 20;

using Attributes = std::map<std::string, std::string>;

struct Blob {
  std::string role;  ///< "weights", "biases", "custom"
  uint64_t offset = 0, size = 0;
  std::string precision;
};
struct Layer {
  std::string name, type, precision;
  Attributes data;
  std::vector<int64_t> input;   ///< of the first input
  std::vector<int64_t> output;  ///< of the first output
  std::vector<Blob> blobs;
};

uint64_t whole(const std::string& text) {
  uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || value > uint64_t(INT64_MAX))
    unsound(_("“%s” in it is not a whole number"), fit_for_print(text).c_str());
  return value;
}

std::vector<int64_t> whole_list(const std::string& text) {
  std::vector<int64_t> all;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const size_t begin = std::min(text.find_first_not_of(" \t\r\n", at), end);
    all.push_back(int64_t(whole(text.substr(begin, end - begin))));
    at = end + 1;
  }
  return all;
}

std::string value_of(const Attributes& attributes, const std::string& name, const std::string& otherwise = {}) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? otherwise : found->second;
}

/// Walks the XML; no exception leaves a callback.
class LayerReader {
 public:
  std::vector<Layer> read(const HeldBytes& xml) {
    if (xml.size() > xml_limit) unread(_("its list of layers is too long"));
    const GMarkupParser parser = {&started, &ended, &text, nullptr, nullptr};
    GMarkupParseContext* context = g_markup_parse_context_new(&parser, GMarkupParseFlags(0), this, nullptr);
    GError* problem = nullptr;
    const auto* data = reinterpret_cast<const char*>(xml.view.data());
    const bool sound = g_markup_parse_context_parse(context, data, gssize(xml.size()), &problem) &&
                       g_markup_parse_context_end_parse(context, &problem);
    const std::string reason = problem ? fit_for_print(problem->message) : "";
    g_clear_error(&problem);
    g_markup_parse_context_free(context);
    if (failed_) std::rethrow_exception(failed_);
    if (!sound) unsound(_("its XML is broken: %s"), reason.c_str());
    return std::move(layers_);
  }

 private:
  template <class F>
  void step(GError** problem, F&& work) {
    try {
      work();
    } catch (...) {
      failed_ = std::current_exception();
      g_set_error_literal(problem, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "");
    }
  }
  static void started(GMarkupParseContext*, const char* element, const char** names, const char** values, void* self,
                      GError** problem) {
    auto* reader = static_cast<LayerReader*>(self);
    reader->step(problem, [&] {
      Attributes attributes;
      for (; *names; ++names, ++values) attributes.emplace(*names, *values);
      reader->start(element, attributes);
    });
  }
  static void ended(GMarkupParseContext*, const char* element, void* self, GError** problem) {
    auto* reader = static_cast<LayerReader*>(self);
    reader->step(problem, [&] { reader->end(element); });
  }
  static void text(GMarkupParseContext*, const char* text, size_t length, void* self, GError**) {
    auto* reader = static_cast<LayerReader*>(self);
    if (reader->dimensions_ && reader->text_.size() + length < 100) reader->text_.append(text, length);
  }

  void start(const std::string& element, const Attributes& attributes) {
    if (++depth_ > 64) unsound(_("its XML is nested too deeply"));
    if (element == "layer") {
      if (in_layer_) unread(_("it has layers inside of layers, which are not read"));
      in_layer_ = true;
      layers_.push_back(
          {value_of(attributes, "name"), value_of(attributes, "type"), value_of(attributes, "precision", "FP32")});
    } else if (in_layer_) {
      inside(element, attributes);
    }
  }
  void inside(const std::string& element, const Attributes& attributes) {
    Layer& layer = layers_.back();
    if (element == "data") {
      layer.data = attributes;
    } else if (element == "input" || element == "output") {
      ports_ = element == "input" ? &Layer::input : &Layer::output;
      ports_seen_ = 0;
    } else if (element == "port") {
      ++ports_seen_;
    } else if (element == "dim") {
      dimensions_ = ports_ && ports_seen_ == 1;
      text_.clear();
    } else if (attributes.contains("offset") && attributes.contains("size")) {
      layer.blobs.push_back({element, whole(attributes.at("offset")), whole(attributes.at("size")),
                             value_of(attributes, "precision", layer.precision)});
    }
  }
  void end(const std::string& element) {
    --depth_;
    if (element == "layer") in_layer_ = false;
    if (element == "input" || element == "output") ports_ = nullptr;
    if (element != "dim" || !dimensions_) return;
    dimensions_ = false;
    g_strstrip(text_.data());
    const std::string number = text_.c_str();
    auto& shape = layers_.back().*ports_;
    if (shape.size() >= 32) unsound(_("a layer of it has too many dimensions"));
    shape.push_back(number == "-1" ? 0 : int64_t(whole(number)));
  }

  std::vector<Layer> layers_;
  std::exception_ptr failed_;
  std::vector<int64_t> Layer::*ports_ = nullptr;
  std::string text_;
  int depth_ = 0, ports_seen_ = 0;
  bool in_layer_ = false, dimensions_ = false;
};

NumberType number_type(const std::string& layer, std::string text) {
  static constexpr std::pair<std::string_view, NumberType> known[] = {
      {"FP32", NumberType::f32},     {"F32", NumberType::f32},        {"FP16", NumberType::f16},
      {"F16", NumberType::f16},      {"BF16", NumberType::bf16},      {"FP64", NumberType::f64},
      {"F64", NumberType::f64},      {"I64", NumberType::i64},        {"I32", NumberType::i32},
      {"I16", NumberType::i16},      {"I8", NumberType::i8},          {"U64", NumberType::u64},
      {"U32", NumberType::u32},      {"U16", NumberType::u16},        {"U8", NumberType::u8},
      {"BOOL", NumberType::boolean}, {"BOOLEAN", NumberType::boolean}};
  std::transform(text.begin(), text.end(), text.begin(), g_ascii_toupper);
  for (const auto& [name, type] : known)
    if (name == text) return type;
  unread(_("the numbers of “%s” are of the type “%s”, which is not read"), fit_for_print(layer).c_str(),
         fit_for_print(text).c_str());
}

/// What a blob of an old layer looks like; without a better idea, one row.
std::vector<int64_t> blob_shape(const Layer& layer, const Blob& blob, int64_t count) {
  if (blob.role == "custom" && layer.type == "Const") return layer.output;
  if (blob.role != "weights") return {count};
  const int64_t outputs = int64_t(whole(value_of(layer.data, "output", value_of(layer.data, "out-size", "0"))));
  if (layer.type == "FullyConnected" && outputs > 0) return {outputs, count / outputs};
  if (layer.type != "Convolution" || layer.input.size() < 2) return {count};
  auto kernel = whole_list(value_of(layer.data, "kernel"));
  if (kernel.empty())
    kernel = {int64_t(whole(value_of(layer.data, "kernel-y", "0"))),
              int64_t(whole(value_of(layer.data, "kernel-x", "0")))};
  const auto groups = std::max<int64_t>(1, int64_t(whole(value_of(layer.data, "group", "1"))));
  std::vector<int64_t> shape = {outputs, layer.input[1] / groups};
  shape.insert(shape.end(), kernel.begin(), kernel.end());
  return shape;
}

StoredTensor make_tensor(const HeldBytes& weights, std::string name, NumberType type, std::vector<int64_t> shape,
                         uint64_t offset, uint64_t size) {
  const std::string printed = fit_for_print(name);
  if (offset > weights.size() || size > weights.size() - offset)
    unsound(_("the data of “%s” reaches beyond the end of the weights file"), printed.c_str());
  if (uint64_t(checked_count(name, shape, type)) * number_size(type) != size)
    unsound(_("the data of “%s” does not have the size of its shape"), printed.c_str());
  return {std::move(name), type, std::move(shape), {}, weights.part(size_t(offset), size_t(size))};
}

bool is_constant(const Layer& layer) {
  return layer.type == "Const" && layer.data.contains("offset") && layer.data.contains("size");
}

}  // namespace

uint64_t openvino_weights_size(const HeldBytes& xml) {
  uint64_t end = 0;
  const auto reach = [&](uint64_t offset, uint64_t size) { end = std::max(end, offset + size); };
  for (const Layer& layer : LayerReader().read(xml)) {
    if (is_constant(layer)) reach(whole(layer.data.at("offset")), whole(layer.data.at("size")));
    for (const Blob& blob : layer.blobs) reach(blob.offset, blob.size);
  }
  return end;
}

Tensors read_openvino(const HeldBytes& xml, const HeldBytes& weights) {
  Tensors tensors;
  for (const Layer& layer : LayerReader().read(xml)) {
    if (is_constant(layer))
      tensors.push_back(make_tensor(
          weights, layer.name, number_type(layer.name, value_of(layer.data, "element_type", layer.precision)),
          whole_list(value_of(layer.data, "shape")), whole(layer.data.at("offset")), whole(layer.data.at("size"))));
    for (const Blob& blob : layer.blobs) {
      const NumberType type = number_type(layer.name, blob.precision);
      const std::string role = blob.role == "weights" ? ".weight" : blob.role == "biases" ? ".bias" : "." + blob.role;
      tensors.push_back(make_tensor(weights, layer.type == "Const" ? layer.name : layer.name + role, type,
                                    blob_shape(layer, blob, int64_t(blob.size / number_size(type))), blob.offset,
                                    blob.size));
    }
  }
  if (tensors.empty()) unread(_("there are no tensors in it"));
  return tensors;
}

}  // namespace pinxit
