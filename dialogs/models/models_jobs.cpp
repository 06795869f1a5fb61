// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_jobs.h"

#include <glib.h>

#include <thread>
#include <utility>

#include "dialogs/models/models_painter.h"

namespace pinxit {
namespace {

using Task = ModelJob::Task;

StoreState read_list() {
  StoreState list;
  const Installer installer;
  list.problems = Offers::read().problems();
  const Catalogue catalogue = Catalogue::read({installer.store()});
  list.problems.insert(list.problems.end(), catalogue.problems().begin(), catalogue.problems().end());
  list.models = installer.list();
  list.use = installer.disk_use();
  return list;
}

Imported work(Task task, const std::string& subject, const OnProgress& progress, std::stop_token stop) {
  InstallerOptions options;
  options.make_thumbnail = thumbnail_painter(stop);
  Installer installer(std::move(options));
  Imported made;
  switch (task) {
    case Task::install:
      installer.install(subject, progress, stop).take();
      made.ids.push_back(subject);
      break;
    case Task::import: made = installer.import_file(subject, progress, stop).take(); break;
    case Task::verify: installer.verify(subject, progress, stop).take(); break;
    case Task::remove: installer.remove(subject, progress, stop).take(); break;
  }
  return made;
}

}  // namespace

ModelJobs::~ModelJobs() {
  cancel_all();
}

void ModelJobs::list() {
  if (std::exchange(listing_, true)) {
    list_again_ = true;
    return;
  }
  std::thread([this, letters = mailbox_.sender()] {
    auto list = guarded([] { return read_list(); });
    letters.post([this, list = std::move(list)] {
      listing_ = false;
      if (std::exchange(list_again_, false)) return this->list();
      if (!on_listed) return;
      if (list) return on_listed(*list);
      StoreState none;
      none.problems.push_back(list.error());
      on_listed(none);
    });
  }).detach();
}

void ModelJobs::install(const std::string& id, const std::string& title) { start(Task::install, id, title); }
void ModelJobs::verify(const std::string& id, const std::string& title) { start(Task::verify, id, title); }
void ModelJobs::remove(const std::string& id, const std::string& title) { start(Task::remove, id, title); }

void ModelJobs::import(const std::string& path) {
  g_autofree char* name = g_filename_display_basename(path.c_str());
  start(Task::import, path, name);
}

void ModelJobs::start(Task task, const std::string& subject, const std::string& title) {
  const auto [place, fresh] = running_.try_emplace(subject);
  if (!fresh) return;
  Running& running = place->second;
  running.job.task = task;
  running.job.subject = subject;
  running.job.title = title;
  if (task != Task::install) running.job.progress.phase = InstallProgress::Phase::verifying;
  std::thread([this, task, subject, stop = running.stop.get_token(), letters = mailbox_.sender()] {
    const auto hear = [&](const InstallProgress& progress) {
      letters.post([this, subject, progress] {
        const auto known = running_.find(subject);
        if (known == running_.end()) return;
        known->second.job.progress = progress;
        if (on_changed) on_changed(known->second.job);
      });
    };
    auto end = guarded([&] { return work(task, subject, hear, stop); });
    letters.post([this, subject, end = std::move(end)] { ended(subject, end); });
  }).detach();
  if (on_changed) on_changed(running.job);
}

void ModelJobs::ended(const std::string& subject, const Result<Imported>& end) {
  auto node = running_.extract(subject);
  if (!node.empty() && on_ended) on_ended(node.mapped().job, end);
}

void ModelJobs::cancel(const std::string& subject) {
  const auto known = running_.find(subject);
  if (known == running_.end() || known->second.job.stopping) return;
  known->second.job.stopping = true;
  known->second.stop.request_stop();
  if (on_changed) on_changed(known->second.job);
}

void ModelJobs::cancel_all() {
  for (auto& [subject, running] : running_) {
    running.job.stopping = true;
    running.stop.request_stop();
  }
}

const ModelJob* ModelJobs::find(const std::string& subject) const {
  const auto known = running_.find(subject);
  return known == running_.end() ? nullptr : &known->second.job;
}

std::vector<const ModelJob*> ModelJobs::running() const {
  std::vector<const ModelJob*> jobs;
  for (const auto& [subject, running] : running_) jobs.push_back(&running.job);
  return jobs;
}

}  // namespace pinxit
