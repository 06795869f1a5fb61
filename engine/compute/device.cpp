// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/device.h"

#include <torch/cuda.h>
#include <torch/types.h>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

int cuda_devices() {
  static const int count = torch::cuda::is_available() ? int(torch::cuda::device_count()) : 0;
  return count;
}

}  // namespace

DeviceChoice choose_device(const std::string& name) {
  if (name == "cpu") return {};
  if (name == "auto") {
    if (cuda_devices() > 0) return {torch::Device(torch::kCUDA, 0), false};
    return {torch::kCPU, true};
  }
  int index = 0;
  if (name.rfind("cuda:", 0) == 0) {
    const std::string digits = name.substr(5);
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos) index = -1;
    else index = std::stoi(digits);
  } else if (name != "cuda") {
    index = -1;
  }
  if (index < 0)
    throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not a device."), name.c_str()),
                  _("Choose auto, cpu, cuda or cuda:N."));
  if (index >= cuda_devices())
    throw Failure(ErrorCode::device_unavailable,
                  cuda_devices() ? format_text(_("This machine has no GPU number %d."), index)
                                 : std::string(_("Pinxit finds no CUDA GPU on this machine.")),
                  _("Choose the device auto or cpu; for CUDA an NVIDIA driver and Pinxit's CUDA engine are needed."));
  return {torch::Device(torch::kCUDA, c10::DeviceIndex(index)), false};
}

std::vector<std::string> devices_here() {
  std::vector<std::string> names = {"cpu"};
  for (int i = 0; i < cuda_devices(); ++i) names.push_back("cuda:" + std::to_string(i));
  return names;
}

}  // namespace pinxit
