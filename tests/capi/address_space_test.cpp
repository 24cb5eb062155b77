// A process whose address space ends at a limit, as where ulimit -v or the lack of overcommit ends
// it: wherever it does, loading and generating give their result or one error, and nothing dies.
#include <doctest/doctest.h>
#include <loquor.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>

namespace {

const std::string kModel = LOQUOR_SOURCE_DIR "/tests/golden/chat_llama";

enum Result { kDone = 0, kOutOfMemory = 1, kOtherError = 2 };
enum class Limited { from_load, from_generation };

// Leaves this process `room` bytes more than it has mapped now.
void limit_address_space(rlim_t room) {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + room;
  const rlimit both{limit, limit};
  ::setrlimit(RLIMIT_AS, &both);
}

// The error's one line goes to standard error.
Result result_of(std::int32_t status, loquor_error* error) {
  if (status == LOQUOR_OK) return kDone;
  const char* line = loquor_error_message(error);
  if (::write(STDERR_FILENO, line, std::strlen(line)) < 0) return kOtherError;
  return status == LOQUOR_OUT_OF_MEMORY ? kOutOfMemory : kOtherError;
}

Result load_and_generate(const char* compute_type, Limited limited, rlim_t room) {
  loquor_options* options = nullptr;
  std::int32_t status = loquor_options_new("model", &options, nullptr);
  if (status == LOQUOR_OK)
    status = loquor_options_set_string(options, "compute_type", compute_type,
                                       std::strlen(compute_type), nullptr);
  if (status != LOQUOR_OK) return kOtherError;
  if (limited == Limited::from_load) limit_address_space(room);

  loquor_error* error = nullptr;
  loquor_model* model = nullptr;
  loquor_chat* chat = nullptr;
  loquor_output* output = nullptr;
  status = loquor_model_open(nullptr, kModel.c_str(), options, &model, &error);
  if (limited == Limited::from_generation) limit_address_space(room);
  if (status == LOQUOR_OK) status = loquor_chat_new(model, nullptr, &chat, &error);
  if (status == LOQUOR_OK)
    status = loquor_chat_send(chat, "Hello there", 11, nullptr, &output, &error);
  return result_of(status, error);
}

// What a child process came to, and what it printed.
struct Outcome {
  int status = 0;
  std::string printed;
};

Outcome in_child(const char* compute_type, Limited limited, rlim_t room) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    ::_exit(load_and_generate(compute_type, limited, room));
  }
  ::close(pipe[1]);
  Outcome outcome;
  std::array<char, 256> text{};
  for (ssize_t count; (count = ::read(pipe[0], text.data(), text.size())) > 0;)
    outcome.printed.append(text.data(), static_cast<std::size_t>(count));
  ::close(pipe[0]);
  ::waitpid(child, &outcome.status, 0);
  return outcome;
}

// Gives a little more room each time, until there is plenty; how often there was too little.
int widen(const char* compute_type, Limited limited) {
  int done = 0;
  int out_of_memory = 0;
  for (rlim_t room = 0; done < 8; room += rlim_t{256} << 10) {
    REQUIRE(room < rlim_t{1} << 30);
    const Outcome outcome = in_child(compute_type, limited, room);
    CAPTURE(room);
    CAPTURE(outcome.printed);
    REQUIRE(WIFEXITED(outcome.status));
    const int result = WEXITSTATUS(outcome.status);
    CHECK((result == kDone || result == kOutOfMemory));
    CHECK(outcome.printed.empty() == (result == kDone));
    CHECK(outcome.printed.find('\n') == std::string::npos);
    done += result == kDone;
    out_of_memory += result == kOutOfMemory;
  }
  return out_of_memory;
}

}  // namespace

TEST_CASE("loading survives the end of the address space") {
  CHECK(widen("f32", Limited::from_load) > 0);
  CHECK(widen("bf16", Limited::from_load) > 0);
}

TEST_CASE("generating survives the end of the address space") {
  widen("f32", Limited::from_generation);
  widen("bf16", Limited::from_generation);
}
