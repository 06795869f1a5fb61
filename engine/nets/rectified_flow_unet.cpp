// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/rectified_flow_unet.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/compute/convolutions_choice.h"
#include "engine/nets/chain_loading.h"

namespace pinxit {
namespace {

constexpr int64_t groups = 8, head_width = 32, time_width = 128, block_channels = 12;
constexpr size_t most_levels = 10;  // pictures have at most 1024 pixels a side
constexpr auto nhwc = torch::MemoryFormat::ChannelsLast;

Failure misfit(const std::string& name) {
  return {ErrorCode::model_damaged, format_text(_("The tensor “%s” has a wrong shape."), name.c_str()),
          _("Use another copy of the weights file.")};
}

torch::Tensor normalised(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
  return torch::group_norm(x, groups, weight, bias, 1e-5);
}

torch::Tensor activated(torch::Tensor x) {
  return torch::silu_(x);
}

/// The fastest algorithm, but F(4×4) instead of F(6×6): more exact, and its weights take less memory.
convolve::Plan plan_for(const convolve::Weights& weights, int64_t width, int64_t height) {
  auto options = convolution_options();
  if (convolve::fastest_algorithm(weights.shape(), width, height, options) == convolve::Algorithm::winograd6)
    options.algorithm = convolve::Algorithm::winograd4;
  return convolve::plan_picture(weights.shape(), width, height, options);
}

}  // namespace

bool rectified_flow_unet_recognise(const Safetensors& file) {
  return file.has("words.weight") && file.has("time.0.weight") && file.has("first.weight") &&
         file.has("middle.1.all.weight");
}

class RectifiedFlowUnet::Reader {
 public:
  Reader(RectifiedFlowUnet& net, const Safetensors& file, torch::Device device, torch::ScalarType type)
      : net_(net), file_(file), device_(device), type_(type) {}

  bool has(const std::string& name) const { return file_.has(name + ".weight"); }

  torch::Tensor tensor(const std::string& name, const std::vector<int64_t>& shape, torch::ScalarType type) {
    auto read = checked_tensor(file_, name, shape);
    net_.parameters_ += read.numel();
    read_.insert(name);
    // A copy, so that the file may change or go; convolutions work on NHWC.
    read = read.to(device_, type, false, true, read.dim() == 4 ? nhwc : torch::MemoryFormat::Contiguous);
    net_.weight_bytes_ += int64_t(read.nbytes());
    return read;
  }
  Affine affine(const std::string& name, const std::vector<int64_t>& shape, torch::ScalarType type) {
    auto weight = tensor(name + ".weight", shape, type);
    auto bias = tensor(name + ".bias", {weight.size(0)}, type);
    return {std::move(weight), std::move(bias)};
  }
  Affine norm(const std::string& name, int64_t width) {
    if (width % groups != 0) throw misfit(name + ".weight");
    return affine(name, {width}, type_);
  }
  Affine pointwise(const std::string& name, int64_t out, int64_t in) { return affine(name, {out, in, 1, 1}, type_); }
  Convolution convolution(const std::string& name, int64_t out, int64_t in) {
    Convolution layer{affine(name, {out, in, 3, 3}, type_), {}};
    if (!own_convolutions(device_, type_)) return layer;
    layer.weight = layer.weight.contiguous();  // a copy only where it was not so
    const auto weight = layer.weight;
    layer.own.emplace(convolve::ConvolutionShape{.inputs = weight.size(1), .outputs = weight.size(0)},
                      std::shared_ptr<const float>(weight.const_data_ptr<float>(), [weight](const float*) {}));
    return layer;
  }
  /// The condition is computed in float32 throughout: it is small.
  Affine linear(const std::string& name, int64_t out, int64_t in) { return affine(name, {out, in}, torch::kFloat32); }
  /// `width` is what comes in and, afterwards, what goes out.
  Block block(const std::string& name, int64_t& width) {
    Block block;
    block.norm1 = norm(name + ".norm1", width);
    block.conv1 = convolution(name + ".conv1", -1, width);
    const int64_t out = block.conv1.weight.size(0);
    block.norm2 = norm(name + ".norm2", out);
    block.conv2 = convolution(name + ".conv2", out, out);
    block.condition = linear(name + ".condition", 2 * out, net_.words_.size(0));
    if (out != width) block.skip = pointwise(name + ".skip", out, width);
    width = out;
    return block;
  }
  Attention attention(const std::string& name, int64_t width) {
    if (width % head_width != 0) throw misfit(name + ".all.weight");
    auto all_places = norm(name + ".norm", width);
    auto all = pointwise(name + ".all", 3 * width, width);
    return {std::move(all_places), matrix(all), matrix(pointwise(name + ".out", width, width))};
  }

  /// Throws where the file holds tensors that were not read: then another one must be missing.
  void check_all_read() const {
    for (const auto& name : file_.names())
      if (!read_.contains(name))
        throw Failure(ErrorCode::model_damaged,
                      format_text(_("The tensor “%s” does not belong to the others."), name.c_str()),
                      _("Use another copy of the weights file."));
  }

 private:
  /// A convolution of single pixels is a product of matrices.
  static Affine matrix(const Affine& layer) { return {layer.weight.flatten(1).contiguous(), layer.bias}; }
  RectifiedFlowUnet& net_;
  const Safetensors& file_;
  torch::Device device_;
  torch::ScalarType type_;
  std::set<std::string> read_;
};

RectifiedFlowUnet RectifiedFlowUnet::load(const Safetensors& file, torch::Device device, torch::ScalarType type) {
  RectifiedFlowUnet net;
  Reader reader(net, file, device, type);
  net.words_ = reader.tensor("words.weight", {-1, -1}, torch::kFloat32);
  const int64_t condition = net.words_.size(0);
  net.time1_ = reader.linear("time.0", condition, time_width);
  net.time2_ = reader.linear("time.2", condition, condition);
  net.first_ = reader.convolution("first", -1, block_channels);
  int64_t width = net.first_.weight.size(0);

  // Parts are numbered through; behind the blocks of each level stands its attention, or a number without tensors.
  const auto name = [](const char* list, int64_t i) { return std::string(list) + "." + std::to_string(i); };
  const auto is_block = [&](int64_t i) { return reader.has(name("down", i) + ".conv1"); };
  const auto is_attention = [&](int64_t i) { return reader.has(name("down", i) + ".all"); };
  std::vector<int64_t> skips;  // widths
  int64_t at = 0;
  do {
    Level level;
    for (; is_block(at); ++at) {
      level.blocks.push_back(reader.block(name("down", at), width));
      skips.push_back(width);
    }
    if (is_attention(at)) level.attention = reader.attention(name("down", at), width);
    ++at;
    if (level.blocks.empty() || level.blocks.size() != (net.down_.empty() ? level : net.down_[0]).blocks.size())
      throw misfit(name("down", at - 1));
    net.down_.push_back(std::move(level));
    if (net.down_.size() > most_levels) throw misfit(name("down", at - 1));
  } while (is_block(at));

  net.middle_.blocks.push_back(reader.block("middle.0", width));
  net.middle_.attention = reader.attention("middle.1", width);
  net.middle_.blocks.push_back(reader.block("middle.2", width));
  if (net.middle_.blocks[0].skip || net.middle_.blocks[1].skip) throw misfit("middle.0.conv1.weight");

  at = 0;
  for (size_t i = net.down_.size(); i-- > 0;) {
    Level level;
    for (size_t k = 0; k < net.down_[i].blocks.size(); ++k, ++at) {
      width += skips.back();
      skips.pop_back();
      level.blocks.push_back(reader.block(name("up", at), width));
    }
    if (net.down_[i].attention) level.attention = reader.attention(name("up", at), width);
    ++at;
    net.up_.push_back(std::move(level));
  }
  net.norm_ = reader.norm("norm", width);
  net.last_ = reader.convolution("last", block_channels, width);
  reader.check_all_read();
  return net;
}

int64_t RectifiedFlowUnet::run_bytes(int64_t side, int64_t count) const {
  int64_t skips = 0, widest = 0, pixels = side * side / 4;
  std::vector<int64_t> sizes;
  for (const auto& level : down_) {
    sizes.push_back(pixels);
    for (const auto& block : level.blocks) skips += pixels * block.conv1.weight.size(0);
    pixels /= 4;
  }
  // What goes into a block, the same normalised, and what comes out of its convolutions.
  for (size_t i = 0; i < up_.size(); ++i)
    for (const auto& block : up_[i].blocks)
      widest = std::max(
          widest, sizes[sizes.size() - 1 - i] * (2 * block.conv1.weight.size(1) + 3 * block.conv1.weight.size(0)));
  // The forms of the weights that our own convolutions read.
  size_t forms = 0;
  const auto add_forms = [&](const Level& level, int64_t edge) {
    for (const auto& block : level.blocks)
      for (const auto* layer : {&block.conv1, &block.conv2})
        if (layer->own) {
          const auto plan = plan_for(*layer->own, edge, edge);
          forms += layer->own->packed_bytes(plan.algorithm, plan.set);
        }
  };
  for (size_t i = 0; i < down_.size(); ++i) {
    add_forms(down_[i], side >> (i + 1));
    add_forms(up_[up_.size() - 1 - i], side >> (i + 1));
  }
  add_forms(middle_, side >> down_.size());
  return count * (skips + 2 * widest) * int64_t(first_.weight.element_size()) + int64_t(forms) + (int64_t(16) << 20);
}

torch::Tensor RectifiedFlowUnet::condition(double time, const torch::Tensor& words) const {
  const auto frequencies =
      torch::exp(torch::arange(time_width / 2, words.options()) * (-std::log(10000.0) / double(time_width / 2)));
  const auto angles = frequencies * (1000 * time);
  const auto moment = torch::cat({angles.cos(), angles.sin()}).unsqueeze(0);
  const auto when =
      torch::linear(torch::silu(torch::linear(moment, time1_.weight, time1_.bias)), time2_.weight, time2_.bias);
  return torch::silu(when + torch::linear(words, words_));
}

torch::Tensor RectifiedFlowUnet::convolved(const Convolution& layer, const torch::Tensor& x, const torch::Tensor& add) {
  if (!layer.own) {
    const auto made = torch::conv2d(x, layer.weight, layer.bias, 1, 1);
    return add.defined() ? made + add : made;
  }
  const int64_t height = x.size(2), width = x.size(3), pixels = height * width, outputs = layer.weight.size(0);
  const auto plan = plan_for(*layer.own, width, height);
  const auto from = x.contiguous(nhwc), sum = add.defined() ? add.contiguous(nhwc) : add;
  const auto made = torch::empty({x.size(0), outputs, height, width}, x.options(), nhwc);
  for (int64_t n = 0; n < x.size(0); ++n)
    convolve::run(plan, *layer.own, {.data = from.const_data_ptr<float>() + n * pixels * x.size(1)},
                  {.data = made.mutable_data_ptr<float>() + n * pixels * outputs,
                   .bias = layer.bias.const_data_ptr<float>(),
                   .add = sum.defined() ? sum.const_data_ptr<float>() + n * pixels * outputs : nullptr},
                  convolution_workspace(plan.workspace_floats), engine_threads());
  return made;
}

torch::Tensor RectifiedFlowUnet::through(const Block& block, const torch::Tensor& x, const torch::Tensor& condition) {
  auto h = activated(normalised(x, block.norm1.weight, block.norm1.bias));
  h = convolved(block.conv1, h);
  const auto both = torch::linear(condition, block.condition.weight, block.condition.bias)
                        .to(x.scalar_type())
                        .unsqueeze(2)
                        .unsqueeze(3)
                        .chunk(2, 1);
  h = normalised(h, block.norm2.weight, block.norm2.bias).mul_(both[0] + 1).add_(both[1]);
  return convolved(block.conv2, activated(h), block.skip ? torch::conv2d(x, block.skip->weight, block.skip->bias) : x);
}

torch::Tensor RectifiedFlowUnet::through(const Attention& attention, const torch::Tensor& x) {
  const int64_t count = x.size(0), width = x.size(1), rows = x.size(2), columns = x.size(3);
  const auto places = normalised(x, attention.norm.weight, attention.norm.bias)
                          .permute({0, 2, 3, 1})
                          .reshape({count, rows * columns, width});
  const auto all = torch::linear(places, attention.all.weight, attention.all.bias)
                       .view({count, rows * columns, 3, width / head_width, head_width})
                       .permute({2, 0, 3, 1, 4});
  const auto heard =
      at::scaled_dot_product_attention(all[0], all[1], all[2]).transpose(1, 2).reshape({count, rows * columns, width});
  return torch::linear(heard, attention.out.weight, attention.out.bias)
      .view({count, rows, columns, width})
      .permute({0, 3, 1, 2})
      .add(x);
}

torch::Tensor RectifiedFlowUnet::run(const torch::Tensor& x, double time, const torch::Tensor& words) const {
  const torch::NoGradGuard no_grad;
  if (x.dim() != 4 || x.size(1) != 3 || x.size(2) % side_step() != 0 || x.size(3) % side_step() != 0 ||
      words.size(0) != x.size(0) || words.size(1) != vocabulary())
    throw Failure(ErrorCode::internal, "a picture or words of a wrong size for this net");
  const auto given = condition(time, words.to(words_.options()));
  auto h = torch::pixel_unshuffle(x, 2).to(first_.weight.device(), first_.weight.scalar_type(), false, false, nhwc);
  h = convolved(first_, h);
  std::vector<torch::Tensor> skips;
  for (size_t i = 0; i < down_.size(); ++i) {
    if (i > 0) h = torch::avg_pool2d(h, 2);
    for (const auto& block : down_[i].blocks) skips.push_back(h = through(block, h, given));
    if (down_[i].attention) skips.back() = h = through(*down_[i].attention, h);
  }
  h = through(middle_.blocks[0], h, given);
  h = through(middle_.blocks[1], through(*middle_.attention, h), given);
  for (size_t i = 0; i < up_.size(); ++i) {
    if (i > 0) h = torch::upsample_nearest2d(h, {2 * h.size(2), 2 * h.size(3)});
    for (const auto& block : up_[i].blocks) {
      h = through(block, torch::cat({h, skips.back()}, 1), given);
      skips.pop_back();
    }
    if (up_[i].attention) h = through(*up_[i].attention, h);
  }
  h = convolved(last_, activated(normalised(h, norm_.weight, norm_.bias)));
  return torch::pixel_shuffle(h, 2).to(torch::kFloat32).contiguous();
}

}  // namespace pinxit
