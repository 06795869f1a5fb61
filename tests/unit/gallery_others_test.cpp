// SPDX-License-Identifier: Apache-2.0
//
// The gallery among others: several processes at once, owners that are killed, folders and disks that refuse.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "engine/gallery/gallery.h"
#include "gallery_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class GalleryAmongOthers : public GalleryDesk {
 protected:
  /// A process that begins "Theirs" and records iterations 0, 1, …; it is waited for until iteration `recorded`.
  void start_owner(int recorded) {
    ASSERT_EQ(pipe(pipe_), 0);
    owner_ = fork();
    ASSERT_GE(owner_, 0);
    if (owner_ == 0) {
      Gallery gallery = open();
      const int64_t id = gallery.add("Theirs", request()).take();
      gallery.begin(id).take();
      for (int i = 0;; i++) {
        gallery.record(id, i, losses(100 - i), picture(64, 48, unsigned(i)).view()).take();
        const char told = 1;
        if (write(pipe_[1], &told, 1) != 1) _exit(1);
        if (i >= recorded && recorded >= 0) pause();
      }
    }
    close(pipe_[1]);
    char heard = 0;
    for (int i = 0; i <= std::max(recorded, 0); i++) ASSERT_EQ(read(pipe_[0], &heard, 1), 1);
  }
  void kill_owner() {
    kill(owner_, SIGKILL);
    int status = 0;
    waitpid(owner_, &status, 0);
    owner_ = 0;
    close(pipe_[0]);
  }
  void TearDown() override {
    if (owner_ > 0) kill_owner();
    GalleryDesk::TearDown();
  }
  int pipe_[2] = {-1, -1};
  pid_t owner_ = 0;
};

TEST_F(GalleryAmongOthers, SeesARunOfAnotherProcess) {
  start_owner(2);
  Gallery gallery = open();
  const GalleryEntry entry = gallery.list()->front();
  EXPECT_EQ(entry.state, RunState::in_progress);
  EXPECT_EQ(entry.iterations, 2);
  EXPECT_TRUE(gallery.picture(entry.id, 2));
  EXPECT_FALSE(gallery.remove(entry.id));
  EXPECT_FALSE(gallery.begin(entry.id));
  EXPECT_FALSE(gallery.record(entry.id, 3, {}, picture(4, 4).view())) << "it is theirs";
  EXPECT_FALSE(gallery.fail(entry.id, "x"));
  EXPECT_FALSE(gallery.add("theirs", request())) << "names are unique among all";
  EXPECT_TRUE(gallery.add("Ours", request()));
}

TEST_F(GalleryAmongOthers, FailsTheRunOfAKilledOwnerAndKeepsItsLastIteration) {
  start_owner(4);
  Gallery watching = open();
  EXPECT_EQ(watching.list()->front().state, RunState::in_progress);
  const int64_t id = watching.list()->front().id;
  fs::create_directories(fs::path(folder) / "pictures" / std::to_string(id));
  std::ofstream(fs::path(folder) / "pictures" / std::to_string(id) / "result.abcdef.part") << "half a picture";
  kill_owner();
  EXPECT_EQ(watching.list()->front().state, RunState::failed) << "who was watching sees it";
  Gallery gallery = open();
  const GalleryEntry entry = gallery.entry(id).take();
  EXPECT_EQ(entry.state, RunState::failed);
  EXPECT_NE(entry.error, "");
  EXPECT_EQ(entry.iterations, 4);
  EXPECT_EQ(gallery.iterations(id)->back().losses.total, 96);
  EXPECT_LT(distance(gallery.picture(id, 4).take(), picture(64, 48, 4)), 1e-5);
  EXPECT_TRUE(fs::is_empty(fs::path(folder) / "pictures" / std::to_string(id))) << "half a picture is none";
  EXPECT_TRUE(fs::is_empty(fs::path(folder) / "running"));
  EXPECT_TRUE(gallery.remove(id));
}

TEST_F(GalleryAmongOthers, SurvivesKillsAtAnyMoment) {
  for (int round = 0; round < 12; round++) {
    start_owner(-1);  // records on and on
    usleep(useconds_t(1000 + round * 1700));  // another moment each time
    kill_owner();
    auto opened = Gallery::open(folder);
    ASSERT_TRUE(opened) << opened.error().sentence;
    ASSERT_FALSE(opened->trouble());
    const GalleryEntry entry = opened->list()->front();
    ASSERT_EQ(entry.state, RunState::failed);
    const auto iterations = opened->iterations(entry.id).take();
    ASSERT_FALSE(iterations.empty());
    for (const auto& one : iterations)
      ASSERT_LT(distance(opened->picture(entry.id, one.iteration).take(), picture(64, 48, unsigned(one.iteration))),
                1e-5);
    ASSERT_TRUE(opened->remove(entry.id));
  }
}

TEST_F(GalleryAmongOthers, TakesARunLeftByItsOwnObjectForDead) {
  int64_t id = 0;
  {
    Gallery gallery = open();
    id = gallery.add("Left", request()).take();
    gallery.begin(id).take();
    Gallery moved = std::move(gallery);
    EXPECT_EQ(moved.entry(id)->state, RunState::in_progress);
    EXPECT_EQ(open().entry(id)->state, RunState::in_progress) << "also seen from beside, in the same process";
  }
  EXPECT_EQ(open().entry(id)->state, RunState::failed);
}

TEST_F(GalleryAmongOthers, WritesFromTwoProcessesAtOnce) {
  { open(); }
  const auto many = [this](const char* name) {
    return [this, name] {
      for (int i = 0; i < 15; i++) {
        Gallery gallery = open();
        const int64_t id = gallery.add(name + std::to_string(i), request()).take();
        gallery.begin(id).take();
        for (int k = 0; k < 4; k++) gallery.record(id, k, losses(k), picture(32, 32, unsigned(k)).view()).take();
        gallery.complete(id, picture(32, 32).view(), "{}").take();
        if (i % 3 == 0) gallery.remove(id).take();
      }
      return true;
    };
  };
  const pid_t other = fork();
  ASSERT_GE(other, 0);
  if (other == 0) _exit(guarded(many("b")) ? 0 : 1);
  elsewhere(many("a"));
  int status = 0;
  waitpid(other, &status, 0);
  EXPECT_EQ(status, 0);
  Gallery gallery = open();
  const auto entries = gallery.list().take();
  EXPECT_EQ(entries.size(), 20u);
  for (const GalleryEntry& entry : entries) {
    EXPECT_EQ(entry.state, RunState::completed);
    EXPECT_EQ(entry.iterations, 3);
    EXPECT_TRUE(gallery.result(entry.id));
  }
}

TEST_F(GalleryAmongOthers, SweepsWhatAKilledProcessLeft) {
  Gallery gallery = open();
  const int64_t id = gallery.add("Kept", request()).take();
  gallery.begin(id).take();
  gallery.record(id, 0, losses(1), picture(8, 8).view()).take();
  gallery.record_full(id, 0, picture(16, 16).view()).take();
  gallery.complete(id, picture(16, 16).view(), "{}").take();
  const fs::path pictures = fs::path(folder) / "pictures", of_run = pictures / std::to_string(id);
  fs::create_directories(pictures / "999");
  std::ofstream(pictures / "999/result") << "of a run that was deleted";
  std::ofstream(of_run / "full-7") << "of an iteration that is not known";
  open();
  EXPECT_FALSE(fs::exists(pictures / "999"));
  EXPECT_FALSE(fs::exists(of_run / "full-7"));
  EXPECT_TRUE(fs::exists(of_run / "full-0"));
  EXPECT_TRUE(gallery.result(id));
}

TEST_F(GalleryAmongOthers, TellsOfAReadOnlyFolder) {
  fs::permissions(desk, fs::perms(0755));
  { open(); }
  fs::permissions(folder, fs::perms(0555));
  elsewhere([this] {
    if (geteuid() == 0 && seteuid(65534) != 0) return false;  // to the superuser nothing is read-only
    const auto refused = Gallery::open(folder);
    return !refused && refused.error().code == ErrorCode::file_unwritable && !refused.error().sentence.empty();
  });
  std::ofstream(desk / "file") << "";
  const auto refused = Gallery::open((desk / "file" / "gallery").string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::file_unwritable);
}

TEST_F(GalleryAmongOthers, GoesOnAfterAFullDisk) {
  // A bound on the size of files stands in for the disk: writing beyond it fails in the same place.
  elsewhere([this] {
    std::signal(SIGXFSZ, SIG_IGN);
    Gallery gallery = open();
    const int64_t id = gallery.add("Tight", request()).take();
    gallery.begin(id).take();
    gallery.record(id, 0, losses(2), picture(64, 64).view()).take();
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = std::exchange(limit.rlim_cur, 100000);
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto refused = gallery.record(id, 1, losses(1), picture(400, 400).view());
    if (refused || refused.error().code != ErrorCode::file_unwritable) return false;
    if (gallery.record_full(id, 0, picture(400, 400).view())) return false;
    if (!gallery.picture(id, 0) || gallery.iterations(id)->size() != 1) return false;
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    gallery.record(id, 1, losses(1), picture(400, 400).view()).take();
    limit.rlim_cur = 100000;
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto unfinished = gallery.complete(id, picture(500, 500).view(), "{}");
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    return !unfinished && gallery.entry(id)->state == RunState::in_progress;
  });
  Gallery gallery = open();
  const GalleryEntry entry = gallery.list()->front();
  EXPECT_EQ(entry.state, RunState::failed);
  EXPECT_EQ(entry.iterations, 1);
  EXPECT_TRUE(gallery.picture(entry.id, 1));
  const fs::path pictures = fs::path(folder) / "pictures" / std::to_string(entry.id);
  EXPECT_TRUE(!fs::exists(pictures) || fs::is_empty(pictures)) << "no half files";
}

}  // namespace
}  // namespace pinxit
