/* What a caller or a file can get wrong: each gives its code and one line that names the thing, no
 * out parameter changes, and the model that was open before goes on working. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define GOLDEN(name) LOQUOR_SOURCE_DIR "/tests/golden/" name
static const char *const kFiles[] = {"config.json", "model.safetensors"};

static loquor_model *llama = NULL; /* no tokenizer, 79 tokens, 64 positions */
static loquor_model *chat = NULL;  /* with a tokenizer */
static char folder[] = "/tmp/loquor-bad-input-XXXXXX";

static loquor_model *open_model(const char *path) {
  loquor_model *model = NULL;
  CHECK_OK(loquor_model_open(NULL, path, NULL, &model, &error));
  return model;
}

static void it_still_works(void) {
  static const int32_t ids[3] = {5, 9, 33};
  static float before[79];
  loquor_tensor *logits = NULL;
  CHECK_OK(loquor_model_logits(llama, ids, 3, NULL, 0, 1, NULL, &logits, &error));
  if (!logits) return;
  if (before[0] == 0) memcpy(before, loquor_tensor_data(logits, NULL), sizeof before);
  CHECK(memcmp(before, loquor_tensor_data(logits, NULL), sizeof before) == 0);
  loquor_tensor_free(logits);
}

/* ---- Files ---- */

static const char *in_folder(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *data, size_t size) {
  FILE *file = fopen(in_folder(name), "wb");
  CHECK(file && fwrite(data, 1, size, file) == size);
  if (file) fclose(file);
}

/* A file of tests/golden/, NUL-terminated. */
static char *read_golden(const char *name, size_t *size) {
  char path[512], *data = malloc(1 << 20);
  FILE *file;
  snprintf(path, sizeof path, "%s%s", GOLDEN(""), name);
  file = fopen(path, "rb");
  CHECK(file != NULL && data != NULL);
  *size = file ? fread(data, 1, (1 << 20) - 1, file) : 0;
  data[*size] = 0;
  if (file) fclose(file);
  return data;
}

/* The folder as a copy of one of tests/golden/ with `from` in its config.json replaced. */
static void copy_model(const char *model, const char *from, const char *to) {
  char name[64], changed[4096], *data, *place;
  size_t size;
  snprintf(name, sizeof name, "%s/model.safetensors", model);
  data = read_golden(name, &size);
  write_file("model.safetensors", data, size);
  free(data);
  snprintf(name, sizeof name, "%s/config.json", model);
  data = read_golden(name, &size);
  place = strstr(data, from);
  CHECK(place != NULL);
  if (place) {
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(place - data), data, to,
             place + strlen(from));
    write_file("config.json", changed, strlen(changed));
  }
  free(data);
}

static void check_refused(int32_t code, const char *part) {
  loquor_model *model = NULL;
  CHECK_FAILS(code, part, loquor_model_open(NULL, folder, NULL, &model, &error));
  CHECK(model == NULL);
  it_still_works();
}

static void files_that_are_not_there(void) {
  loquor_model *model = NULL;
  CHECK_FAILS(LOQUOR_NOT_FOUND, "nowhere.gguf",
              loquor_model_open(NULL, in_folder("nowhere.gguf"), NULL, &model, &error));
  check_refused(LOQUOR_NOT_FOUND, "config.json");
  CHECK(model == NULL);
}

static void configs_that_are_not_known(void) {
  loquor_options *options = NULL;
  loquor_model *model = NULL;
  copy_model("llama", "LlamaForCausalLM", "Frobnicator");
  check_refused(LOQUOR_UNSUPPORTED, "Frobnicator");
  copy_model("llama", "{", "{\"frobnicate\": 3, ");
  check_refused(LOQUOR_UNSUPPORTED, "'frobnicate'");
  CHECK_OK(loquor_options_new("model", &options, &error));
  CHECK_OK(loquor_options_set_string(options, "ignore_config_keys", "frobnicate", 10, &error));
  CHECK_OK(loquor_model_open(NULL, folder, options, &model, &error));
  loquor_model_free(model);
  loquor_options_free(options);
}

static void tensors_that_do_not_fit(void) {
  copy_model("llama", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
  check_refused(LOQUOR_INVALID_FILE, "model.layers.2.");
  copy_model("llama", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
  check_refused(LOQUOR_UNSUPPORTED, "model.layers.1.");
  copy_model("llama", "\"intermediate_size\": 28", "\"intermediate_size\": 29");
  check_refused(LOQUOR_INVALID_FILE, "mlp.gate_proj.weight");
  /* no labels: two are what transformers takes then */
  copy_model("tasks_entail",
             "\"id2label\": {\n    \"0\": \"CONTRADICTION\",\n    \"1\": \"neutral\",\n    \"2\": "
             "\"Entailment\"\n  },",
             "");
  check_refused(LOQUOR_INVALID_FILE, "'classifier.weight' has shape (3, 24), expected (2, 24)");
}

static void files_that_are_damaged(void) {
  size_t size, i;
  char *gguf = read_golden("llama/llama.gguf", &size);
  const size_t lengths[] = {0, 10, 100, size / 2};
  loquor_model *model = NULL;
  for (i = 0; i < 4; ++i) {
    write_file("bad.gguf", gguf, lengths[i]);
    CHECK_FAILS(LOQUOR_INVALID_FILE, "bad.gguf",
                loquor_model_open(NULL, in_folder("bad.gguf"), NULL, &model, &error));
    CHECK_FAILS(LOQUOR_INVALID_FILE, "",
                loquor_model_open_memory(NULL, gguf, lengths[i], NULL, &model, &error));
  }
  memset(gguf, 0xff, size);
  CHECK_FAILS(LOQUOR_INVALID_FILE, "",
              loquor_model_open_memory(NULL, gguf, size, NULL, &model, &error));
  free(gguf);
  copy_model("llama", "\"llama\"", "\"llama\"");
  gguf = read_golden("llama/model.safetensors", &size);
  write_file("model.safetensors", gguf, size / 2);
  check_refused(LOQUOR_INVALID_FILE, "model.safetensors");
  write_file("model.safetensors", "\377\377\377\377", 4);
  check_refused(LOQUOR_INVALID_FILE, "model.safetensors");
  write_file("config.json", "{\"model_type\":", 14);
  check_refused(LOQUOR_INVALID_FILE, "config.json");
  free(gguf);
  CHECK(model == NULL);
}

static void remove_folder(void) {
  size_t i;
  for (i = 0; i < 2; ++i) unlink(in_folder(kFiles[i]));
  unlink(in_folder("bad.gguf"));
  CHECK(rmdir(folder) == 0);
}

/* ---- Calls ---- */

static void ids_that_cannot_be(void) {
  static const int32_t many[65] = {1}, wrong[2] = {1, 79}, negative[1] = {-1};
  loquor_session *session = NULL;
  loquor_generation *generation = NULL;
  loquor_tensor *tensor = NULL;
  loquor_string *text = NULL;
  loquor_output *output = NULL;
  CHECK_FAILS(LOQUOR_CONTEXT_FULL, "65",
              loquor_model_logits(llama, many, 65, NULL, 0, 1, NULL, &tensor, &error));
  CHECK_FAILS(LOQUOR_CONTEXT_FULL, "65",
              loquor_model_stream_ids(llama, many, 65, NULL, &generation, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "79",
              loquor_model_logits(llama, wrong, 2, NULL, 0, -1, NULL, &tensor, &error));
  CHECK_OK(loquor_model_stream_ids(llama, negative, 1, NULL, &generation, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "-1", loquor_generation_finish(generation, &output, &error));
  loquor_generation_free(generation);
  generation = NULL;
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "token",
              loquor_model_stream_ids(llama, NULL, 0, NULL, &generation, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "token",
              loquor_model_logits(llama, NULL, 0, NULL, 0, -1, NULL, &tensor, &error));
  CHECK_OK(loquor_session_new(llama, NULL, &session, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "token",
              loquor_session_append(session, NULL, 0, 1, &tensor, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "79",
              loquor_session_append(session, wrong, 2, 1, &tensor, &error));
  CHECK(loquor_session_position(session) == 0);
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "385",
              loquor_tokenizer_decode(chat, (const int32_t[]){385}, 1, 0, &text, &error));
  loquor_session_free(session);
  CHECK(!tensor && !text && !output && !generation);
  it_still_works();
}

static void texts_that_cannot_be(void) {
  loquor_options *options = NULL;
  loquor_output *output = NULL;
  loquor_chat *talk = NULL;
  loquor_ids *ids = NULL;
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_model_generate(chat, "\377", 1, NULL, &output, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_tokenizer_encode_pair(chat, "a", 1, "\377", 1, NULL, &ids, &error));
  CHECK_OK(loquor_chat_new(chat, NULL, &talk, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_chat_send(talk, "\377", 1, NULL, &output, &error));
  loquor_chat_free(talk);
  CHECK_OK(loquor_options_new("generate", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "add_special_tokens", 0, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no token ids",
              loquor_model_generate(chat, "", 0, options, &output, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "no tokenizer",
              loquor_model_generate(llama, "x", 1, NULL, &output, &error));
  loquor_options_free(options);
  CHECK(!output && !ids);
}

static void options_that_cannot_be(void) {
  static const int32_t prompt[1] = {1};
  loquor_options *options = NULL;
  loquor_generation *generation = NULL;
  CHECK_OK(loquor_options_new("generate", &options, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "max_new_tokens",
              loquor_options_set_int64(options, "max_tokens", 3, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option max_new_tokens: found 'ten', expected an integer",
              loquor_options_set_string(options, "max_new_tokens", "ten", 3, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option top_p: found 2",
              loquor_options_set_double(options, "top_p", 2, &error));
  CHECK_OK(loquor_options_set_int64(options, "num_beams", 80, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "num_beams: found 80",
              loquor_model_stream_ids(llama, prompt, 1, options, &generation, &error));
  loquor_options_free(options);
  CHECK(!generation);
}

static void memory_that_is_not_there(void) {
  loquor_options *options = NULL;
  loquor_runtime *runtime = NULL;
  loquor_model *model = NULL;
  CHECK_OK(loquor_options_new("runtime", &options, &error));
  CHECK_OK(loquor_options_set_int64(options, "memory_limit", 1000, &error));
  CHECK_OK(loquor_runtime_new(options, &runtime, &error));
  CHECK_FAILS(LOQUOR_OUT_OF_MEMORY, "1000",
              loquor_model_open(runtime, GOLDEN("llama"), NULL, &model, &error));
  CHECK(model == NULL && loquor_runtime_memory_used(runtime) == 0);
  loquor_runtime_free(runtime);
  loquor_options_free(options);
  it_still_works();
}

/* ---- Tasks ---- */

static void calls_of_another_kind_of_model(void) {
  static const int32_t ids[2] = {3, 4};
  loquor_model *encoder = open_model(GOLDEN("bert"));
  loquor_session *session = NULL;
  loquor_generation *generation = NULL;
  loquor_inputs *inputs = NULL;
  loquor_string *json = NULL;
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "encoder-only",
              loquor_session_new(encoder, NULL, &session, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "encoder-only",
              loquor_model_stream_ids(encoder, ids, 2, NULL, &generation, &error));
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  CHECK_OK(loquor_inputs_add_ids(inputs, ids, NULL, 2, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "its class is LlamaForCausalLM",
              loquor_model_classify(llama, inputs, NULL, &json, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "its class is LlamaForCausalLM",
              loquor_model_tag(llama, inputs, NULL, &json, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "its class is LlamaForCausalLM",
              loquor_model_fill_mask(llama, inputs, NULL, &json, &error));
  loquor_inputs_free(inputs);
  loquor_model_free(encoder);
  CHECK(!session && !generation && !json);
}

static void inputs_that_cannot_be(void) {
  static const char word[] = "the ";
  char many[4 * 100 + 1] = "";
  loquor_model *model = open_model(GOLDEN("tasks_embed"));
  loquor_inputs *inputs = NULL;
  loquor_options *options = NULL;
  loquor_tensor *rows = NULL;
  size_t i;
  for (i = 0; i < 400; ++i) many[i] = word[i % 4];
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no inputs were given",
              loquor_model_embed(model, inputs, NULL, &rows, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "text: found NULL",
              loquor_inputs_add_text(inputs, NULL, 3, &error));
  CHECK_OK(loquor_inputs_add_text(inputs, many, 400, &error));
  CHECK_FAILS(LOQUOR_CONTEXT_FULL, "set truncation to head or tail",
              loquor_model_embed(model, inputs, NULL, &rows, &error));
  CHECK_OK(loquor_options_new("embed", &options, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option truncation: found 'cut', expected one of",
              loquor_options_set_string(options, "truncation", "cut", 3, &error));
  CHECK_OK(loquor_options_set_string(options, "truncation", "head", 4, &error));
  CHECK_OK(loquor_model_embed(model, inputs, options, &rows, &error));
  loquor_tensor_free(rows);
  rows = NULL;
  CHECK_OK(loquor_inputs_add_text(inputs, "", 0, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "input 1 is an empty text",
              loquor_model_embed(model, inputs, options, &rows, &error));
  loquor_inputs_free(inputs);
  inputs = NULL;
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  CHECK_OK(loquor_inputs_add_text(inputs, "a\377", 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_model_embed(model, inputs, NULL, &rows, &error));
  CHECK(rows == NULL);
  loquor_options_free(options);
  loquor_inputs_free(inputs);
  loquor_model_free(model);
}

static void labels_that_are_not_there(void) {
  loquor_model *model = open_model(GOLDEN("tasks_entail"));
  loquor_inputs *inputs = NULL, *none = NULL;
  loquor_string *json = NULL;
  CHECK_OK(loquor_inputs_new(&inputs, &error));
  CHECK_OK(loquor_inputs_new(&none, &error));
  CHECK_OK(loquor_inputs_add_text(inputs, "a", 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "no labels were given",
              loquor_model_zero_shot(model, inputs, none, NULL, &json, &error));
  CHECK_FAILS(LOQUOR_UNSUPPORTED, "one label",
              loquor_model_rerank(model, "a", 1, inputs, NULL, &json, &error));
  CHECK(json == NULL);
  loquor_inputs_free(inputs);
  loquor_inputs_free(none);
  loquor_model_free(model);
}

int main(void) {
  llama = open_model(GOLDEN("llama"));
  chat = open_model(GOLDEN("chat_llama"));
  if (!llama || !chat || !mkdtemp(folder)) return 1;
  it_still_works();
  files_that_are_not_there();
  configs_that_are_not_known();
  tensors_that_do_not_fit();
  files_that_are_damaged();
  remove_folder();
  ids_that_cannot_be();
  texts_that_cannot_be();
  options_that_cannot_be();
  memory_that_is_not_there();
  calls_of_another_kind_of_model();
  inputs_that_cannot_be();
  labels_that_are_not_there();
  it_still_works();
  loquor_model_free(llama);
  loquor_model_free(chat);
  return failures != 0;
}
