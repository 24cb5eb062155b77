#include <doctest/doctest.h>
#include <sched.h>

#include <climits>
#include <thread>

#include "base/cgroup.h"
#include "base/temporary_folder.h"
#include "base/threads.h"

using namespace loquor;
using loquor::tests::TemporaryFolder;

TEST_CASE("no cgroup, no limit") {
  const TemporaryFolder root;
  CHECK(cgroup_threads(root.path()) == INT_MAX);
  root.write("proc/self/cgroup", "garbage\n::\n0:\n\n");
  CHECK(cgroup_threads(root.path()) == INT_MAX);
  root.write("sys/fs/cgroup/cpu.max", "max 100000\n");
  CHECK(cgroup_threads(root.path()) == INT_MAX);
}

TEST_CASE("a cgroup v2 quota is rounded down, to no less than one") {
  const TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/\n");
  const auto limit = [&](std::string_view quota) {
    root.write("sys/fs/cgroup/cpu.max", quota);
    return cgroup_threads(root.path());
  };
  CHECK(limit("200000 100000\n") == 2);
  CHECK(limit("299999 100000\n") == 2);
  CHECK(limit("50000 100000\n") == 1);
  CHECK(limit("1000000 250000\n") == 4);
  for (const std::string_view odd : {"", "\n", "max\n", "100000\n", "0 100000\n", "-1 100000\n",
                                     "100000 0\n", "99999999999999999999 1\n", "words\n"}) {
    CAPTURE(odd);
    CHECK(limit(odd) == INT_MAX);
  }
  CHECK(limit("9000000000000000000 1\n") == INT_MAX);
}

TEST_CASE("the smallest quota on the way to the root counts") {
  const TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/a/b/c\n");
  root.write("sys/fs/cgroup/a/cpu.max", "300000 100000\n");
  root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/a/b/c/cpu.max", "700000 100000\n");
  CHECK(cgroup_threads(root.path()) == 3);
  root.write("sys/fs/cgroup/a/b/cpu.max", "250000 100000\n");
  CHECK(cgroup_threads(root.path()) == 2);
  root.write("sys/fs/cgroup/x/cpu.max", "100000 100000\n");  // another group's
  CHECK(cgroup_threads(root.path()) == 2);
}

TEST_CASE("in a container whose group has the host's name the mounted root counts") {
  const TemporaryFolder root;
  root.write("proc/self/cgroup", "0::/docker/0123abcd\n");
  root.write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  CHECK(cgroup_threads(root.path()) == 4);
  root.write("proc/self/cgroup", "0::/../../outside\n");
  CHECK(cgroup_threads(root.path()) == 4);
}

TEST_CASE("cgroup v1 quotas are found under either name of the mount") {
  for (const std::string mount : {"cpu", "cpu,cpuacct"}) {
    const TemporaryFolder root;
    root.write("proc/self/cgroup",
               "12:cpuset:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/job\n0::/job\n");
    const std::string group = "sys/fs/cgroup/" + mount + "/job/";
    root.write(group + "cpu.cfs_period_us", "100000\n");
    root.write(group + "cpu.cfs_quota_us", "-1\n");
    CHECK(cgroup_threads(root.path()) == INT_MAX);
    root.write(group + "cpu.cfs_quota_us", "350000\n");
    CHECK(cgroup_threads(root.path()) == 3);
    root.write("sys/fs/cgroup/cpuset/job/cpu.cfs_quota_us", "100000\n");  // not its controller
    root.write("sys/fs/cgroup/cpuset/job/cpu.cfs_period_us", "100000\n");
    CHECK(cgroup_threads(root.path()) == 3);
  }
}

TEST_CASE("affinity bounds the number of threads") {
  CHECK(available_threads() >= 1);
  std::thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(available_threads() == 1);
  }).join();
}
