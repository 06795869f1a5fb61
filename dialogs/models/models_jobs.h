// SPDX-License-Identifier: Apache-2.0
//
// The Models window's work, each job on a thread of its own: what may block happens there, and is heard of on the main
// thread.
//
//     ModelJobs jobs;
//     jobs.on_listed = [&](const StoreState& list) { … };      // after jobs.list()
//     jobs.on_changed = [&](const ModelJob& job) { … };            // it began, or goes on
//     jobs.on_ended = [&](const ModelJob& job, const Result<Imported>& end) { … };
//     jobs.install("vgg19", "VGG19");
//     jobs.cancel("vgg19");                                        // on_ended(cancelled) comes when its thread is done
//
// Several jobs run side by side, one for each subject; asking again for a subject that is worked on does nothing.
// Destroying it asks all threads to stop and waits for none. Made, used and called back on the main thread only.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "dialogs/shared/main_loop.h"
#include "engine/install/installer.h"

namespace pinxit {

struct ModelJob {
  enum class Task { install, import, verify, remove };
  Task task = Task::install;
  std::string subject;       ///< a model's id, or the absolute path of what is imported
  std::string title;         ///< for people
  InstallProgress progress;  ///< the last that was heard
  bool stopping = false;
};

/// What there is, read at one moment.
struct StoreState {
  std::vector<ModelState> models;
  DiskUse use;
  std::vector<Error> problems;  ///< broken entries and lists of offers
};

class ModelJobs {
 public:
  ModelJobs() = default;
  ~ModelJobs();
  ModelJobs(const ModelJobs&) = delete;

  std::function<void(const StoreState&)> on_listed;
  std::function<void(const ModelJob&)> on_changed;
  /// `Imported::ids` of an install is the model installed; of verify and remove it is empty.
  std::function<void(const ModelJob&, const Result<Imported>&)> on_ended;

  void list();
  void install(const std::string& id, const std::string& title);
  void import(const std::string& path);
  void verify(const std::string& id, const std::string& title);
  void remove(const std::string& id, const std::string& title);
  void cancel(const std::string& subject);
  void cancel_all();

  /// Null where nothing is done about the subject.
  const ModelJob* find(const std::string& subject) const;
  std::vector<const ModelJob*> running() const;

 private:
  struct Running {
    ModelJob job;
    std::stop_source stop;
  };
  void start(ModelJob::Task task, const std::string& subject, const std::string& title);
  void ended(const std::string& subject, const Result<Imported>& end);

  std::map<std::string, Running> running_;
  bool listing_ = false, list_again_ = false;
  Mailbox mailbox_;
};

}  // namespace pinxit
