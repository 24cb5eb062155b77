/* Every function of loquor.h with NULL for each argument that must not be, and with handles that
 * are missing. */
#include "check.h"

#define MISSING(part, call) CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, part ": found NULL", call)

static loquor_string *string;
static loquor_ids *ids;
static loquor_tensor *tensor;
static loquor_output *output;
static loquor_options *options;
static loquor_model *model;
static loquor_tokenizer_stream *stream;
static loquor_session *session;
static loquor_batch *batch;
static loquor_sampler *sampler;
static loquor_generation *generation;
static loquor_chat *chat;
static const char *text;
static const int32_t *list;
static const float *floats;
static size_t size;
static int32_t number;

static size_t read_bytes(void *context, uint64_t offset, void *destination, size_t count) {
  (void)context, (void)offset, (void)destination, (void)count;
  return 0;
}

static void missing_out_parameters(void) {
  MISSING("json", loquor_output_json(NULL, NULL, &error));
  MISSING("options", loquor_options_new("model", NULL, &error));
  MISSING("json", loquor_options_describe("model", NULL, &error));
  MISSING("runtime", loquor_runtime_new(NULL, NULL, &error));
  MISSING("cancel", loquor_cancel_new(NULL, &error));
  MISSING("model", loquor_model_open(NULL, "x", NULL, NULL, &error));
  MISSING("model", loquor_model_open_memory(NULL, "x", 1, NULL, NULL, &error));
  MISSING("model", loquor_model_open_reader(NULL, 1, read_bytes, NULL, NULL, NULL, &error));
  MISSING("json", loquor_model_inspect("x", NULL, NULL, &error));
  MISSING("json", loquor_model_info(NULL, NULL, &error));
  MISSING("logits", loquor_model_logits(NULL, NULL, 0, NULL, 0, -1, NULL, NULL, &error));
  MISSING("states", loquor_model_hidden_states(NULL, NULL, 0, NULL, 0, NULL, NULL, &error));
  MISSING("attentions", loquor_model_attentions(NULL, NULL, 0, NULL, 0, NULL, NULL, &error));
  MISSING("attentions", loquor_model_cross_attentions(NULL, NULL, 0, NULL, 0, NULL, NULL, &error));
  MISSING("values", loquor_model_log_probabilities(NULL, NULL, 0, NULL, NULL, &error));
  MISSING("output", loquor_model_generate(NULL, "x", 1, NULL, NULL, &error));
  MISSING("outputs", loquor_model_generate_list(NULL, NULL, NULL, 1, NULL, NULL, &error));
  MISSING("outputs", loquor_model_translate(NULL, NULL, NULL, 1, NULL, NULL, &error));
  MISSING("outputs", loquor_model_summarize(NULL, NULL, NULL, 1, NULL, NULL, &error));
  MISSING("output", loquor_model_generate_messages(NULL, "[]", 2, NULL, NULL, NULL, &error));
  MISSING("generation", loquor_model_stream(NULL, "x", 1, NULL, NULL, &error));
  MISSING("generation", loquor_model_stream_ids(NULL, NULL, 0, NULL, NULL, &error));
  MISSING("generation", loquor_model_stream_messages(NULL, "[]", 2, NULL, NULL, NULL, &error));
  MISSING("ids", loquor_tokenizer_encode(NULL, "x", 1, NULL, NULL, &error));
  MISSING("ids", loquor_tokenizer_encode_with_offsets(NULL, "x", 1, NULL, NULL, &error));
  MISSING("ids", loquor_tokenizer_encode_pair(NULL, "x", 1, "y", 1, NULL, NULL, &error));
  MISSING("text", loquor_tokenizer_decode(NULL, NULL, 0, 0, NULL, &error));
  MISSING("size", loquor_tokenizer_vocabulary_size(NULL, NULL, &error));
  MISSING("token", loquor_tokenizer_token(NULL, 0, NULL, &error));
  MISSING("id", loquor_tokenizer_id(NULL, "x", 1, NULL, &error));
  MISSING("id", loquor_tokenizer_special_id(NULL, "eos", NULL, &error));
  MISSING("stream", loquor_tokenizer_stream_new(NULL, 0, NULL, &error));
  MISSING("text", loquor_tokenizer_stream_push(NULL, 0, NULL, &size, &error));
  MISSING("length", loquor_tokenizer_stream_push(NULL, 0, &text, NULL, &error));
  MISSING("text", loquor_tokenizer_stream_finish(NULL, NULL, &size, &error));
  MISSING("length", loquor_tokenizer_stream_finish(NULL, &text, NULL, &error));
  MISSING("prompt", loquor_chat_template_render(NULL, "[]", 2, NULL, NULL, &error));
  MISSING("session", loquor_session_new(NULL, NULL, NULL, &error));
  MISSING("logits", loquor_session_append(NULL, NULL, 0, 1, NULL, &error));
  MISSING("fork", loquor_session_fork(NULL, NULL, &error));
  MISSING("state", loquor_session_save(NULL, NULL, &error));
  MISSING("ids", loquor_session_ids(NULL, NULL, &error));
  MISSING("batch", loquor_batch_new(NULL, NULL, &error));
  MISSING("logits", loquor_batch_step(NULL, NULL, &error));
  MISSING("sampler", loquor_sampler_new(NULL, NULL, &error));
  MISSING("id", loquor_sampler_sample(NULL, NULL, 0, NULL, 0, 0, NULL, &error));
  MISSING("probabilities", loquor_sampler_probabilities(NULL, NULL, 0, NULL, 0, 0, NULL, &error));
  MISSING("generation", loquor_generation_new(NULL, "x", 1, NULL, NULL, &error));
  MISSING("generation", loquor_generation_new_ids(NULL, NULL, 0, NULL, NULL, &error));
  MISSING("text", loquor_generation_next(NULL, NULL, &size, &error));
  MISSING("length", loquor_generation_next(NULL, &text, NULL, &error));
  MISSING("output", loquor_generation_output(NULL, NULL, &error));
  MISSING("output", loquor_generation_finish(NULL, NULL, &error));
  MISSING("chat", loquor_chat_new(NULL, NULL, NULL, &error));
  MISSING("output", loquor_chat_send(NULL, "x", 1, NULL, NULL, &error));
  MISSING("generation", loquor_chat_stream(NULL, "x", 1, NULL, NULL, &error));
  MISSING("json", loquor_chat_messages(NULL, NULL, &error));
}

static void missing_handles(void) {
  MISSING("output", loquor_output_json(NULL, &string, &error));
  MISSING("output", loquor_output_logprobs(NULL, 0, &list, &floats, &size, &error));
  MISSING("options", loquor_options_set_int64(NULL, "x", 1, &error));
  MISSING("options", loquor_options_set_double(NULL, "x", 1, &error));
  MISSING("options", loquor_options_set_string(NULL, "x", "x", 1, &error));
  MISSING("options", loquor_options_set_ids(NULL, "x", NULL, 0, &error));
  MISSING("options", loquor_options_set_handle(NULL, "x", NULL, &error));
  MISSING("options", loquor_options_set_json(NULL, "{}", 2, &error));
  MISSING("options", loquor_options_to_json(NULL, &string, &error));
  MISSING("options", loquor_options_set_log(NULL, NULL, NULL, &error));
  MISSING("options", loquor_options_set_lend(NULL, NULL, NULL, &error));
  MISSING("model", loquor_model_info(NULL, &string, &error));
  MISSING("model", loquor_model_logits(NULL, NULL, 0, NULL, 0, -1, NULL, &tensor, &error));
  MISSING("model", loquor_model_hidden_states(NULL, NULL, 0, NULL, 0, NULL, &tensor, &error));
  MISSING("model", loquor_model_attentions(NULL, NULL, 0, NULL, 0, NULL, &tensor, &error));
  MISSING("model", loquor_model_cross_attentions(NULL, NULL, 0, NULL, 0, NULL, &tensor, &error));
  MISSING("model", loquor_model_log_probabilities(NULL, NULL, 0, NULL, &tensor, &error));
  MISSING("model", loquor_model_generate(NULL, "x", 1, NULL, &output, &error));
  MISSING("model", loquor_model_generate_list(NULL, NULL, NULL, 1, NULL, &output, &error));
  MISSING("model", loquor_model_translate(NULL, NULL, NULL, 1, NULL, &output, &error));
  MISSING("model", loquor_model_summarize(NULL, NULL, NULL, 1, NULL, &output, &error));
  MISSING("model", loquor_model_generate_messages(NULL, "[]", 2, NULL, NULL, &output, &error));
  MISSING("model", loquor_model_stream(NULL, "x", 1, NULL, &generation, &error));
  MISSING("model", loquor_model_stream_ids(NULL, NULL, 0, NULL, &generation, &error));
  MISSING("model", loquor_model_stream_messages(NULL, "[]", 2, NULL, NULL, &generation, &error));
  MISSING("model", loquor_tokenizer_encode(NULL, "x", 1, NULL, &ids, &error));
  MISSING("model", loquor_tokenizer_encode_with_offsets(NULL, "x", 1, NULL, &ids, &error));
  MISSING("model", loquor_tokenizer_encode_pair(NULL, "x", 1, "y", 1, NULL, &ids, &error));
  MISSING("model", loquor_tokenizer_decode(NULL, NULL, 0, 0, &string, &error));
  MISSING("model", loquor_tokenizer_vocabulary_size(NULL, &number, &error));
  MISSING("model", loquor_tokenizer_token(NULL, 0, &string, &error));
  MISSING("model", loquor_tokenizer_id(NULL, "x", 1, &number, &error));
  MISSING("model", loquor_tokenizer_special_id(NULL, "eos", &number, &error));
  MISSING("model", loquor_tokenizer_stream_new(NULL, 0, &stream, &error));
  MISSING("stream", loquor_tokenizer_stream_push(NULL, 0, &text, &size, &error));
  MISSING("stream", loquor_tokenizer_stream_finish(NULL, &text, &size, &error));
  MISSING("model", loquor_chat_template_render(NULL, "[]", 2, NULL, &string, &error));
  MISSING("model", loquor_session_new(NULL, NULL, &session, &error));
  MISSING("session", loquor_session_append(NULL, NULL, 0, 1, &tensor, &error));
  MISSING("session", loquor_session_encode(NULL, NULL, 0, &error));
  MISSING("session", loquor_session_rewind(NULL, 0, &error));
  MISSING("session", loquor_session_fork(NULL, &session, &error));
  MISSING("session", loquor_session_save(NULL, &string, &error));
  MISSING("session", loquor_session_restore(NULL, "x", 1, &error));
  MISSING("session", loquor_session_ids(NULL, &ids, &error));
  MISSING("model", loquor_batch_new(NULL, &batch, &error));
  MISSING("batch", loquor_batch_add(NULL, NULL, NULL, 0, &error));
  MISSING("batch", loquor_batch_step(NULL, &tensor, &error));
  MISSING("sampler", loquor_sampler_sample(NULL, NULL, 0, NULL, 0, 0, &number, &error));
  MISSING("sampler", loquor_sampler_probabilities(NULL, NULL, 0, NULL, 0, 0, &tensor, &error));
  MISSING("session", loquor_generation_new(NULL, "x", 1, NULL, &generation, &error));
  MISSING("session", loquor_generation_new_ids(NULL, NULL, 0, NULL, &generation, &error));
  MISSING("generation", loquor_generation_next(NULL, &text, &size, &error));
  MISSING("generation", loquor_generation_logprobs(NULL, 0, &list, &floats, &size, &error));
  MISSING("generation", loquor_generation_output(NULL, &output, &error));
  MISSING("generation", loquor_generation_finish(NULL, &output, &error));
  MISSING("model", loquor_chat_new(NULL, NULL, &chat, &error));
  MISSING("chat", loquor_chat_send(NULL, "x", 1, NULL, &output, &error));
  MISSING("chat", loquor_chat_stream(NULL, "x", 1, NULL, &generation, &error));
  MISSING("chat", loquor_chat_add(NULL, "{}", 2, &error));
  MISSING("chat", loquor_chat_messages(NULL, &string, &error));
  MISSING("chat", loquor_chat_clear(NULL, &error));
}

static void missing_names_and_callbacks(void) {
  MISSING("kind", loquor_options_new(NULL, &options, &error));
  MISSING("kind", loquor_options_describe(NULL, &string, &error));
  MISSING("path", loquor_model_open(NULL, NULL, NULL, &model, &error));
  MISSING("path", loquor_model_inspect(NULL, NULL, &string, &error));
  MISSING("data", loquor_model_open_memory(NULL, NULL, 1, NULL, &model, &error));
  MISSING("read", loquor_model_open_reader(NULL, 1, NULL, NULL, NULL, &model, &error));
}

static void nothing_was_given(void) {
  CHECK(!string && !ids && !tensor && !output && !options && !model && !stream && !session);
  CHECK(!batch && !sampler && !generation && !chat && !text && !list && !floats);
  CHECK(size == 0 && number == 0);
}

int main(void) {
  missing_out_parameters();
  missing_handles();
  missing_names_and_callbacks();
  nothing_was_given();
  return failures != 0;
}
