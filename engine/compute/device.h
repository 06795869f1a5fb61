// SPDX-License-Identifier: Apache-2.0
//
// Devices by name: auto, cpu, cuda, cuda:N.
#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

namespace pinxit {

struct DeviceChoice {
  torch::Device device = torch::kCPU;
  bool fell_back = false;  ///< auto found no GPU and takes the CPU
};

/// Throws Failure: bad_argument for a name of no device, device_unavailable for a GPU that is not there.
DeviceChoice choose_device(const std::string& name);

/// "cpu", and "cuda:0", … where LibTorch sees them.
std::vector<std::string> devices_here();

}  // namespace pinxit
