// SPDX-License-Identifier: Apache-2.0
#include "engine/install/progress_board.h"

namespace pinxit {
namespace {

constexpr std::chrono::seconds meter_span(8);
constexpr std::chrono::milliseconds meter_start(500), tell_every(100);

}  // namespace

void SpeedMeter::note(int64_t done, Clock::time_point now) {
  if (!marks_.empty() && done < marks_.back().second) marks_.clear();  // begun again
  if (marks_.size() > 1 && now - marks_[marks_.size() - 2].first < tell_every)
    marks_.back() = {now, done};
  else
    marks_.emplace_back(now, done);
  while (marks_.size() > 2 && now - marks_[1].first >= meter_span) marks_.pop_front();
}

double SpeedMeter::bytes_per_second() const {
  if (marks_.size() < 2 || marks_.back().first - marks_.front().first < meter_start) return 0;
  const std::chrono::duration<double> time = marks_.back().first - marks_.front().first;
  return double(marks_.back().second - marks_.front().second) / time.count();
}

double SpeedMeter::seconds_left(int64_t done, int64_t total) const {
  const double rate = bytes_per_second();
  return total > 0 && rate > 0 && done <= total ? double(total - done) / rate : -1;
}

ProgressBoard::ProgressBoard(std::string id, OnProgress progress) : progress_(std::move(progress)) {
  state_.id = std::move(id);
}

void ProgressBoard::begin(Phase phase, int64_t total, int64_t done) {
  const std::lock_guard lock(mutex_);
  state_.phase = phase;
  state_.total = total;
  state_.done = done;
  state_.file.clear();
  state_.note.clear();
  meter_ = {};
  meter_.note(done, SpeedMeter::Clock::now());
  words_.push_back(state_);
  changed_.notify_all();
}

void ProgressBoard::add(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  state_.done += bytes;
  news_ = true;
}

void ProgressBoard::add_total(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  state_.total += bytes;
  news_ = true;
}

void ProgressBoard::say(Phase phase, const std::string& file, const std::string& note) {
  const std::lock_guard lock(mutex_);
  InstallProgress word = state_;
  word.phase = phase;
  word.file = file;
  word.note = note;
  words_.push_back(word);
  changed_.notify_all();
}

void ProgressBoard::pause(double seconds, std::stop_token stop) {
  std::mutex alone;
  std::condition_variable_any never;
  std::unique_lock lock(alone);
  never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  if (stop.stop_requested()) throw Cancelled();
}

void ProgressBoard::wake() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void ProgressBoard::tell(bool all) {
  std::unique_lock lock(mutex_);
  const auto now = SpeedMeter::Clock::now();
  if (!all && words_.empty() && now - told_ < tell_every) return;
  told_ = now;
  meter_.note(state_.done, now);
  std::deque<InstallProgress> words = std::move(words_);
  words_.clear();
  if (std::exchange(news_, false)) words.push_back(state_);
  for (InstallProgress& word : words) {
    word.bytes_per_second = meter_.bytes_per_second();
    word.seconds_left = meter_.seconds_left(word.done, word.total);
  }
  lock.unlock();
  if (!progress_) return;
  for (const InstallProgress& word : words) progress_(word);
}

void ProgressBoard::tell_until(const std::function<bool()>& done) {
  for (;;) {
    tell();
    std::unique_lock lock(mutex_);
    if (done()) break;
    changed_.wait_for(lock, tell_every);
    if (done()) break;
  }
  tell();
}

}  // namespace pinxit
