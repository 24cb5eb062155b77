/* Several sequences from one prompt, in C: beams, draws, allowed tokens, guesses. */
#include "check.h"

static const char kPath[] = LOQUOR_SOURCE_DIR "/tests/golden/llama";
static const int32_t kPrompt[4] = {5, 9, 33, 2};
static loquor_model *model = NULL;

static loquor_options *new_options(const char *json) {
  loquor_options *options = NULL;
  CHECK_OK(loquor_options_new("generate", &options, &error));
  CHECK_OK(loquor_options_set_json(options, json, strlen(json), &error));
  return options;
}

static loquor_generation *stream(const loquor_options *options) {
  loquor_generation *generation = NULL;
  CHECK_OK(loquor_model_stream_ids(model, kPrompt, 4, options, &generation, &error));
  return generation;
}

static loquor_output *generate(const loquor_options *options) {
  loquor_generation *generation = stream(options);
  loquor_output *output = NULL;
  CHECK_OK(loquor_generation_finish(generation, &output, &error));
  loquor_generation_free(generation);
  return output;
}

static int same_ids(const loquor_output *a, const loquor_output *b) {
  size_t count_a = 0, count_b = 0;
  const int32_t *ids_a = loquor_output_ids(a, &count_a);
  const int32_t *ids_b = loquor_output_ids(b, &count_b);
  return count_a > 0 && count_a == count_b && memcmp(ids_a, ids_b, count_a * sizeof *ids_a) == 0;
}

static void beams_give_their_sequences_and_scores(void) {
  loquor_options *options = new_options(
      "{\"num_beams\": 4, \"num_return_sequences\": 3, \"max_new_tokens\": 7, \"eos_token_id\": [],"
      " \"do_sample\": false, \"length_penalty\": 0, \"output_scores\": true, \"logprobs\": 0,"
      " \"early_stopping\": true}");
  loquor_output *output = generate(options), *second = NULL;
  loquor_tensor *scores = NULL;
  loquor_string *json = NULL;
  const int32_t *ids = NULL;
  const float *values;
  double sum = 0;
  size_t count = 0, i;
  CHECK(loquor_output_sequences(output) == 3);
  CHECK_OK(loquor_output_sequence(output, 1, &second, &error));
  CHECK(loquor_output_score(second) <= loquor_output_score(output));
  CHECK(loquor_output_finish_reason(second) == LOQUOR_FINISH_LENGTH);
  CHECK(loquor_output_seed(second) == loquor_output_seed(output));
  CHECK(!same_ids(second, output));
  CHECK_OK(loquor_output_scores(second, &scores, &error));
  CHECK(loquor_tensor_rank(scores) == 2 && loquor_tensor_size(scores, 0) == 7 &&
        loquor_tensor_size(scores, 1) == 79);
  ids = loquor_output_ids(second, &count);
  values = loquor_tensor_data(scores, NULL);
  for (i = 0; i < count; ++i) sum += values[i * 79 + (size_t)ids[i]];
  CHECK(sum - loquor_output_score(second) < 1e-4 && loquor_output_score(second) - sum < 1e-4);
  CHECK_OK(loquor_output_json(output, &json, &error));
  CHECK(strstr(loquor_string_data(json, NULL), "\"sequences\":[{\"text\":\"\",\"ids\":[") != NULL);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "index: found 3, expected less than 3",
              loquor_output_sequence(output, 3, &second, &error));
  loquor_string_free(json);
  loquor_tensor_free(scores);
  loquor_output_free(second);
  loquor_output_free(output);
  CHECK_OK(loquor_options_set_json(options, "{\"output_scores\": null}", 23, &error));
  output = generate(options);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "output_scores",
              loquor_output_scores(output, &scores, &error));
  loquor_output_free(output);
  loquor_options_free(options);
}

/* Ids that are even after an odd one, and odd after an even one, without the last of them. */
static size_t other_parity(const loquor_ids *so_far, int32_t *allowed) {
  size_t count = 0, length = 0;
  const int32_t *ids = loquor_ids_data(so_far, &length);
  int32_t id;
  for (id = 1 - ids[length - 1] % 2; id < 78; id += 2) allowed[count++] = id;
  return count;
}

static void allowed_tokens_are_set_step_by_step(void) {
  loquor_options *options = new_options(
      "{\"num_beams\": 3, \"max_new_tokens\": 8, \"eos_token_id\": [], \"do_sample\": false}");
  loquor_generation *generation = stream(options);
  loquor_output *output = NULL;
  const char *text = NULL;
  const int32_t *ids;
  size_t length = 0, count = 0, i;
  int32_t allowed[79];
  int64_t beam;
  do {
    for (beam = 0; beam < loquor_generation_live(generation); ++beam) {
      loquor_ids *so_far = NULL;
      CHECK_OK(loquor_generation_live_ids(generation, (size_t)beam, &so_far, &error));
      count = other_parity(so_far, allowed);
      CHECK_OK(loquor_generation_allow(generation, (size_t)beam, allowed, count, &error));
      loquor_ids_free(so_far);
    }
  } while (loquor_generation_next(generation, &text, &length, &error) == LOQUOR_OK);
  CHECK(loquor_generation_live(generation) == 0 && loquor_generation_live(NULL) == 0);
  CHECK_OK(loquor_generation_output(generation, &output, &error));
  ids = loquor_output_ids(output, &count);
  CHECK(count == 8);
  for (i = 0; i < count; ++i) CHECK(ids[i] % 2 == (int32_t)(i + 1) % 2);
  loquor_output_free(output);
  loquor_generation_free(generation);

  generation = stream(options);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "index: found 1, expected less than 1",
              loquor_generation_allow(generation, 1, allowed, 3, &error));
  allowed[0] = 79;
  CHECK_OK(loquor_generation_allow(generation, 0, allowed, 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "token id 79 was allowed",
              loquor_generation_next(generation, &text, &length, &error));
  CHECK_OK(loquor_generation_allow(generation, 0, NULL, 0, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no token was allowed",
              loquor_generation_next(generation, &text, &length, &error));
  loquor_generation_free(generation);
  loquor_options_free(options);
}

static void guesses_leave_greedy_as_it_is(void) {
  loquor_options *options = new_options("{\"max_new_tokens\": 20, \"do_sample\": false}");
  loquor_generation *generation;
  loquor_output *plain = generate(options), *guessed;
  int32_t id = 1;
  CHECK_OK(loquor_options_set_handle(options, "assistant_model", model, &error));
  guessed = generate(options);
  CHECK(same_ids(plain, guessed));
  loquor_output_free(guessed);
  generation = stream(options);
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "speculative",
              loquor_generation_allow(generation, 0, &id, 1, &error));
  loquor_generation_free(generation);
  CHECK_OK(loquor_options_set_handle(options, "assistant_model", NULL, &error));
  CHECK_OK(loquor_options_set_int64(options, "prompt_lookup_num_tokens", 4, &error));
  guessed = generate(options);
  CHECK(same_ids(plain, guessed));
  loquor_output_free(guessed);
  loquor_output_free(plain);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option cancel: found a Model, expected a Cancel",
              loquor_options_set_handle(options, "cancel", model, &error));
  loquor_options_free(options);
}

static void what_does_not_fit_is_refused(void) {
  static const char *const wrong[][2] = {
      {"{\"num_beams\": 80}", "num_beams: found 80"},
      {"{\"num_beams\": 2, \"num_return_sequences\": 3}", "num_return_sequences: found 3"},
      {"{\"length_penalty\": 2}", "length_penalty: expected num_beams"},
      {"{\"bad_words_ids\": [[3], [79]]}", "bad_words_ids: found token id 79"},
      {"{\"num_beams\": 2, \"prompt_lookup_num_tokens\": 2}", "prompt_lookup_num_tokens: "}};
  loquor_generation *generation = NULL;
  loquor_options *options;
  size_t i;
  for (i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    options = new_options(wrong[i][0]);
    CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, wrong[i][1],
                loquor_model_stream_ids(model, kPrompt, 4, options, &generation, &error));
    loquor_options_free(options);
  }
  options = new_options("{}");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "early_stopping: found 'soon'",
              loquor_options_set_string(options, "early_stopping", "soon", 4, &error));
  loquor_options_free(options);
}

int main(void) {
  CHECK_OK(loquor_model_open(NULL, kPath, NULL, &model, &error));
  if (!model) return 1;
  beams_give_their_sequences_and_scores();
  allowed_tokens_are_set_step_by_step();
  guesses_leave_greedy_as_it_is();
  what_does_not_fit_is_refused();
  loquor_model_free(model);
  return failures != 0;
}
