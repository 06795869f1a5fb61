// SPDX-License-Identifier: Apache-2.0
//
// Which net is it? Made-up checkpoints of each kind; the originals of ../shared/models where they are there.
#include "engine/importers/recognise.h"
#include "tests/unit/importers_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Shape = std::vector<int64_t>;

const fs::path models = fs::path(PINXIT_SHARED_DATA) / "models";

/// A tensor that counts from 1.
StoredTensor counted(const std::string& name, const Shape& shape) {
  StoredTensor tensor{name, NumberType::f32, shape, {}, {}};
  auto values = std::make_shared<std::vector<float>>(size_t(tensor.count()));
  for (size_t i = 0; i < values->size(); ++i) (*values)[i] = float(i + 1);
  tensor.data = {std::as_bytes(std::span(*values)), values};
  return tensor;
}

class Made {
 public:
  Checkpoint file{"made.pth", "pytorch", {}, {}};
  Made& add(const std::string& name, const Shape& shape) {
    file.tensors.push_back(counted(name, shape));
    return *this;
  }
  /// A convolution and its normalisation, with the endings given for the latter.
  Made& layer(const std::string& convolution, const Shape& shape, const std::string& norm = {},
              const std::string& scale = ".weight", const std::string& shift = ".bias") {
    add(convolution + ".weight", shape).add(convolution + ".bias", {shape[0]});
    if (!norm.empty()) add(norm + scale, {shape[0]}).add(norm + shift, {shape[0]});
    return *this;
  }
};

Made transformernet(const std::string& prefix, const std::string& scale, const std::string& shift) {
  Made made;
  const auto add = [&](const std::string& name, const Shape& shape, const std::string& norm) {
    made.layer(prefix + name + ".conv2d", shape, norm.empty() ? "" : prefix + norm, scale, shift);
  };
  add("conv1", {4, 3, 9, 9}, "in1");
  add("conv2", {8, 4, 3, 3}, "in2");
  add("conv3", {8, 8, 3, 3}, "in3");
  add("res1.conv1", {8, 8, 3, 3}, "res1.in1");
  add("res1.conv2", {8, 8, 3, 3}, "res1.in2");
  add("deconv1", {8, 8, 3, 3}, "in4");
  add("deconv2", {4, 8, 3, 3}, "in5");
  add("deconv3", {3, 4, 9, 9}, "");
  return made;
}

std::string kind_of(const Checkpoint& file) {
  const auto net = recognise(file);
  return net ? net->kind + (net->part.empty() ? "" : " " + net->part) : std::string(error_name(net.error().code));
}

class importers_recognise : public importers_desk {};

TEST_F(importers_recognise, transformernet_in_all_its_layouts) {
  const auto wanted = contents(transformernet("", ".weight", ".bias").file.tensors);
  for (const auto& [prefix, scale, shift] : {std::tuple("", ".weight", ".bias"), std::tuple("", ".scale", ".shift"),
                                             std::tuple("module.", ".weight", ".bias")}) {
    Made made = transformernet(prefix, scale, shift);
    made.add(std::string(prefix) + "in1.running_mean", {4}).add(std::string(prefix) + "in1.running_var", {4});
    const auto net = recognise(made.file);
    ASSERT_TRUE(net) << net.error().sentence;
    EXPECT_EQ(net->kind, "transformernet");
    EXPECT_EQ(net->operation, "fast-style");
    EXPECT_EQ(contents(net->tensors), wanted);
    EXPECT_EQ(net->left_out.size(), 2u);
  }
  Made numbered = transformernet("", ".weight", ".bias");
  for (size_t i = 0; i < numbered.file.tensors.size(); ++i) numbered.file.tensors[i].name = std::to_string(i + 60);
  const auto net = recognise(numbered.file);
  ASSERT_TRUE(net) << net.error().sentence;
  EXPECT_EQ(contents(net->tensors), wanted);
  EXPECT_TRUE(net->left_out.empty());
}

TEST_F(importers_recognise, a_broken_transformernet_is_said_to_be_one) {
  Made made = transformernet("", ".weight", ".bias");
  made.file.tensors[9].shape = {2, 4};
  const auto misshapen = recognise(made.file);
  EXPECT_EQ(misshapen.error().code, ErrorCode::model_damaged);
  EXPECT_NE(misshapen.error().sentence.find(made.file.tensors[9].name), std::string::npos)
      << misshapen.error().sentence;
  made.file.tensors.erase(made.file.tensors.begin() + 9);
  const auto missing = recognise(made.file);
  EXPECT_EQ(missing.error().code, ErrorCode::model_damaged);
  EXPECT_NE(missing.error().sentence.find("is missing"), std::string::npos) << missing.error().sentence;
}

TEST_F(importers_recognise, slim_nets_also_as_tensorflow_has_them) {
  const auto slim = [](bool tensorflow) {
    Made made;
    int index = 0, channels = 3;
    for (const int out : {4, 8, 8, 8, 8, 8, 4, 3}) {
      const int64_t kernel = index == 0 || out == 3 ? 9 : 3;
      const bool doubling = index == 15 || index == 18;
      const Shape rows = doubling ? Shape{channels, out, kernel, kernel} : Shape{out, channels, kernel, kernel};
      const std::string first = index || !tensorflow ? "Variable_" + std::to_string(index) : "Variable";
      made.add(first, tensorflow ? Shape{kernel, kernel, rows[1], rows[0]} : rows);
      for (int k = 1; k < 3; ++k)
        made.add("Variable_" + std::to_string(index + k), tensorflow ? Shape{out} : Shape{1, out, 1, 1});
      index += 3;
      channels = out;
    }
    return made;
  };
  const auto net = recognise(slim(false).file), turned = recognise(slim(true).file);
  ASSERT_TRUE(net && turned);
  EXPECT_EQ(net->kind, "slimnet");
  EXPECT_EQ(contents(net->tensors), contents(slim(false).file.tensors));
  ASSERT_EQ(turned->tensors.size(), net->tensors.size());
  for (size_t i = 0; i < net->tensors.size(); ++i) {
    EXPECT_EQ(turned->tensors[i].name, net->tensors[i].name);
    EXPECT_EQ(turned->tensors[i].shape, net->tensors[i].shape);
  }
  const auto values = turned->tensors[0].floats();  // [O,I,H,W] of what counts along [H,W,I,O]
  for (int o = 0; o < 4; ++o)
    for (int i = 0; i < 3; ++i)
      for (int at = 0; at < 81; ++at) ASSERT_EQ(values[size_t((o * 3 + i) * 81 + at)], float((at * 3 + i) * 4 + o + 1));
}

TEST_F(importers_recognise, vgg19_of_torchvision_and_of_caffe) {
  const auto vgg = [](const std::vector<std::string>& names) {
    Made made;
    const int64_t channels[] = {3, 4, 4, 5, 5, 6};
    for (size_t i = 0; i < names.size(); ++i) made.layer(names[i], {channels[i + 1], channels[i], 3, 3});
    made.add("classifier.0.weight", {10, 20});
    return made;
  };
  const Checkpoint torchvision = vgg({"features.0", "features.2", "features.5", "features.7", "features.10"}).file;
  const Checkpoint caffe = vgg({"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"}).file;
  const auto a = recognise(torchvision), b = recognise(caffe);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->kind, "vgg19");
  EXPECT_EQ(a->operation, "encoder");
  EXPECT_FALSE(a->metadata.contains("preprocessing"));
  EXPECT_EQ(b->metadata.at("preprocessing"), "caffe");
  EXPECT_EQ(contents(a->tensors), contents(b->tensors));
  EXPECT_EQ(a->left_out, std::vector<std::string>{"classifier.0.weight"});
  Made sixteen = vgg({"features.0", "features.2"});
  sixteen.add("features.17.weight", {8, 8, 3, 3});
  EXPECT_EQ(kind_of(sixteen.file), "model-unsupported");
}

TEST_F(importers_recognise, a_rectified_flow_with_what_its_training_wrote) {
  Made made;
  made.file = {"made.safetensors", "safetensors", {}, {{"architecture", "flower-flow"}, {"words", "<end> red tulip"},
                                                       {"size", "16"}, {"steps", "4"}, {"guidance", "2.5"}}};
  made.add("words.weight", {8, 3}).layer("time.0", {8, 128}).layer("time.2", {8, 8}).layer("first", {8, 12, 3, 3});
  made.layer("middle.1.all", {24, 8, 1, 1}).layer("last", {12, 8, 3, 3});
  const auto net = recognise(made.file);
  ASSERT_TRUE(net) << net.error().sentence;
  EXPECT_EQ(net->kind, "rectified-flow");
  EXPECT_EQ(net->operation, "generate");
  EXPECT_EQ(contents(net->tensors), contents(made.file.tensors));
  EXPECT_TRUE(net->left_out.empty());
  for (const auto& [name, value] : made.file.metadata) EXPECT_EQ(net->metadata.at(name), value) << name;
  made.file.metadata["words"] += " lily";
  const auto more_words = recognise(made.file);
  EXPECT_EQ(more_words.error().code, ErrorCode::model_damaged);
  EXPECT_NE(more_words.error().sentence.find("words.weight"), std::string::npos) << more_words.error().sentence;
  made.file.metadata.erase("steps");
  const auto untold = recognise(made.file);
  EXPECT_EQ(untold.error().code, ErrorCode::model_damaged);
  EXPECT_NE(untold.error().sentence.find("“steps”"), std::string::npos) << untold.error().sentence;
  made.file.tensors.pop_back();
  made.file.tensors.pop_back();
  EXPECT_EQ(kind_of(made.file), "model-unsupported");
}

TEST_F(importers_recognise, others_are_refused_with_what_they_are) {
  const auto net = recognise(Made().add("fc.weight", {10, 20}).add("fc.bias", {10}).file);
  EXPECT_EQ(net.error().code, ErrorCode::model_unsupported);
  EXPECT_NE(net.error().sentence.find("fc.weight [10, 20]"), std::string::npos) << net.error().sentence;
  EXPECT_EQ(kind_of(Checkpoint{"x", "safetensors", {}, {}}), "model-unsupported");
}

TEST_F(importers_recognise, originals) {
  if (!fs::exists(models / "originals")) GTEST_SKIP() << "skipped: needs ../shared/models/originals";
  const std::pair<const char*, const char*> wanted[] = {
      {"microast/content_encoder_iter_160000.pth.tar", "microast content-encoder"},
      {"microast/style_encoder_iter_160000.pth.tar", "microast style-encoder"},
      {"microast/modulator_iter_160000.pth.tar", "microast modulator"},
      {"microast/decoder_iter_160000.pth.tar", "microast decoder"},
      {"taef2/taef2_encoder.pth", "taef2 encoder"},
      {"taef2/taef2_decoder.pth", "taef2 decoder"},
      {"wct16x/20191109-211322_E20.pth", "wct encoder-5"},
      {"wct16x/20191110-132643_E20.pth", "wct encoder-4"},
      {"wct16x/20191110-132705_E20.pth", "wct encoder-3"},
      {"wct16x/20191110-132713_E20.pth", "wct encoder-2"},
      {"wct16x/20191110-133713_E20.pth", "wct encoder-1"},
      {"wct16x/20191110-204615_E20.pth", "wct decoder-5"},
      {"wct16x/20191111-092553_E20.pth", "wct decoder-4"},
      {"wct16x/20191111-091929_E20.pth", "wct decoder-3"},
      {"wct16x/20191111-091932_E20.pth", "wct decoder-2"},
      {"wct16x/20191111-091942_E20.pth", "wct decoder-1"},
      {"openrtist/mosaic.bin", "transformernet"},
      {"openrtist/16.xml", "transformernet"},
  };
  for (const auto& [name, kind] : wanted) {
    const auto file = read_checkpoint(models / "originals" / name);
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(kind_of(*file), kind) << name;
  }
}

TEST_F(importers_recognise, openrtist_mosaic_is_the_mosaic_to_the_last_bit) {
  if (!fs::exists(models / "originals/openrtist")) GTEST_SKIP() << "skipped: needs ../shared/models/originals";
  const auto net = recognise(read_checkpoint(models / "originals/openrtist/mosaic.bin").take());
  ASSERT_TRUE(net) << net.error().sentence;
  const std::string path = folder / "mosaic.safetensors";
  ASSERT_TRUE(write_safetensors(path, net->tensors, net->metadata));
  const auto reference = read_checkpoint(models / "transformernet/mosaic.safetensors").take();
  EXPECT_EQ(contents(read_checkpoint(path).take().tensors), contents(reference.tensors));
  EXPECT_EQ(reference.tensors.size(), 62u);
}

TEST_F(importers_recognise, what_pinxit_uses_itself) {
  if (!fs::exists(models / "vgg19")) GTEST_SKIP() << "skipped: needs ../shared/models";
  const std::pair<const char*, const char*> wanted[] = {
      {"transformernet/candy.safetensors", "transformernet"},
      {"slimnet/starry-night.safetensors", "slimnet"},
      {"vgg19/vgg19-16x.safetensors", "vgg19"},
      {"vgg19/vgg19-conv3_1.safetensors", "vgg19"},
      {"magenta/arbitrary-predict.safetensors", "magenta-arbitrary predict"},
      {"magenta/arbitrary-transfer.safetensors", "magenta-arbitrary transfer"},
      {"magenta/multistyle26.safetensors", "magenta-multistyle"},
  };
  for (const auto& [name, kind] : wanted) {
    const auto file = read_checkpoint(models / name).take();
    const auto net = recognise(file);
    ASSERT_TRUE(net) << net.error().sentence;
    EXPECT_EQ(kind_of(file), kind);
    EXPECT_EQ(contents(net->tensors), contents(file.tensors)) << name;
  }
}

}  // namespace
}  // namespace pinxit
