/* Threads: one model for many, one generation for one at a time, and cancelling from elsewhere. */
#include <pthread.h>

#include "check.h"

static const char kPath[] = LOQUOR_SOURCE_DIR "/tests/golden/chat_llama";
static const char kPrompt[] = "What is the capital of France?";
enum { kThreads = 4, kTokens = 40 };

static loquor_model *model = NULL;
static loquor_options *options = NULL;

static void *generate(void *output) {
  return loquor_model_generate(model, kPrompt, strlen(kPrompt), options, output, NULL) == LOQUOR_OK
             ? output
             : NULL;
}

static void threads_share_a_model_and_get_the_same_output(void) {
  loquor_output *expected = NULL, *outputs[kThreads] = {NULL};
  pthread_t threads[kThreads];
  size_t count = 0;
  const int32_t *ids;
  int i;
  CHECK_OK(loquor_model_generate(model, kPrompt, strlen(kPrompt), options, &expected, &error));
  ids = loquor_output_ids(expected, &count);
  for (i = 0; i < kThreads; ++i)
    CHECK(pthread_create(&threads[i], NULL, generate, &outputs[i]) == 0);
  for (i = 0; i < kThreads; ++i) {
    void *done = NULL;
    size_t found = 0;
    const int32_t *got;
    pthread_join(threads[i], &done);
    CHECK(done == &outputs[i]);
    got = loquor_output_ids(outputs[i], &found);
    CHECK(found == count && memcmp(got, ids, count * sizeof *ids) == 0);
    loquor_output_free(outputs[i]);
  }
  loquor_output_free(expected);
}

struct Puller {
  loquor_generation *generation;
  int pieces, busy, others;
};

static void *pull(void *argument) {
  struct Puller *puller = argument;
  const char *text;
  size_t length;
  int32_t result;
  while ((result = loquor_generation_next(puller->generation, &text, &length, NULL)) !=
         LOQUOR_DONE) {
    if (result == LOQUOR_OK)
      ++puller->pieces;
    else if (result == LOQUOR_BUSY)
      ++puller->busy;
    else
      return ++puller->others, NULL;
  }
  return NULL;
}

static void threads_that_pull_one_generation_take_turns_or_are_told_busy(void) {
  struct Puller pullers[kThreads];
  pthread_t threads[kThreads];
  loquor_generation *generation = NULL;
  loquor_output *expected = NULL, *found = NULL;
  int i, pieces = 0;
  CHECK_OK(loquor_model_generate(model, kPrompt, strlen(kPrompt), options, &expected, &error));
  CHECK_OK(loquor_model_stream(model, kPrompt, strlen(kPrompt), options, &generation, &error));
  for (i = 0; i < kThreads; ++i) {
    const struct Puller puller = {generation, 0, 0, 0};
    pullers[i] = puller;
    CHECK(pthread_create(&threads[i], NULL, pull, &pullers[i]) == 0);
  }
  for (i = 0; i < kThreads; ++i) {
    pthread_join(threads[i], NULL);
    CHECK(pullers[i].others == 0);
    pieces += pullers[i].pieces;
  }
  CHECK(pieces > 0 && pieces <= kTokens + 1);
  CHECK_OK(loquor_generation_output(generation, &found, &error));
  CHECK(strcmp(loquor_output_text(found, NULL), loquor_output_text(expected, NULL)) == 0);
  loquor_output_free(found);
  loquor_output_free(expected);
  loquor_generation_free(generation);
}

static void *cancel_generation(void *generation) {
  loquor_generation_cancel(generation);
  return NULL;
}

static void generation_ends_when_another_thread_cancels_it(void) {
  loquor_generation *generation = NULL;
  loquor_output *output = NULL;
  pthread_t thread;
  const char *text;
  size_t length, count = 0;
  CHECK_OK(loquor_model_stream(model, kPrompt, strlen(kPrompt), options, &generation, &error));
  CHECK_OK(loquor_generation_next(generation, &text, &length, &error));
  CHECK(pthread_create(&thread, NULL, cancel_generation, generation) == 0);
  pthread_join(thread, NULL);
  CHECK_OK(loquor_generation_finish(generation, &output, &error));
  CHECK(loquor_output_finish_reason(output) == LOQUOR_FINISH_CANCELLED);
  loquor_output_ids(output, &count);
  CHECK(count >= 1 && count < kTokens);
  loquor_output_free(output);
  loquor_generation_free(generation);
}

static void cancel_ends_generation_load_and_session_and_leaves_them_usable(void) {
  const int32_t ids[3] = {1, 2, 3};
  loquor_cancel *cancel = NULL;
  loquor_options *load = NULL, *session_options = NULL;
  loquor_model *other = NULL;
  loquor_session *session = NULL;
  loquor_tensor *logits = NULL;
  loquor_output *output = NULL;
  CHECK_OK(loquor_cancel_new(&cancel, &error));
  loquor_cancel_set(cancel);

  CHECK_OK(loquor_options_set_handle(options, "cancel", cancel, &error));
  CHECK_OK(loquor_model_generate(model, kPrompt, strlen(kPrompt), options, &output, &error));
  CHECK(loquor_output_finish_reason(output) == LOQUOR_FINISH_CANCELLED);
  loquor_output_free(output);
  CHECK_OK(loquor_options_set_handle(options, "cancel", NULL, &error));

  CHECK_OK(loquor_options_new("model", &load, &error));
  CHECK_OK(loquor_options_set_handle(load, "cancel", cancel, &error));
  CHECK_FAILS(LOQUOR_CANCELLED, "cancel", loquor_model_open(NULL, kPath, load, &other, &error));

  CHECK_OK(loquor_options_new("session", &session_options, &error));
  CHECK_OK(loquor_options_set_handle(session_options, "cancel", cancel, &error));
  CHECK_OK(loquor_session_new(model, session_options, &session, &error));
  CHECK_FAILS(LOQUOR_CANCELLED, "cancel",
              loquor_session_append(session, ids, 3, 1, &logits, &error));
  CHECK(loquor_session_position(session) == 0 && logits == NULL);
  loquor_cancel_reset(cancel);
  CHECK_OK(loquor_session_append(session, ids, 3, 1, &logits, &error));

  loquor_tensor_free(logits);
  loquor_session_free(session);
  loquor_options_free(session_options);
  loquor_options_free(load);
  loquor_cancel_free(cancel);
}

int main(void) {
  static const char kOptions[] =
      "{\"do_sample\": false, \"max_new_tokens\": 40, \"eos_token_id\": []}";
  CHECK_OK(loquor_model_open(NULL, kPath, NULL, &model, &error));
  CHECK_OK(loquor_options_new("generate", &options, &error));
  CHECK_OK(loquor_options_set_json(options, kOptions, strlen(kOptions), &error));
  if (!model || !options) return 1;
  threads_share_a_model_and_get_the_same_output();
  threads_that_pull_one_generation_take_turns_or_are_told_busy();
  generation_ends_when_another_thread_cancels_it();
  cancel_ends_generation_load_and_session_and_leaves_them_usable();
  loquor_options_free(options);
  loquor_model_free(model);
  return failures != 0;
}
