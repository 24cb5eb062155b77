/* The conventions at the head of loquor.h, on calls that need no model. */
#include "check.h"

static void version_is_that_of_the_header(void) { CHECK(strcmp(loquor_version(), "0.1.0") == 0); }

static void free_of_null_does_nothing(void) {
  loquor_error_free(NULL);
  loquor_string_free(NULL);
  loquor_ids_free(NULL);
  loquor_tensor_free(NULL);
  loquor_output_free(NULL);
  loquor_options_free(NULL);
  loquor_runtime_free(NULL);
  loquor_cancel_free(NULL);
  loquor_model_free(NULL);
  loquor_tokenizer_stream_free(NULL);
  loquor_session_free(NULL);
  loquor_batch_free(NULL);
  loquor_sampler_free(NULL);
  loquor_generation_free(NULL);
  loquor_chat_free(NULL);
}

static void getters_of_null_give_nothing(void) {
  size_t size = 7;
  CHECK(loquor_error_code(NULL) == LOQUOR_OK);
  CHECK(strcmp(loquor_error_message(NULL), "") == 0);
  CHECK(loquor_string_data(NULL, &size) == NULL && size == 0);
  size = 7;
  CHECK(loquor_ids_data(NULL, &size) == NULL && size == 0);
  CHECK(loquor_ids_offsets(NULL) == NULL);
  size = 7;
  CHECK(loquor_tensor_data(NULL, &size) == NULL && size == 0);
  CHECK(loquor_tensor_rank(NULL) == 0);
  CHECK(loquor_tensor_size(NULL, 0) == 0);
  size = 7;
  CHECK(loquor_output_text(NULL, &size) == NULL && size == 0);
  size = 7;
  CHECK(loquor_output_ids(NULL, &size) == NULL && size == 0);
  CHECK(loquor_output_finish_reason(NULL) == LOQUOR_FINISH_NONE);
  CHECK(loquor_output_score(NULL) == 0);
  CHECK(loquor_output_seed(NULL) == 0);
  CHECK(loquor_runtime_threads(NULL) == 0);
  CHECK(loquor_runtime_memory_used(NULL) == 0);
  CHECK(loquor_model_context_length(NULL) == 0);
  CHECK(loquor_model_has_tokenizer(NULL) == 0);
  CHECK(loquor_model_has_chat_template(NULL) == 0);
  CHECK(loquor_session_position(NULL) == 0);
  CHECK(loquor_session_context_length(NULL) == 0);
  CHECK(loquor_sampler_seed(NULL) == 0);
  size = 7;
  CHECK(loquor_generation_ids(NULL, &size) == NULL && size == 0);
  CHECK(loquor_generation_finish_reason(NULL) == LOQUOR_FINISH_NONE);
  loquor_cancel_set(NULL);
  loquor_cancel_reset(NULL);
  loquor_generation_cancel(NULL);
}

static void error_may_be_null(void) {
  loquor_options *options = NULL;
  CHECK(loquor_options_new("nonsense", &options, NULL) == LOQUOR_INVALID_ARGUMENT);
  CHECK(options == NULL);
}

static void out_parameters_are_untouched_on_failure(void) {
  loquor_options *const before = (loquor_options *)&failures;
  loquor_options *options = before;
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "kind", loquor_options_new("nonsense", &options, &error));
  CHECK(options == before);
}

static void error_is_untouched_on_success(void) {
  loquor_error *const before = (loquor_error *)&failures;
  loquor_error *untouched = before;
  loquor_cancel *cancel = NULL;
  CHECK(loquor_cancel_new(&cancel, &untouched) == LOQUOR_OK);
  CHECK(untouched == before);
  loquor_cancel_free(cancel);
}

static void handle_of_another_kind_is_refused(void) {
  loquor_cancel *cancel = NULL;
  loquor_string *text = NULL;
  CHECK_OK(loquor_cancel_new(&cancel, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "another kind",
              loquor_model_info((const loquor_model *)(const void *)cancel, &text, &error));
  CHECK(loquor_tensor_rank((const loquor_tensor *)(const void *)cancel) == 0);
  loquor_model_free((loquor_model *)(void *)cancel); /* does nothing */
  loquor_cancel_free(cancel);
}

static void missing_model_is_not_found_and_named(void) {
  loquor_model *model = NULL;
  loquor_string *json = NULL;
  CHECK_FAILS(LOQUOR_NOT_FOUND, "no/such/model",
              loquor_model_open(NULL, "no/such/model", NULL, &model, &error));
  CHECK_FAILS(LOQUOR_NOT_FOUND, "no/such/model",
              loquor_model_inspect("no/such/model", NULL, &json, &error));
  CHECK(model == NULL && json == NULL);
}

static size_t read_nothing(void *context, uint64_t offset, void *destination, size_t count) {
  (void)offset, (void)destination, (void)count;
  ++*(int *)context;
  return 0;
}

static void garbage_for_a_file_is_refused(void) {
  loquor_model *model = NULL;
  int calls = 0;
  CHECK_FAILS(LOQUOR_INVALID_FILE, "",
              loquor_model_open_memory(NULL, "not a model at all", 18, NULL, &model, &error));
  CHECK_FAILS(LOQUOR_INVALID_FILE, "",
              loquor_model_open_memory(NULL, NULL, 0, NULL, &model, &error));
  CHECK_FAILS(LOQUOR_IO, "",
              loquor_model_open_reader(NULL, 1000, read_nothing, &calls, NULL, &model, &error));
  CHECK(calls > 0);
  CHECK(model == NULL);
}

static void sampler_takes_the_most_likely_and_reports_its_seed(void) {
  const float logits[4] = {0.5f, 2.0f, -1.0f, 1.0f};
  const int32_t history[2] = {1, 1};
  loquor_options *options = NULL;
  loquor_sampler *sampler = NULL;
  loquor_tensor *tensor = NULL;
  int32_t id = -1;
  size_t count = 0;
  CHECK_OK(loquor_sampler_new(NULL, &sampler, &error));
  CHECK_OK(loquor_sampler_sample(sampler, logits, 4, NULL, 0, 0, &id, &error));
  CHECK(id == 1);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "prompt_length",
              loquor_sampler_sample(sampler, logits, 4, history, 2, 3, &id, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "logits",
              loquor_sampler_sample(sampler, NULL, 4, NULL, 0, 0, &id, &error));
  loquor_sampler_free(sampler);

  CHECK_OK(loquor_options_new("generate", &options, &error));
  CHECK_OK(loquor_options_set_json(options, "{\"do_sample\": true, \"seed\": 77, \"top_k\": 2}", 43,
                                   &error));
  CHECK_OK(loquor_sampler_new(options, &sampler, &error));
  CHECK(loquor_sampler_seed(sampler) == 77);
  CHECK_OK(loquor_sampler_probabilities(sampler, logits, 4, NULL, 0, 0, &tensor, &error));
  CHECK(loquor_tensor_rank(tensor) == 1 && loquor_tensor_size(tensor, 0) == 4);
  CHECK(loquor_tensor_size(tensor, 1) == 0 && loquor_tensor_size(tensor, -1) == 0);
  CHECK(loquor_tensor_data(tensor, &count)[0] == 0 && loquor_tensor_data(tensor, NULL)[1] > 0.7f);
  CHECK(count == 4);
  loquor_tensor_free(tensor);
  loquor_sampler_free(sampler);
  loquor_options_free(options);
}

static void count_line(void *context, int32_t level, const char *line, size_t length) {
  CHECK(level >= LOQUOR_LOG_DEBUG && level <= LOQUOR_LOG_WARNING);
  CHECK(line != NULL || length == 0);
  ++*(int *)context;
}

static void lend_none(void *context, int32_t count, void (*worker)(void *), void *argument) {
  (void)context, (void)count, (void)worker, (void)argument;
}

static void runtime_takes_its_options(void) {
  int lines = 0;
  loquor_options *options = NULL, *other = NULL;
  loquor_runtime *runtime = NULL;
  CHECK_OK(loquor_options_new("runtime", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "threads", 2, &error));
  CHECK_OK(loquor_options_set_log(options, count_line, &lines, &error));
  CHECK_OK(loquor_options_set_lend(options, lend_none, NULL, &error));
  CHECK_OK(loquor_runtime_new(options, &runtime, &error));
  CHECK(loquor_runtime_threads(runtime) == 2);
  CHECK(loquor_runtime_memory_used(runtime) == 0);
  loquor_runtime_free(runtime);
  CHECK_OK(loquor_options_set_log(options, NULL, NULL, &error));
  CHECK_OK(loquor_options_set_lend(options, NULL, NULL, &error));
  loquor_options_free(options);

  CHECK_OK(loquor_options_new("chat", &other, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "found kind chat, expected kind runtime",
              loquor_runtime_new(other, &runtime, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "kind runtime",
              loquor_options_set_log(other, count_line, &lines, &error));
  loquor_options_free(other);
}

int main(void) {
  version_is_that_of_the_header();
  free_of_null_does_nothing();
  getters_of_null_give_nothing();
  error_may_be_null();
  out_parameters_are_untouched_on_failure();
  error_is_untouched_on_success();
  handle_of_another_kind_is_refused();
  missing_model_is_not_found_and_named();
  garbage_for_a_file_is_refused();
  sampler_takes_the_most_likely_and_reports_its_seed();
  runtime_takes_its_options();
  return failures != 0;
}
