// SPDX-License-Identifier: Apache-2.0
//
// Devices as painters read them, and what an engine tells of itself, out of its JSON. No GTK here.
#pragma once

#include <string>
#include <vector>

namespace pinxit {

/// "auto" -> "Automatic", "cpu" -> "CPU", "cuda" -> "GPU (CUDA)", "cuda:1" -> "GPU 1 (CUDA)"; others as they are.
std::string device_title(const std::string& device);

/// What EngineClient::status says; fields that are missing stay empty.
struct EngineFacts {
  std::string version;
  std::vector<std::string> devices;
  std::vector<std::string> models;  ///< titles of the loaded ones
  int threads = 0, jobs = 0, pid = 0;
};
EngineFacts engine_facts(const std::string& status_json);

/// Of Outcome::facts: what a picture was painted with.
struct PaintFacts {
  std::string device, precision;
};
PaintFacts paint_facts(const std::string& facts_json);

}  // namespace pinxit
