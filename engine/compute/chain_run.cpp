// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/chain_run.h"

#include <torch/types.h>

#include <map>

#include "engine/base/error.h"
#include "engine/compute/plane.h"

namespace pinxit {
namespace {

Region united(const Region& a, const Region& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  const int64_t x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

Span across(const Region& r) { return {r.x, r.right()}; }
Span down(const Region& r) { return {r.y, r.bottom()}; }

/// Index tables relative to a window that starts at `origin`.
std::vector<int32_t> relative(std::vector<int32_t> table, int64_t origin) {
  for (auto& index : table)
    if (index >= 0) index -= int32_t(origin);
  return table;
}

class Runner {
 public:
  Runner(const StyleChain& chain, const ChainPlan& plan, const ChainSource& source, const WriteTile& write,
         const Watch& watch)
      : chain_(chain), plan_(plan), source_(source), write_(write), watch_(watch),
        sizes_(chain.sizes(source.width(), source.height())), curves_(chain.layers.size()) {}

  ChainStatistics whole() {
    total_ = plan_.work;
    for (const Stage& stage : plan_stages(plan_)) run_stage(stage);
    return curves_;
  }

  void part(const ChainStatistics& statistics, const Region& region) {
    curves_ = statistics;
    const size_t last = chain_.layers.size() - 1;
    const auto tiles = tiles_over(region.width, region.height, plan_.tile_side(chain_.layers[0].convolution.outputs()));
    total_ = double(tiles.size());
    for (Region tile : tiles) {
      tile.x += region.x, tile.y += region.y;
      finish(tile, activation(last, compute({0, last}, tile, false, nullptr, {})));
      advance(1);
    }
  }

 private:
  int64_t input_width(size_t layer) const { return layer ? sizes_[layer - 1].width : source_.width(); }
  int64_t input_height(size_t layer) const { return layer ? sizes_[layer - 1].height : source_.height(); }

  void advance(double work) {
    done_ += work;
    if (watch_) watch_(total_ > 0 ? std::min(done_ / total_, 1.0) : 1);
  }

  /// Statistics of every layer of the stage, one after the other; the last pass keeps the output.
  void run_stage(const Stage& stage) {
    const bool final = stage.last + 1 == chain_.layers.size();
    for (size_t last = stage.first; last <= stage.last; ++last) {
      const auto& layer = chain_.layers[last];
      const bool keep = last == stage.last;
      const bool to_write = keep && final && !layer.normalised;
      if (to_write && !write_) return;
      if (!layer.normalised) curves_[last] = {{}, {}, layer.relu};
      if (!keep && !layer.normalised) continue;
      Plane output;
      if (keep && !to_write) output = make_plane(last);
      ChannelSums sums(layer.convolution.outputs());
      for (const Region& tile : tiles_over(sizes_[last].width, sizes_[last].height,
                                           plan_.tile_side(layer.convolution.outputs()))) {
        const auto into = output && chain_.own ? output.view(tile) : torch::Tensor();
        const auto raw = compute({stage.first, last}, tile, true, layer.normalised ? &sums : nullptr, into);
        if (to_write) finish(tile, raw);
        if (output && !into.defined()) output.write(tile, raw);
      }
      if (layer.normalised)
        curves_[last] = sums.normalisation(layer.gamma, layer.beta, layer.eps, layer.relu, chain_.device);
      if (!keep || to_write) continue;
      settle(last, std::move(output));
      if (final && write_) write_plane(last);
    }
    drop_planes_before(stage.last);
  }

  Plane make_plane(size_t layer) const {
    const auto& convolution = chain_.layers[layer].convolution;
    const auto [width, height] = sizes_[layer];
    return plan_.scratch_file ? Plane::in_scratch_file(height, width, convolution.outputs(), convolution.type(),
                                                       chain_.device, plan_.scratch_folder)
                              : Plane::in_memory(height, width, convolution.outputs(), convolution.type(),
                                                 chain_.device);
  }

  bool term_later(size_t layer) const {
    for (size_t later = layer + 1; later < chain_.layers.size(); ++later)
      if (chain_.layers[later].add_from == int(layer)) return true;
    return false;
  }

  /// Keeps a raw plane for the next stage, for our own convolutions: they apply its curve and add its residual term
  /// when they read it. Only where a sum is a term of the next one it is made now, in place of its own term.
  void settle_own(size_t layer, Plane raw) {
    const int from = chain_.layers[layer].add_from;
    if (from < 0) {
      planes_[layer] = {std::move(raw), curves_[layer], {}};
      return;
    }
    Stored term = std::move(planes_.at(size_t(from)));
    planes_.erase(size_t(from));
    if (!term_later(layer) && term.curve.identity() && layer + 1 < chain_.layers.size()) {
      planes_[layer] = {std::move(raw), curves_[layer], std::move(term.plane)};
      return;
    }
    for (const Region& tile : tiles_over(raw.width(), raw.height(),
                                         plan_.tile_side(chain_.layers[layer].convolution.outputs()))) {
      auto values = raw.view(tile), sum = term.plane.view(tile);
      const bool in_file = !sum.defined();
      if (in_file) values = raw.read(tile), sum = term.plane.read(tile);
      residual_sum(values, curves_[layer], sum, term.curve);
      if (in_file) term.plane.write(tile, sum);
      if (watch_) watch_(total_ > 0 ? std::min(done_ / total_, 1.0) : 1);
    }
    planes_[layer] = {std::move(term.plane), {}, {}};
  }

  /// Keeps a raw plane for the next stage. Where it is part of a residual sum, the sum is made now, in place.
  void settle(size_t layer, Plane raw) {
    if (chain_.own) return settle_own(layer, std::move(raw));
    if (!chain_.residual(layer)) {
      planes_[layer] = {std::move(raw), curves_[layer], {}};
      return;
    }
    const int from = chain_.layers[layer].add_from;
    Plane sum = from >= 0 ? std::move(planes_.at(size_t(from)).plane) : Plane();
    Plane& target = from >= 0 ? sum : raw;
    for (const Region& tile : tiles_over(raw.width(), raw.height(),
                                         plan_.tile_side(chain_.layers[layer].convolution.outputs()))) {
      auto values = curved(raw.read(tile), curves_[layer]);
      if (from >= 0) add_in_place(values, sum.read(tile));
      target.write(tile, values);
      if (watch_) watch_(total_ > 0 ? std::min(done_ / total_, 1.0) : 1);
    }
    if (from >= 0) planes_.erase(size_t(from)), raw = std::move(sum);
    planes_[layer] = {std::move(raw), {}, {}};
  }

  /// Planes nobody will read any more.
  void drop_planes_before(size_t layer) {
    for (auto it = planes_.begin(); it != planes_.end();) {
      bool pending = it->first >= layer;
      for (size_t later = layer + 1; later < chain_.layers.size(); ++later)
        pending = pending || chain_.layers[later].add_from == int(it->first);
      it = pending ? std::next(it) : planes_.erase(it);
    }
  }

  void write_plane(size_t layer) {
    const auto& stored = planes_.at(layer);
    for (const Region& tile : tiles_over(sizes_[layer].width, sizes_[layer].height, plan_.tile_side(16))) {
      finish(tile, curved(stored.plane.read(tile), stored.curve));
      if (watch_) watch_(total_ > 0 ? std::min(done_ / total_, 1.0) : 1);
    }
  }

  void finish(const Region& tile, torch::Tensor colours) {
    colours = colours.to(torch::kCPU, torch::kFloat32);
    if (chain_.output == OutputCurve::tanh_150) colours = colours.tanh().mul_(150).add_(127.5);
    write_(tile, colours.contiguous());
  }

  /// Raw output of stage.last over `tile`, from what stage.first - 1 stored or from the picture; its sums are added to
  /// `sums` where given. Our own convolutions write it `into` a tensor where one is given.
  torch::Tensor compute(const Stage& stage, const Region& tile, bool counted, ChannelSums* sums,
                        const torch::Tensor& into) {
    // Backwards: which part of every activation inside the stage is needed.
    std::map<size_t, Region> needed;
    needed[stage.last] = tile;
    for (size_t i = stage.last; i > stage.first; --i) {
      const auto& geometry = chain_.layers[i].convolution.geometry();
      const Region out = needed[i];
      const Span x = geometry.needs(across(out), input_width(i)), y = geometry.needs(down(out), input_height(i));
      needed[i - 1] = united(needed[i - 1], {x.first, y.first, x.size(), y.size()});
      const int from = i < stage.last ? chain_.layers[i].add_from : -1;
      if (from >= int(stage.first)) needed[size_t(from)] = united(needed[size_t(from)], out);
    }
    if (stage.last == chain_.layers.size() - 1 && chain_.layers.back().add_from >= 0)
      throw Failure(ErrorCode::internal, "the last layer cannot be a residual sum");

    // Forwards.
    std::map<size_t, Made> terms;  // residual terms inside the stage
    Made made;
    for (size_t i = stage.first; i <= stage.last; ++i) {
      const auto& convolution = chain_.layers[i].convolution;
      const Region out = needed[i];
      const bool last = i == stage.last;
      auto rows = convolution.geometry().table(down(out), input_height(i));
      auto columns = convolution.geometry().table(across(out), input_width(i));
      LayerInput in;
      if (i > stage.first) {
        const Region have = needed[i - 1];
        in = {made.values, made.curve, {}, relative(std::move(rows), have.y), relative(std::move(columns), have.x)};
      } else if (i == 0) {
        in.values = source_.gather(rows, columns).to(chain_.device, convolution.type());
      } else {
        in = from_plane(i - 1, convolution, out, std::move(rows), std::move(columns));
      }
      made = {convolve(i, in, out, last ? sums : nullptr, last ? into : torch::Tensor()), curves_[i]};
      if (counted) advance(cost(i) * double(out.area()));
      else if (watch_) watch_(total_ > 0 ? done_ / total_ : 0);
      if (last || !chain_.residual(i)) continue;
      const int from = chain_.layers[i].add_from;
      if (from >= 0) {
        const Region have = needed.at(size_t(from));
        const auto term = terms.extract(size_t(from)).mapped();
        made = summed(made, term.values.slice(0, out.y - have.y, out.bottom() - have.y)
                                .slice(1, out.x - have.x, out.right() - have.x), term.curve);
      } else if (!chain_.own) {
        made = {curved(made.values, made.curve), {}};
      }
      if (term_later(i)) terms[i] = made;
    }
    return made.values;
  }

  /// Raw values and the curve that makes activations of them.
  struct Made {
    torch::Tensor values;
    Curve curve;
  };

  /// The activations of `made` plus a term.
  Made summed(const Made& made, torch::Tensor term, const Curve& term_curve) const {
    if (chain_.own) {
      // Nobody reads the raw values any more: the sum takes their place.
      auto sum = made.values;
      residual_sum(term, term_curve, sum, made.curve);
      return {sum, {}};
    }
    auto sum = curved(made.values, made.curve);
    add_in_place(sum, term.contiguous());
    return {sum, {}};
  }

  double cost(size_t layer) const {
    return chain_.layers[layer].convolution.cost(sizes_[layer].width, sizes_[layer].height);
  }

  /// Raw output of one layer over a region of it, `into` a tensor where our own convolutions are given one.
  torch::Tensor convolve(size_t layer, const LayerInput& in, const Region& out, ChannelSums* sums, torch::Tensor into) {
    const auto& convolution = chain_.layers[layer].convolution;
    if (const OwnConvolution* own = convolution.own()) {
      if (!into.defined()) into = torch::empty({out.height, out.width, convolution.outputs()});
      own->run(in, down(out), across(out), {sizes_[layer].width, sizes_[layer].height}, into, sums);
      return into;
    }
    const auto padded =
        in.rows.empty() ? in.values : gather(in.values, in.rows, in.columns, in.curve, convolution.type());
    const auto raw = convolution.run(padded, down(out), across(out));
    if (sums) sums->add(raw);
    return raw;
  }

  LayerInput from_plane(size_t layer, const Convolution& next, const Region& out, std::vector<int32_t> rows,
                        std::vector<int32_t> columns) {
    const auto& stored = planes_.at(layer);
    const Span x = next.geometry().needs(across(out), sizes_[layer].width);
    const Span y = next.geometry().needs(down(out), sizes_[layer].height);
    const Region region{x.first, y.first, x.size(), y.size()};
    const auto window = stored.plane.window(region);
    return {window.tile, stored.curve, stored.residual ? stored.residual.window(region).tile : torch::Tensor(),
            relative(std::move(rows), window.y), relative(std::move(columns), window.x)};
  }

  torch::Tensor activation(size_t layer, const torch::Tensor& raw) const {
    return curves_[layer].scale.defined() || curves_[layer].relu ? curved(raw, curves_[layer]) : raw;
  }

  struct Stored {
    Plane plane;
    Curve curve;  ///< from the plane's raw values to activations; identity where they are activations already
    Plane residual;  ///< empty, or activations to be added
  };
  const StyleChain& chain_;
  const ChainPlan& plan_;
  const ChainSource& source_;
  const WriteTile& write_;
  const Watch& watch_;
  std::vector<StyleChain::Size> sizes_;
  ChainStatistics curves_;
  std::map<size_t, Stored> planes_;
  double done_ = 0, total_ = 0;
};

}  // namespace

std::vector<Region> tiles_over(int64_t width, int64_t height, int64_t side) {
  std::vector<Region> tiles;
  for (int64_t y = 0; y < height; y += side)
    for (int64_t x = 0; x < width; x += side)
      tiles.push_back({x, y, std::min(side, width - x), std::min(side, height - y)});
  return tiles;
}

ChainStatistics run_chain(const StyleChain& chain, const ChainPlan& plan, const ChainSource& source,
                          const WriteTile& write, const Watch& watch) {
  const c10::InferenceMode no_gradients;
  return Runner(chain, plan, source, write, watch).whole();
}

void run_chain_region(const StyleChain& chain, const ChainStatistics& statistics, const ChainSource& source,
                      const Region& region, const ChainPlan& plan, const WriteTile& write, const Watch& watch) {
  const c10::InferenceMode no_gradients;
  Runner(chain, plan, source, write, watch).part(statistics, region);
}

}  // namespace pinxit
