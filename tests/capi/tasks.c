/* Tasks: each call on a small model, and what it refuses. */
#include <stdlib.h>

#include "check.h"

#define GOLDEN(name) LOQUOR_SOURCE_DIR "/tests/golden/tasks_" name

static loquor_model *open_model(const char *path) {
  loquor_options *options = NULL;
  loquor_model *model = NULL;
  CHECK_OK(loquor_options_new("model", &options, &error));
  CHECK_OK(loquor_options_set_string(options, "compute_type", "f32", 3, &error));
  CHECK_OK(loquor_model_open(NULL, path, options, &model, &error));
  loquor_options_free(options);
  return model;
}

static loquor_inputs *two_texts(const char *first, const char *second) {
  loquor_inputs *inputs = NULL;
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  CHECK_OK(loquor_inputs_add_text(inputs, first, strlen(first), &error));
  if (second) CHECK_OK(loquor_inputs_add_text(inputs, second, strlen(second), &error));
  return inputs;
}

static int says(loquor_string *json, const char *part) {
  const int found = json && strstr(loquor_string_data(json, NULL), part) != NULL;
  if (!found) fprintf(stderr, "%s\n", json ? loquor_string_data(json, NULL) : "nothing");
  loquor_string_free(json);
  return found;
}

static void count(void *context, int64_t done, int64_t total) {
  CHECK(done <= total);
  *(int64_t *)context = done;
}

static void embed(void) {
  static const int32_t ids[] = {7, 8, 9}, types[] = {0, 1, 1};
  loquor_model *model = open_model(GOLDEN("embed"));
  loquor_inputs *inputs = two_texts("the night", "an engine");
  loquor_options *options = NULL;
  loquor_tensor *rows = NULL, *alike = NULL, *states = NULL;
  loquor_string *json = NULL;
  int64_t done = 0;
  CHECK_OK(loquor_inputs_add_ids(inputs, ids, types, 3, &error));
  CHECK_OK(loquor_options_new("embed", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "dimensions", 8, &error));
  CHECK_OK(loquor_options_set_progress(options, count, &done, &error));
  CHECK_OK(loquor_model_embed(model, inputs, options, &rows, &error));
  CHECK(done == 3);
  CHECK(loquor_tensor_size(rows, 0) == 3 && loquor_tensor_size(rows, 1) == 8);
  CHECK_OK(loquor_model_similarity(model, rows, rows, &alike, &error));
  CHECK(loquor_tensor_size(alike, 0) == 3 && loquor_tensor_size(alike, 1) == 3);
  CHECK(loquor_tensor_data(alike, NULL)[4] > 0.999F && loquor_tensor_data(alike, NULL)[1] < 0.999F);
  CHECK_OK(loquor_model_hidden_states(model, ids, 3, NULL, 0, NULL, &states, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "a: found 3 axes, expected 2",
              loquor_model_similarity(model, states, rows, &alike, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "this model has no classification head: its class is BertModel",
              loquor_model_classify(model, inputs, NULL, &json, &error));
  loquor_tensor_free(rows);
  loquor_tensor_free(alike);
  loquor_tensor_free(states);
  loquor_options_free(options);
  loquor_inputs_free(inputs);
  loquor_model_free(model);
}

static void labels(void) {
  loquor_model *model = open_model(GOLDEN("entail"));
  loquor_inputs *inputs = two_texts("the night", NULL), *candidates = two_texts("day", "water");
  loquor_string *json = NULL;
  CHECK_OK(loquor_model_zero_shot(model, inputs, candidates, NULL, &json, &error));
  CHECK(says(json, "\"label\":\"water\""));
  CHECK_OK(loquor_inputs_add_pair(inputs, "a", 1, "b", 1, &error));
  CHECK_OK(loquor_model_classify(model, inputs, NULL, &json, &error));
  CHECK(says(json, "\"label\":\"Entailment\""));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "inputs: found another kind of input, expected texts",
              loquor_model_zero_shot(model, inputs, candidates, NULL, &json, &error));
  loquor_inputs_free(inputs);
  loquor_inputs_free(candidates);
  loquor_model_free(model);
}

static void pairs_of_texts(void) {
  static const char first[] = "the night", second[] = "an engine";
  static const int32_t sequences[] = {-1, 0, -1, 1, -1}, types[] = {0, 0, 0, 1, 1};
  loquor_model *model = open_model(GOLDEN("mask"));
  loquor_options *options = NULL;
  loquor_ids *ids = NULL;
  const int32_t *data, *origins;
  size_t count = 0, i;
  int32_t role = -1;
  CHECK_OK(loquor_options_new("encode", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "max_length", 5, &error));
  CHECK_OK(loquor_tokenizer_encode_pair(model, first, 9, second, 9, options, &ids, &error));
  data = loquor_ids_data(ids, &count);
  origins = loquor_ids_origins(ids);
  CHECK(count == 5 && origins != NULL);
  for (i = 0; i < count && origins; ++i) {
    CHECK(origins[3 * i] == types[i] && origins[3 * i + 1] == sequences[i]);
    CHECK(origins[3 * i + 2] == (sequences[i] < 0 ? -1 : 0));
    CHECK(loquor_ids_offsets(ids)[2 * i] == 0);
  }
  CHECK_OK(loquor_tokenizer_special_id(model, "cls", &role, &error));
  CHECK(data[0] == role);
  CHECK_OK(loquor_tokenizer_special_id(model, "sep", &role, &error));
  CHECK(data[2] == role && data[4] == role);
  CHECK_OK(loquor_tokenizer_special_id(model, "mask", &role, &error));
  CHECK(role == 4);
  loquor_ids_free(ids);
  ids = NULL;
  CHECK_OK(loquor_options_set_string(options, "truncation", "only_second", 11, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "the second text has",
              loquor_tokenizer_encode_pair(model, first, 9, "", 0, options, &ids, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "expected one of",
              loquor_options_set_string(options, "truncation_side", "up", 2, &error));
  CHECK(ids == NULL);
  loquor_options_free(options);
  loquor_model_free(model);
}

static void others(void) {
  loquor_model *tag = open_model(GOLDEN("tag")), *mask = open_model(GOLDEN("mask")),
               *rerank = open_model(GOLDEN("rerank")), *answer = open_model(GOLDEN("answer"));
  loquor_inputs *inputs = two_texts("the [MASK]", "an [MASK]"), *pairs = NULL;
  loquor_string *json = NULL;
  CHECK_OK(loquor_model_fill_mask(mask, inputs, NULL, &json, &error));
  CHECK(says(json, "\"sequence\":"));
  CHECK_OK(loquor_model_score(mask, inputs, NULL, &json, &error));
  CHECK(says(json, "\"log_probabilities\":"));
  CHECK_OK(loquor_model_tag(tag, inputs, NULL, &json, &error));
  CHECK(says(json, "\"start\":"));
  CHECK_OK(loquor_model_rerank(rerank, "a night", 7, inputs, NULL, &json, &error));
  CHECK(says(json, "\"index\":1"));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "expected pairs of texts",
              loquor_model_answer(answer, inputs, NULL, &json, &error));
  CHECK_OK(loquor_inputs_new(&pairs, &error));
  CHECK_OK(loquor_inputs_add_pair(pairs, "who", 3, "the engine climbed", 18, &error));
  CHECK_OK(loquor_model_answer(answer, pairs, NULL, &json, &error));
  CHECK(says(json, "\"text\":"));
  loquor_inputs_free(inputs);
  loquor_inputs_free(pairs);
  loquor_model_free(tag);
  loquor_model_free(mask);
  loquor_model_free(rerank);
  loquor_model_free(answer);
}

static void translations(void) {
  static const char *const texts[] = {"the engine", "a night"};
  static const size_t lengths[] = {10, 7};
  loquor_model *model = open_model(GOLDEN("translate")), *tag = open_model(GOLDEN("tag"));
  loquor_options *options = NULL;
  loquor_output *outputs[2] = {NULL, NULL}, *short_ones[2] = {NULL, NULL};
  size_t counts[2] = {0, 0}, i;
  CHECK_OK(loquor_options_new("translate", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "max_new_tokens", 6, &error));
  CHECK_OK(loquor_model_translate(model, texts, lengths, 2, options, outputs, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "this model is encoder-only: it has no translate",
              loquor_model_translate(tag, texts, lengths, 2, options, short_ones, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "unknown", /* of another kind */
              loquor_options_set_string(options, "role", "x", 1, &error));
  CHECK_OK(loquor_options_set_string(options, "tgt_lang", "de", 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option tgt_lang: found 'de', and this model's files",
              loquor_model_translate(model, texts, lengths, 2, options, short_ones, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "texts[1]: found NULL",
              loquor_model_translate(model, (const char *const[]){"x", NULL}, lengths, 2, NULL,
                                     short_ones, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no inputs were given",
              loquor_model_summarize(model, NULL, NULL, 0, NULL, NULL, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "found kind translate, expected kind summarize",
              loquor_model_summarize(model, texts, lengths, 2, options, short_ones, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "this model is encoder-only: it has no summarize",
              loquor_model_summarize(tag, texts, lengths, 2, NULL, short_ones, &error));
  CHECK(short_ones[0] == NULL && short_ones[1] == NULL);
  loquor_options_free(options);
  CHECK_OK(loquor_options_new("summarize", &options, &error));
  CHECK_OK(loquor_options_set_json(options, "{\"max_new_tokens\": 3}", 21, &error));
  CHECK_OK(loquor_model_summarize(model, texts, lengths, 2, options, short_ones, &error));
  for (i = 0; i < 2; ++i) {
    loquor_output_ids(outputs[i], &counts[0]);
    loquor_output_ids(short_ones[i], &counts[1]);
    CHECK(counts[0] == 6 && counts[1] == 3);
    loquor_output_free(outputs[i]);
    loquor_output_free(short_ones[i]);
  }
  loquor_options_free(options);
  loquor_model_free(model);
  loquor_model_free(tag);
}

#define MISSING(part, call) CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, part ": found NULL", call)

static void missing(void) {
  loquor_inputs *inputs = NULL;
  loquor_string *json = NULL;
  loquor_tensor *rows = NULL;
  loquor_options *options = NULL;
  MISSING("inputs", loquor_inputs_new(NULL, &error));
  MISSING("inputs", loquor_inputs_add_text(NULL, "a", 1, &error));
  MISSING("inputs", loquor_inputs_add_pair(NULL, "a", 1, "b", 1, &error));
  MISSING("inputs", loquor_inputs_add_ids(NULL, NULL, NULL, 0, &error));
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  MISSING("text", loquor_inputs_add_text(inputs, NULL, 1, &error));
  MISSING("second", loquor_inputs_add_pair(inputs, "a", 1, NULL, 1, &error));
  MISSING("ids", loquor_inputs_add_ids(inputs, NULL, NULL, 1, &error));
  MISSING("embeddings", loquor_model_embed(NULL, inputs, NULL, NULL, &error));
  MISSING("model", loquor_model_embed(NULL, inputs, NULL, &rows, &error));
  MISSING("similarities", loquor_model_similarity(NULL, NULL, NULL, NULL, &error));
  MISSING("model", loquor_model_similarity(NULL, NULL, NULL, &rows, &error));
  MISSING("json", loquor_model_classify(NULL, inputs, NULL, NULL, &error));
  MISSING("model", loquor_model_classify(NULL, inputs, NULL, &json, &error));
  MISSING("json", loquor_model_tag(NULL, inputs, NULL, NULL, &error));
  MISSING("json", loquor_model_fill_mask(NULL, inputs, NULL, NULL, &error));
  MISSING("json", loquor_model_rerank(NULL, "a", 1, inputs, NULL, NULL, &error));
  MISSING("json", loquor_model_answer(NULL, inputs, NULL, NULL, &error));
  MISSING("json", loquor_model_zero_shot(NULL, inputs, inputs, NULL, NULL, &error));
  MISSING("json", loquor_model_score(NULL, inputs, NULL, NULL, &error));
  MISSING("options", loquor_options_set_progress(NULL, count, NULL, &error));
  CHECK_OK(loquor_options_new("chat", &options, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "progress: found options of kind chat, expected those of a",
              loquor_options_set_progress(options, count, NULL, &error));
  loquor_options_free(options);
  loquor_inputs_free(inputs);
  loquor_inputs_free(NULL);
}

int main(void) {
  embed();
  labels();
  pairs_of_texts();
  others();
  translations();
  missing();
  return failures;
}
