/* The shared library is loaded, used and unloaded, over and over: no thread of it is left, and a
 * host's thread that used it may outlive it. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include "check.h"

static const char kPath[] = LOQUOR_SOURCE_DIR "/tests/golden/chat_llama";
static const char kPrompt[] = "What is the capital of France?";
static const char kThreads[] = "{\"threads\": 3}";
static const char kTokens[] = "{\"do_sample\": false, \"eos_token_id\": [], \"max_new_tokens\": 8}";
enum { kRounds = 20 };

#define FUNCTIONS(X)  \
  X(options_new)      \
  X(options_set_json) \
  X(options_free)     \
  X(runtime_new)      \
  X(runtime_free) X(model_open) X(model_free) X(model_generate) X(output_ids) X(output_free)

/* The library and those of its functions that are called here. */
struct Library {
  void *handle;
#define DECLARE(name) __typeof__(loquor_##name) *name; /* NOLINT(bugprone-macro-parentheses) */
  FUNCTIONS(DECLARE)
};

static void load(struct Library *library) {
  library->handle = dlopen(LOQUOR_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  CHECK(library->handle != NULL);
/* ISO C has no cast from dlsym's result to a function. */
#define LOAD(name)                                         \
  {                                                        \
    void *found = dlsym(library->handle, "loquor_" #name); \
    CHECK(found != NULL);                                  \
    memcpy(&library->name, &found, sizeof found);          \
  }
  FUNCTIONS(LOAD)
}

static void unload(struct Library *library) {
  CHECK(dlclose(library->handle) == 0);
  CHECK(dlopen(LOQUOR_LIBRARY, RTLD_NOW | RTLD_NOLOAD) == NULL);
}

static loquor_options *options_of(const struct Library *library, const char *kind,
                                  const char *json) {
  loquor_options *options = NULL;
  CHECK(library->options_new(kind, &options, NULL) == LOQUOR_OK);
  CHECK(library->options_set_json(options, json, strlen(json), NULL) == LOQUOR_OK);
  return options;
}

/* Everything that is made is freed; `runtime` may be NULL for the default one. */
static void generate(const struct Library *library, loquor_runtime *runtime) {
  loquor_options *options = options_of(library, "generate", kTokens);
  loquor_model *model = NULL;
  loquor_output *output = NULL;
  size_t count = 0;
  CHECK(library->model_open(runtime, kPath, NULL, &model, NULL) == LOQUOR_OK);
  CHECK(library->model_generate(model, kPrompt, strlen(kPrompt), options, &output, NULL) ==
        LOQUOR_OK);
  library->output_ids(output, &count);
  CHECK(count == 8);
  library->output_free(output);
  library->model_free(model);
  library->options_free(options);
}

static int threads_of_the_process(void) {
  DIR *tasks = opendir("/proc/self/task");
  const struct dirent *task;
  int count = 0;
  if (!tasks) return 0; /* not on this system */
  while ((task = readdir(tasks)) != NULL) count += task->d_name[0] != '.';
  closedir(tasks);
  return count;
}

/* A thread that was joined may stand in /proc for a moment longer. */
static void no_thread_is_left(int before) {
  const struct timespec moment = {0, 1000000};
  int waits;
  for (waits = 0; waits < 5000 && threads_of_the_process() > before; ++waits)
    nanosleep(&moment, NULL);
  CHECK(threads_of_the_process() <= before);
}

static void unloading_leaves_no_thread(void) {
  const int before = threads_of_the_process();
  int round;
  for (round = 0; round < kRounds; ++round) {
    struct Library library;
    loquor_options *options;
    loquor_runtime *runtime = NULL;
    load(&library);
    options = options_of(&library, "runtime", kThreads);
    CHECK(library.runtime_new(options, &runtime, NULL) == LOQUOR_OK);
    generate(&library, runtime);
    if (before > 0) CHECK(threads_of_the_process() > before);
    generate(&library, NULL);
    library.runtime_free(runtime);
    library.options_free(options);
    unload(&library);
    no_thread_is_left(before);
  }
}

struct Host {
  struct Library library;
  pthread_barrier_t generated, unloaded;
};

static void *generate_and_stay(void *argument) {
  struct Host *host = argument;
  generate(&host->library, NULL);
  pthread_barrier_wait(&host->generated);
  pthread_barrier_wait(&host->unloaded);
  return NULL;
}

static void a_thread_that_used_the_library_outlives_it(void) {
  const int before = threads_of_the_process();
  int round;
  for (round = 0; round < kRounds; ++round) {
    struct Host host;
    pthread_t thread;
    load(&host.library);
    pthread_barrier_init(&host.generated, NULL, 2);
    pthread_barrier_init(&host.unloaded, NULL, 2);
    CHECK(pthread_create(&thread, NULL, generate_and_stay, &host) == 0);
    pthread_barrier_wait(&host.generated);
    CHECK(dlclose(host.library.handle) == 0);
    pthread_barrier_wait(&host.unloaded);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_barrier_destroy(&host.generated);
    pthread_barrier_destroy(&host.unloaded);
    no_thread_is_left(before);
  }
}

int main(void) {
  unloading_leaves_no_thread();
  a_thread_that_used_the_library_outlives_it();
  return failures;
}
