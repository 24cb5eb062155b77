/* The whole flow in C on a tiny chat model, tests/golden/chat_llama, whose expected.json
 * transformers wrote. */
#include <stdlib.h>

#include "check.h"

static const char kPath[] = LOQUOR_SOURCE_DIR "/tests/golden/chat_llama";
static const char kMessages[] =
    "[{\"role\": \"system\", \"content\": \"You answer the question.  \"},"
    " {\"role\": \"user\", \"content\": \"What is the capital of France?\"}]";
static const char kPrompt[] =
    "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou answer the "
    "question.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nWhat is the capital of France?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n";

static loquor_model *model = NULL;

/* The list of integers under a key of expected.json. */
static size_t expected_ids(const char *key, int32_t *ids, size_t capacity) {
  static char json[4096];
  char quoted[32];
  size_t count = 0;
  char *at;
  FILE *file = fopen(LOQUOR_SOURCE_DIR "/tests/golden/chat_llama/expected.json", "rb");
  if (!file) return 0;
  json[fread(json, 1, sizeof json - 1, file)] = 0;
  fclose(file);
  sprintf(quoted, "\"%s\"", key);
  at = strstr(json, quoted);
  if (at) at = strchr(at, '[');
  while (at && *at != ']' && count < capacity) ids[count++] = (int32_t)strtol(at + 1, &at, 10);
  return count;
}

static loquor_options *new_options(const char *kind, const char *json) {
  loquor_options *options = NULL;
  CHECK_OK(loquor_options_new(kind, &options, &error));
  CHECK_OK(loquor_options_set_json(options, json, strlen(json), &error));
  return options;
}

static void expect_text(loquor_string *string, const char *expected) {
  size_t length = 0;
  const char *text = loquor_string_data(string, &length);
  if (!text || length != strlen(expected) || strcmp(text, expected) != 0) {
    fprintf(stderr, "found '%s'\nexpected '%s'\n", text ? text : "(null)", expected);
    ++failures;
  }
  loquor_string_free(string);
}

static void expect_ids(const int32_t *ids, size_t count, const int32_t *expected,
                       size_t expected_count) {
  if (count != expected_count) {
    fprintf(stderr, "found %d ids, expected %d\n", (int)count, (int)expected_count);
    ++failures;
  }
  if (count == expected_count) CHECK(memcmp(ids, expected, count * sizeof *ids) == 0);
}

static void expect_ids_of(const loquor_ids *ids, const int32_t *expected, size_t expected_count) {
  size_t count = 0;
  const int32_t *found = loquor_ids_data(ids, &count);
  expect_ids(found, count, expected, expected_count);
}

static void expect_output(const loquor_output *output, const int32_t *expected,
                          size_t expected_count) {
  size_t count = 0;
  const int32_t *found = loquor_output_ids(output, &count);
  expect_ids(found, count, expected, expected_count);
}

static void info_is_json_with_the_numbers_of_the_config(void) {
  loquor_string *json = NULL, *inspected = NULL;
  const char *text;
  CHECK_OK(loquor_model_info(model, &json, &error));
  text = loquor_string_data(json, NULL);
  CHECK(strstr(text, "\"architecture\":\"llama\"") != NULL);
  CHECK(strstr(text, "\"layers\":2") != NULL);
  CHECK(strstr(text, "\"vocabulary\":385") != NULL);
  CHECK(strstr(text, "\"workspace_bytes\":") != NULL);
  CHECK(strstr(text, "\"generation_defaults\":{\"eos_token_id\":[381,384],\"do_sample\":true") !=
        NULL);
  CHECK_OK(loquor_model_inspect(kPath, NULL, &inspected, &error));
  CHECK(strstr(loquor_string_data(inspected, NULL), "\"layers\":2") != NULL);
  CHECK(loquor_model_context_length(model) == 256);
  CHECK(loquor_model_has_tokenizer(model) && loquor_model_has_chat_template(model));
  loquor_string_free(inspected);
  loquor_string_free(json);
}

static void template_and_tokenizer_agree_with_transformers(void) {
  int32_t expected[64];
  const size_t expected_count = expected_ids("ids", expected, 64);
  loquor_options *options =
      new_options("encode", "{\"parse_special\": true, \"add_special_tokens\": false}");
  loquor_string *prompt = NULL, *text = NULL;
  loquor_ids *ids = NULL;
  CHECK(expected_count == 53);
  CHECK_OK(loquor_chat_template_render(model, kMessages, strlen(kMessages), NULL, &prompt, &error));
  expect_text(prompt, kPrompt);
  CHECK_OK(loquor_tokenizer_encode(model, kPrompt, strlen(kPrompt), options, &ids, &error));
  expect_ids_of(ids, expected, expected_count);
  CHECK(loquor_ids_offsets(ids) == NULL && loquor_ids_origins(ids) == NULL);
  loquor_ids_free(ids);
  CHECK_OK(
      loquor_tokenizer_encode_with_offsets(model, kPrompt, strlen(kPrompt), options, &ids, &error));
  expect_ids_of(ids, expected, expected_count);
  CHECK(loquor_ids_offsets(ids)[0] == 0 && loquor_ids_offsets(ids)[1] == 17);
  CHECK_OK(loquor_tokenizer_decode(model, expected, expected_count, 0, &text, &error));
  expect_text(text, kPrompt);
  loquor_ids_free(ids);
  loquor_options_free(options);
}

static void vocabulary_is_read_both_ways(void) {
  loquor_string *token = NULL;
  loquor_ids *ids = NULL;
  int32_t id = -1, size = 0;
  CHECK_OK(loquor_tokenizer_vocabulary_size(model, &size, &error));
  CHECK(size == 385);
  CHECK_OK(loquor_tokenizer_special_id(model, "bos", &id, &error));
  CHECK(id == 380);
  CHECK_OK(loquor_tokenizer_special_id(model, "eos", &id, &error));
  CHECK(id == 384);
  CHECK_FAILS(LOQUOR_NOT_FOUND, "pad", loquor_tokenizer_special_id(model, "pad", &id, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "expected bos, eos, unk, pad, sep, cls or mask",
              loquor_tokenizer_special_id(model, "end", &id, &error));
  CHECK_OK(loquor_tokenizer_token(model, 384, &token, &error));
  expect_text(token, "<|eot_id|>");
  CHECK_OK(loquor_tokenizer_id(model, "<|eot_id|>", 10, &id, &error));
  CHECK(id == 384);
  CHECK_FAILS(LOQUOR_NOT_FOUND, "'no such token'",
              loquor_tokenizer_id(model, "no such token", 13, &id, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "385", loquor_tokenizer_token(model, 385, &token, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "-1", loquor_tokenizer_token(model, -1, &token, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_tokenizer_encode(model, "\xff\xfe", 2, NULL, &ids, &error));
  CHECK(id == 384);
}

static void tokenizer_stream_gives_whole_characters(void) {
  static const char kText[] = "caf\xc3\xa9 \xf0\x9f\x98\x80!";
  char joined[64] = "";
  loquor_options *options = new_options("encode", "{\"add_special_tokens\": false}");
  loquor_tokenizer_stream *stream = NULL;
  loquor_ids *ids = NULL;
  const char *text = NULL;
  size_t count = 0, length = 0, i;
  const int32_t *data;
  CHECK_OK(loquor_tokenizer_encode(model, kText, strlen(kText), options, &ids, &error));
  CHECK_OK(loquor_tokenizer_stream_new(model, 1, &stream, &error));
  data = loquor_ids_data(ids, &count);
  for (i = 0; i < count; ++i) {
    CHECK_OK(loquor_tokenizer_stream_push(stream, data[i], &text, &length, &error));
    CHECK(length == 0 || ((unsigned char)text[0] & 0xc0) != 0x80);
    strncat(joined, text, length);
  }
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "9999",
              loquor_tokenizer_stream_push(stream, 9999, &text, &length, &error));
  CHECK_OK(loquor_tokenizer_stream_finish(stream, &text, &length, &error));
  CHECK(length == 0);
  CHECK(strcmp(joined, kText) == 0);
  loquor_tokenizer_stream_free(stream);
  loquor_ids_free(ids);
  loquor_options_free(options);
}

static int32_t most_likely(const float *logits, size_t count) {
  size_t best = 0, i;
  for (i = 1; i < count; ++i)
    if (logits[i] > logits[best]) best = i;
  return (int32_t)best;
}

static void session_loop_gives_the_ids_of_transformers(void) {
  int32_t prompt[64], expected[32], next;
  const size_t count = expected_ids("ids", prompt, 64),
               steps = expected_ids("greedy", expected, 32);
  loquor_session *session = NULL;
  loquor_tensor *logits = NULL;
  size_t i;
  CHECK(steps == 24);
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK(loquor_session_context_length(session) == 256);
  CHECK_OK(loquor_session_append(session, prompt, count, 1, &logits, &error));
  for (i = 0; i < steps; ++i) {
    next = most_likely(loquor_tensor_data(logits, NULL), (size_t)loquor_tensor_size(logits, 1));
    loquor_tensor_free(logits);
    logits = NULL;
    CHECK(next == expected[i]);
    CHECK_OK(loquor_session_append(session, &next, 1, 1, &logits, &error));
  }
  loquor_tensor_free(logits);
  CHECK(loquor_session_position(session) == (int64_t)(count + steps));
  loquor_session_free(session);
}

/* tests/golden/bart: its source, and the first ids that transformers generates from it. */
static void encoder_decoder_gives_the_ids_of_transformers(void) {
  const int32_t source[23] = {54, 34, 20, 10, 9,  19, 8,  48, 44, 3,  54, 27,
                              47, 54, 6,  48, 35, 5,  59, 15, 35, 31, 8};
  const int32_t expected[6] = {53, 35, 42, 56, 34, 37};
  loquor_model *bart = NULL;
  loquor_session *session = NULL;
  loquor_tensor *logits = NULL;
  int32_t next = 2;
  size_t i, j;
  float row[61];
  CHECK_OK(loquor_model_open(NULL, LOQUOR_SOURCE_DIR "/tests/golden/bart", NULL, &bart, &error));
  CHECK_OK(loquor_session_new(bart, NULL, &session, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "encode",
              loquor_session_append(session, &next, 1, 1, &logits, &error));
  CHECK_OK(loquor_session_encode(session, source, 23, &error));
  for (i = 0; i < 6; ++i) {
    CHECK_OK(loquor_session_append(session, &next, 1, 1, &logits, &error));
    memcpy(row, loquor_tensor_data(logits, NULL), sizeof row);
    loquor_tensor_free(logits);
    logits = NULL;
    for (j = 0; j < i; ++j) row[expected[j]] = -1e30F; /* no id twice */
    row[1] = row[2] = -1e30F;                          /* neither padding nor the end */
    next = most_likely(row, 61);
    CHECK(next == expected[i]);
  }
  loquor_session_free(session);
  loquor_model_free(bart);
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "decoder-only",
              loquor_session_encode(session, source, 23, &error));
  loquor_session_free(session);
}

static void session_rewinds_forks_saves_and_restores(void) {
  const int32_t ids[6] = {11, 12, 13, 14, 15, 16};
  loquor_session *session = NULL, *fork = NULL, *restored = NULL;
  loquor_tensor *expected = NULL, *found = NULL;
  loquor_string *state = NULL;
  loquor_ids *read = NULL;
  size_t size = 0;
  const char *bytes;
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK_OK(loquor_session_append(session, ids, 4, 2, &expected, &error));
  CHECK(loquor_tensor_rank(expected) == 2 && loquor_tensor_size(expected, 0) == 2);
  CHECK(loquor_tensor_size(expected, 1) == 385);
  loquor_tensor_free(expected);
  CHECK_OK(loquor_session_fork(session, &fork, &error));
  CHECK_OK(loquor_session_save(session, &state, &error));
  CHECK_OK(loquor_session_append(session, ids + 4, 2, 1, &expected, &error));
  CHECK_OK(loquor_session_append(fork, ids + 4, 2, 1, &found, &error));
  bytes = loquor_string_data(state, &size);
  CHECK(memcmp(loquor_tensor_data(expected, NULL), loquor_tensor_data(found, NULL), 385 * 4) == 0);
  loquor_tensor_free(found);
  CHECK_OK(loquor_session_rewind(session, 4, &error));
  CHECK_OK(loquor_session_ids(session, &read, &error));
  expect_ids_of(read, ids, 4);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "5", loquor_session_rewind(session, 5, &error));

  CHECK_OK(loquor_session_new(model, NULL, &restored, &error));
  CHECK_FAILS(LOQUOR_INVALID_FILE, "", loquor_session_restore(restored, bytes, size - 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_FILE, "", loquor_session_restore(restored, "x", 1, &error));
  CHECK(loquor_session_position(restored) == 0);
  CHECK_OK(loquor_session_restore(restored, bytes, size, &error));
  CHECK_OK(loquor_session_append(restored, ids + 4, 2, 1, &found, &error));
  CHECK(memcmp(loquor_tensor_data(expected, NULL), loquor_tensor_data(found, NULL), 385 * 4) == 0);
  loquor_tensor_free(found);
  loquor_tensor_free(expected);
  loquor_ids_free(read);
  loquor_string_free(state);
  loquor_session_free(restored);
  loquor_session_free(fork);
  loquor_session_free(session);
}

static void batch_gives_the_bits_of_single_sessions(void) {
  const int32_t ids[5] = {21, 22, 23, 24, 25};
  loquor_session *session[2] = {NULL, NULL};
  loquor_tensor *single = NULL, *together = NULL;
  loquor_batch *batch = NULL;
  int i;
  CHECK_OK(loquor_model_logits(model, ids, 5, NULL, 0, 1, NULL, &single, &error));
  CHECK_OK(loquor_batch_new(model, &batch, &error));
  for (i = 0; i < 2; ++i) CHECK_OK(loquor_session_new(model, NULL, &session[i], &error));
  CHECK_OK(loquor_batch_add(batch, session[0], ids, 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "", loquor_batch_add(batch, session[0], ids, 2, &error));
  CHECK_OK(loquor_batch_add(batch, session[1], ids, 5, &error));
  loquor_session_free(session[0]); /* the batch keeps it alive */
  CHECK_OK(loquor_batch_step(batch, &together, &error));
  CHECK(loquor_tensor_size(together, 0) == 2 && loquor_tensor_size(together, 1) == 385);
  CHECK(memcmp(loquor_tensor_data(together, NULL) + 385, loquor_tensor_data(single, NULL),
               385 * 4) == 0);
  CHECK(loquor_session_position(session[1]) == 5);
  loquor_tensor_free(together);
  loquor_tensor_free(single);
  loquor_batch_free(batch);
  loquor_session_free(session[1]);
}

static void whole_passes_have_their_shapes(void) {
  const int32_t ids[4] = {5, 6, 7, 8}, wrong = 385;
  loquor_tensor *tensor = NULL, *before;
  loquor_cancel *cancel = NULL;
  size_t count = 0;
  CHECK_OK(loquor_model_logits(model, ids, 4, NULL, 0, -1, NULL, &tensor, &error));
  CHECK(loquor_tensor_size(tensor, 0) == 4 && loquor_tensor_size(tensor, 1) == 385);
  loquor_tensor_free(tensor);
  CHECK_OK(loquor_model_hidden_states(model, ids, 4, NULL, 0, NULL, &tensor, &error));
  CHECK(loquor_tensor_rank(tensor) == 3 && loquor_tensor_size(tensor, 0) == 3);
  CHECK(loquor_tensor_size(tensor, 1) == 4 && loquor_tensor_size(tensor, 2) == 24);
  CHECK(loquor_tensor_data(tensor, &count) != NULL && count == 3 * 4 * 24);
  loquor_tensor_free(tensor);
  CHECK_OK(loquor_model_log_probabilities(model, ids, 4, NULL, &tensor, &error));
  CHECK(loquor_tensor_rank(tensor) == 1 && loquor_tensor_size(tensor, 0) == 3);
  CHECK(loquor_tensor_data(tensor, NULL)[0] < 0);
  loquor_tensor_free(tensor);

  tensor = before = (loquor_tensor *)(void *)&count;
  CHECK_OK(loquor_cancel_new(&cancel, &error));
  loquor_cancel_set(cancel);
  CHECK_FAILS(LOQUOR_CANCELLED, "cancel",
              loquor_model_logits(model, ids, 4, NULL, 0, -1, cancel, &tensor, &error));
  CHECK(tensor == before);
  loquor_cancel_reset(cancel);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "385",
              loquor_model_logits(model, &wrong, 1, NULL, 0, -1, cancel, &tensor, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "",
              loquor_model_logits(model, NULL, 0, NULL, 0, -1, cancel, &tensor, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "ids: found NULL",
              loquor_model_logits(model, NULL, 3, NULL, 0, -1, cancel, &tensor, &error));
  CHECK(tensor == before);
  loquor_cancel_free(cancel);
}

static void an_encoder_decoder_gives_both_stacks(void) {
  static const int32_t ids[4] = {5, 6, 7, 8};
  loquor_tensor *all = NULL, *last = NULL, *encoder = NULL, *decoder = NULL;
  loquor_model *bart = NULL;
  int64_t width;
  CHECK_OK(loquor_model_open(NULL, LOQUOR_SOURCE_DIR "/tests/golden/bart", NULL, &bart, &error));
  CHECK_OK(loquor_model_logits(bart, ids, 4, ids, 3, -1, NULL, &all, &error));
  CHECK_OK(loquor_model_logits(bart, ids, 4, ids, 3, 1, NULL, &last, &error));
  width = loquor_tensor_size(all, 1);
  CHECK(loquor_tensor_size(all, 0) == 3 && loquor_tensor_size(last, 0) == 1);
  CHECK(memcmp(loquor_tensor_data(all, NULL) + 2 * width, loquor_tensor_data(last, NULL),
               (size_t)width * 4) == 0);
  CHECK_OK(loquor_model_hidden_states(bart, ids, 4, NULL, 0, NULL, &encoder, &error));
  CHECK_OK(loquor_model_hidden_states(bart, ids, 4, ids, 3, NULL, &decoder, &error));
  CHECK(loquor_tensor_size(encoder, 1) == 4 && loquor_tensor_size(decoder, 1) == 3);
  loquor_tensor_free(all);
  loquor_tensor_free(last);
  loquor_tensor_free(encoder);
  loquor_tensor_free(decoder);
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "decoder-only",
              loquor_model_logits(model, ids, 4, ids, 3, -1, NULL, &all, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "decoder-only",
              loquor_model_hidden_states(model, ids, 4, ids, 3, NULL, &all, &error));
  loquor_model_free(bart);
}

static void attentions_are_of_layers_heads_and_positions(void) {
  static const int32_t ids[4] = {5, 6, 7, 8};
  static int32_t many[50];
  loquor_tensor *tensor = NULL, *before;
  loquor_model *bart = NULL;
  size_t count = 0;
  CHECK_OK(loquor_model_attentions(model, ids, 4, NULL, 0, NULL, &tensor, &error));
  CHECK(loquor_tensor_rank(tensor) == 4 && loquor_tensor_size(tensor, 0) == 2);
  CHECK(loquor_tensor_size(tensor, 2) == 4 && loquor_tensor_size(tensor, 3) == 4);
  CHECK(loquor_tensor_data(tensor, &count)[0] == 1 && loquor_tensor_data(tensor, NULL)[1] == 0);
  CHECK(count == (size_t)(2 * 16 * loquor_tensor_size(tensor, 1)));
  loquor_tensor_free(tensor);

  CHECK_OK(loquor_model_open(NULL, LOQUOR_SOURCE_DIR "/tests/golden/bart", NULL, &bart, &error));
  CHECK_OK(loquor_model_attentions(bart, ids, 4, NULL, 0, NULL, &tensor, &error));
  CHECK(loquor_tensor_size(tensor, 1) == 3 && loquor_tensor_size(tensor, 3) == 4);
  CHECK(loquor_tensor_data(tensor, NULL)[1] > 0); /* the encoder sees what follows */
  loquor_tensor_free(tensor);
  CHECK_OK(loquor_model_attentions(bart, ids, 4, ids, 3, NULL, &tensor, &error));
  CHECK(loquor_tensor_size(tensor, 1) == 2 && loquor_tensor_size(tensor, 3) == 3);
  CHECK(loquor_tensor_data(tensor, NULL)[1] == 0);
  loquor_tensor_free(tensor);
  CHECK_OK(loquor_model_cross_attentions(bart, ids, 4, ids, 3, NULL, &tensor, &error));
  CHECK(loquor_tensor_size(tensor, 2) == 3 && loquor_tensor_size(tensor, 3) == 4);
  loquor_tensor_free(tensor);

  tensor = before = (loquor_tensor *)(void *)&count;
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no token ids were given",
              loquor_model_cross_attentions(bart, ids, 4, NULL, 0, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no token ids were given",
              loquor_model_attentions(bart, ids, 4, ids, 0, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "decoder_ids: found NULL",
              loquor_model_attentions(bart, ids, 4, NULL, 3, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "decoder-only",
              loquor_model_attentions(model, ids, 4, ids, 3, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "decoder-only",
              loquor_model_cross_attentions(model, ids, 4, ids, 3, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_CONTEXT_FULL, "50 tokens do not fit",
              loquor_model_attentions(bart, many, 50, NULL, 0, NULL, &tensor, &error));
  CHECK(tensor == before);
  loquor_model_free(bart);
}

/* Pulls a generation to its end, checks its text against its output's, and frees it. */
static void drain(loquor_generation *generation, const int32_t *expected, size_t expected_count) {
  char joined[1024] = "";
  loquor_output *output = NULL;
  const char *text = NULL;
  size_t length = 0, count = 0, pieces_ids = 0;
  int32_t result;
  CHECK(loquor_generation_finish_reason(generation) == LOQUOR_FINISH_NONE);
  while ((result = loquor_generation_next(generation, &text, &length, &error)) == LOQUOR_OK) {
    strncat(joined, text, length);
    CHECK(loquor_generation_ids(generation, &count) != NULL || count == 0);
    pieces_ids += count;
  }
  CHECK(result == LOQUOR_DONE && error == NULL);
  CHECK(loquor_generation_next(generation, &text, &length, &error) == LOQUOR_DONE);
  CHECK(loquor_generation_finish_reason(generation) == LOQUOR_FINISH_LENGTH);
  CHECK_OK(loquor_generation_output(generation, &output, &error));
  expect_output(output, expected, expected_count);
  loquor_output_ids(output, &count);
  CHECK(pieces_ids == count);
  CHECK(strcmp(loquor_output_text(output, NULL), joined) == 0);
  loquor_output_free(output);
  loquor_generation_free(generation);
}

static void every_way_to_generate_gives_the_ids_of_transformers(void) {
  int32_t prompt[64], expected[32];
  const size_t count = expected_ids("ids", prompt, 64),
               steps = expected_ids("greedy", expected, 32);
  loquor_options *options =
      new_options("generate",
                  "{\"do_sample\": false, \"max_new_tokens\": 24, \"parse_special\": true, "
                  "\"add_special_tokens\": false}");
  loquor_generation *generation = NULL;
  loquor_session *session = NULL;
  loquor_output *output = NULL;
  loquor_string *json = NULL;
  CHECK_OK(loquor_model_stream(model, kPrompt, strlen(kPrompt), options, &generation, &error));
  drain(generation, expected, steps);
  CHECK_OK(loquor_model_stream_ids(model, prompt, count, options, &generation, &error));
  drain(generation, expected, steps);
  CHECK_OK(loquor_model_stream_messages(model, kMessages, strlen(kMessages), options, NULL,
                                        &generation, &error));
  drain(generation, expected, steps);
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK_OK(loquor_generation_new(session, kPrompt, strlen(kPrompt), options, &generation, &error));
  loquor_session_free(session); /* the generation keeps it alive */
  drain(generation, expected, steps);
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK_OK(loquor_generation_new_ids(session, prompt, count, options, &generation, &error));
  CHECK_OK(loquor_generation_finish(generation, &output, &error));
  expect_output(output, expected, steps);
  loquor_output_free(output);
  loquor_generation_free(generation);
  loquor_session_free(session);

  CHECK_OK(loquor_model_generate(model, kPrompt, strlen(kPrompt), options, &output, &error));
  expect_output(output, expected, steps);
  loquor_output_free(output);
  CHECK_OK(loquor_model_generate_messages(model, kMessages, strlen(kMessages), options, NULL,
                                          &output, &error));
  expect_output(output, expected, steps);
  CHECK(loquor_output_finish_reason(output) == LOQUOR_FINISH_LENGTH);
  CHECK(loquor_output_score(output) < 0);
  CHECK_OK(loquor_output_json(output, &json, &error));
  CHECK(strstr(loquor_string_data(json, NULL), "\"finish_reason\":\"length\"") != NULL);
  CHECK(strstr(loquor_string_data(json, NULL), "\"prompt_tokens\":53") != NULL);
  loquor_string_free(json);
  loquor_output_free(output);
  loquor_options_free(options);
}

static void reported_seed_gives_the_same_output_again(void) {
  loquor_options *options =
      new_options("generate", "{\"do_sample\": true, \"temperature\": 2, \"max_new_tokens\": 16}");
  loquor_output *first = NULL, *again = NULL;
  size_t count = 0;
  const int32_t *ids;
  CHECK_OK(loquor_model_generate(model, "Once", 4, options, &first, &error));
  CHECK_OK(loquor_options_set_int64(options, "seed", loquor_output_seed(first), &error));
  CHECK_OK(loquor_model_generate(model, "Once", 4, options, &again, &error));
  ids = loquor_output_ids(again, &count);
  expect_output(first, ids, count);
  CHECK(loquor_output_seed(first) == loquor_output_seed(again));
  loquor_output_free(again);
  loquor_output_free(first);
  loquor_options_free(options);
}

static void a_list_gives_each_the_output_of_a_lone_call(void) {
  static const char *const prompts[] = {"Once", "The capital of", "A"};
  static const size_t lengths[] = {4, 14, 1};
  loquor_options *options =
      new_options("generate", "{\"temperature\": 2, \"max_new_tokens\": 8, \"seed\": 3}");
  loquor_output *outputs[3] = {NULL, NULL, NULL}, *alone = NULL;
  size_t i, count = 0;
  CHECK_OK(loquor_model_generate_list(model, prompts, lengths, 3, options, outputs, &error));
  for (i = 0; i < 3; ++i) {
    const int32_t *ids = loquor_output_ids(outputs[i], &count);
    CHECK(loquor_output_seed(outputs[i]) == 3 + (int64_t)i);
    CHECK_OK(loquor_options_set_int64(options, "seed", loquor_output_seed(outputs[i]), &error));
    CHECK_OK(loquor_model_generate(model, prompts[i], lengths[i], options, &alone, &error));
    expect_output(alone, ids, count);
    loquor_output_free(alone);
    loquor_output_free(outputs[i]);
    outputs[i] = NULL;
  }
  CHECK_OK(loquor_model_generate_list(model, NULL, NULL, 0, options, NULL, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "prompts[1]",
              loquor_model_generate_list(model, (const char *const[]){"Once", NULL}, lengths, 2,
                                         options, outputs, &error));
  CHECK(outputs[0] == NULL && outputs[1] == NULL);
  loquor_options_free(options);
}

static void logprobs_begin_with_the_chosen_id(void) {
  loquor_options *options =
      new_options("generate", "{\"do_sample\": false, \"max_new_tokens\": 3, \"logprobs\": 4}");
  loquor_generation *generation = NULL;
  loquor_output *output = NULL;
  const char *text = NULL;
  const int32_t *ids = NULL;
  const float *logprobs = NULL;
  size_t count = 0, length = 0;
  CHECK_OK(loquor_model_stream(model, "Once", 4, options, &generation, &error));
  CHECK_OK(loquor_generation_next(generation, &text, &length, &error));
  CHECK_OK(loquor_generation_logprobs(generation, 0, &ids, &logprobs, &count, &error));
  CHECK(count == 5 && ids[0] == ids[1] && logprobs[0] == logprobs[1]);
  CHECK(ids[0] == loquor_generation_ids(generation, NULL)[0]);
  CHECK(logprobs[1] >= logprobs[2] && logprobs[2] >= logprobs[3] && logprobs[3] >= logprobs[4]);
  CHECK_OK(loquor_generation_finish(generation, &output, &error));
  CHECK_OK(loquor_output_logprobs(output, 2, &ids, &logprobs, &count, &error));
  CHECK(count == 5);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "index: found 3",
              loquor_output_logprobs(output, 3, &ids, &logprobs, &count, &error));
  loquor_output_free(output);
  loquor_generation_free(generation);
  loquor_options_free(options);
}

static void chat_keeps_its_history(void) {
  loquor_options *system = new_options("chat", "{\"system\": \"You answer the question.  \"}");
  loquor_options *options =
      new_options("generate", "{\"do_sample\": false, \"max_new_tokens\": 8}");
  loquor_generation *generation = NULL;
  loquor_output *output = NULL;
  loquor_chat *chat = NULL;
  loquor_string *json = NULL;
  int32_t expected[32];
  const char *text = NULL;
  size_t length = 0;
  expected_ids("greedy", expected, 32);
  CHECK_OK(loquor_chat_new(model, system, &chat, &error));
  CHECK_OK(loquor_chat_send(chat, "What is the capital of France?", 30, options, &output, &error));
  expect_output(output, expected, 8);
  loquor_output_free(output);
  CHECK_OK(loquor_chat_stream(chat, "Why?", 4, options, &generation, &error));
  while (loquor_generation_next(generation, &text, &length, &error) == LOQUOR_OK) continue;
  loquor_generation_free(generation);
  CHECK_OK(loquor_chat_messages(chat, &json, &error));
  text = loquor_string_data(json, NULL);
  CHECK(
      strstr(
          text,
          "[{\"role\":\"system\",\"content\":\"You answer the question.  \"},{\"role\":\"user\"") ==
      text);
  CHECK(strstr(text, "\"Why?\"},{\"role\":\"assistant\"") != NULL);
  loquor_string_free(json);
  CHECK_OK(loquor_chat_clear(chat, &error));
  CHECK_OK(loquor_chat_add(chat, "{\"role\": \"user\", \"content\": \"Hm\"}", 33, &error));
  CHECK_OK(loquor_chat_messages(chat, &json, &error));
  expect_text(json,
              "[{\"role\":\"system\",\"content\":\"You answer the question.  \"},"
              "{\"role\":\"user\",\"content\":\"Hm\"}]");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "unknown member 'text'",
              loquor_chat_add(chat, "{\"role\": \"user\", \"text\": \"Hm\"}", 30, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "role", loquor_chat_add(chat, "{}", 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "message: ", loquor_chat_add(chat, "{", 1, &error));
  loquor_chat_free(chat);
  loquor_options_free(options);
  loquor_options_free(system);
}

static void wrong_calls_are_refused_and_everything_goes_on(void) {
  int32_t many[300] = {0};
  loquor_options *wrong = new_options("session", "{}");
  loquor_generation *generation = NULL;
  loquor_session *session = NULL;
  loquor_tensor *tensor = NULL;
  loquor_output *output = NULL;
  loquor_string *prompt = NULL;
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "found kind session, expected kind generate",
              loquor_model_generate(model, "x", 1, wrong, &output, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "Unknown role",
              loquor_chat_template_render(model, "[{\"role\": \"tool\", \"content\": \"x\"}]", 34,
                                          NULL, &prompt, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "messages",
              loquor_chat_template_render(model, "{", 1, NULL, &prompt, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "messages",
              loquor_model_generate_messages(model, "3", 1, NULL, NULL, &output, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "",
              loquor_model_stream_ids(model, NULL, 0, NULL, &generation, &error));
  CHECK_OK(loquor_session_new(model, NULL, &session, &error));
  CHECK_FAILS(LOQUOR_CONTEXT_FULL, "256",
              loquor_session_append(session, many, 300, 1, &tensor, &error));
  CHECK(loquor_session_position(session) == 0);
  CHECK_OK(loquor_session_append(session, many, 10, 1, &tensor, &error));
  loquor_tensor_free(tensor);
  loquor_session_free(session);
  loquor_options_free(wrong);
}

static void what_needs_a_freed_handle_keeps_it_alive(void) {
  loquor_options *options =
      new_options("generate", "{\"do_sample\": false, \"max_new_tokens\": 4}");
  loquor_runtime *runtime = NULL;
  loquor_model *other = NULL;
  loquor_chat *chat = NULL;
  loquor_tokenizer_stream *stream = NULL;
  loquor_generation *generation = NULL;
  loquor_output *output = NULL;
  const char *text = NULL;
  size_t length = 0;
  CHECK_OK(loquor_runtime_new(NULL, &runtime, &error));
  CHECK_OK(loquor_model_open(runtime, kPath, NULL, &other, &error));
  CHECK(loquor_runtime_memory_used(runtime) > 0);
  loquor_runtime_free(runtime);
  CHECK_OK(loquor_chat_new(other, NULL, &chat, &error));
  CHECK_OK(loquor_tokenizer_stream_new(other, 1, &stream, &error));
  loquor_model_free(other);
  CHECK_OK(loquor_chat_stream(chat, "Hm", 2, options, &generation, &error));
  loquor_options_free(options);
  loquor_chat_free(chat);
  CHECK_OK(loquor_generation_finish(generation, &output, &error));
  CHECK_OK(loquor_tokenizer_stream_push(stream, loquor_output_ids(output, NULL)[0], &text, &length,
                                        &error));
  loquor_tokenizer_stream_free(stream);
  loquor_output_free(output);
  loquor_generation_free(generation);
}

static void memory_limit_is_kept_and_the_default_runtime_goes_on(void) {
  loquor_options *options = new_options("runtime", "{\"memory_limit\": 1000}");
  loquor_runtime *runtime = NULL;
  loquor_model *other = NULL;
  CHECK_OK(loquor_runtime_new(options, &runtime, &error));
  CHECK_FAILS(LOQUOR_OUT_OF_MEMORY, "1000",
              loquor_model_open(runtime, kPath, NULL, &other, &error));
  CHECK(other == NULL && loquor_runtime_memory_used(runtime) == 0);
  loquor_runtime_free(runtime);
  loquor_options_free(options);
}

/* The .gguf beside the directory, from memory and through a callback that gives few bytes at a
 * time. */
struct File {
  char *data;
  size_t size;
};

static size_t read_some(void *context, uint64_t offset, void *destination, size_t count) {
  const struct File *file = context;
  if (offset >= file->size) return 0;
  if (count > file->size - offset) count = (size_t)(file->size - offset);
  if (count > 1000) count = 1000;
  memcpy(destination, file->data + offset, count);
  return count;
}

static void model_opens_from_memory_and_callback(void) {
  static char bytes[1 << 18];
  const int32_t ids[3] = {3, 4, 5};
  struct File file = {bytes, 0};
  loquor_model *opened[2] = {NULL, NULL};
  loquor_tensor *logits[2] = {NULL, NULL};
  FILE *stream = fopen(LOQUOR_SOURCE_DIR "/tests/golden/chat_llama/chat_llama.gguf", "rb");
  int i;
  CHECK(stream != NULL);
  if (!stream) return;
  file.size = fread(bytes, 1, sizeof bytes, stream);
  fclose(stream);
  CHECK_OK(loquor_model_open_memory(NULL, bytes, file.size, NULL, &opened[0], &error));
  CHECK_OK(loquor_model_open_reader(NULL, file.size, read_some, &file, NULL, &opened[1], &error));
  for (i = 0; i < 2; ++i)
    CHECK_OK(loquor_model_logits(opened[i], ids, 3, NULL, 0, -1, NULL, &logits[i], &error));
  CHECK(memcmp(loquor_tensor_data(logits[0], NULL), loquor_tensor_data(logits[1], NULL),
               3 * 385 * 4) == 0);
  for (i = 0; i < 2; ++i) {
    loquor_tensor_free(logits[i]);
    loquor_model_free(opened[i]);
  }
}

int main(void) {
  CHECK_OK(loquor_model_open(NULL, kPath, NULL, &model, &error));
  if (!model) return 1;
  info_is_json_with_the_numbers_of_the_config();
  template_and_tokenizer_agree_with_transformers();
  vocabulary_is_read_both_ways();
  tokenizer_stream_gives_whole_characters();
  session_loop_gives_the_ids_of_transformers();
  encoder_decoder_gives_the_ids_of_transformers();
  session_rewinds_forks_saves_and_restores();
  batch_gives_the_bits_of_single_sessions();
  whole_passes_have_their_shapes();
  an_encoder_decoder_gives_both_stacks();
  attentions_are_of_layers_heads_and_positions();
  every_way_to_generate_gives_the_ids_of_transformers();
  reported_seed_gives_the_same_output_again();
  a_list_gives_each_the_output_of_a_lone_call();
  logprobs_begin_with_the_chosen_id();
  chat_keeps_its_history();
  wrong_calls_are_refused_and_everything_goes_on();
  what_needs_a_freed_handle_keeps_it_alive();
  memory_limit_is_kept_and_the_default_runtime_goes_on();
  model_opens_from_memory_and_callback();
  loquor_model_free(model);
  return failures != 0;
}
