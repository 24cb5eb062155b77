/* Options in C: every setter, what each refuses, and how it says so. */
#include "check.h"

static loquor_options *new_options(const char *kind) {
  loquor_options *options = NULL;
  CHECK_OK(loquor_options_new(kind, &options, &error));
  return options;
}

static void check_json(const loquor_options *options, const char *expected) {
  loquor_string *json = NULL;
  CHECK_OK(loquor_options_to_json(options, &json, &error));
  if (strcmp(loquor_string_data(json, NULL), expected) != 0) {
    fprintf(stderr, "found %s\nexpected %s\n", loquor_string_data(json, NULL), expected);
    ++failures;
  }
  loquor_string_free(json);
}

static int32_t set_json(loquor_options *options, const char *json) {
  return loquor_options_set_json(options, json, strlen(json), &error);
}

static void every_kind_exists_and_describes_itself(void) {
  static const char *const kinds[] = {"runtime",   "model",  "session", "generate",  "chat",
                                      "encode",    "render", "embed",   "classify",  "tag",
                                      "fill_mask", "rerank", "answer",  "zero_shot", "score"};
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
    loquor_options *options = new_options(kinds[i]);
    loquor_string *json = NULL;
    check_json(options, "{}");
    CHECK_OK(loquor_options_describe(kinds[i], &json, &error));
    CHECK(strstr(loquor_string_data(json, NULL), "\"description\"") != NULL);
    loquor_string_free(json);
    loquor_options_free(options);
  }
}

static void setters_are_read_back_as_json(void) {
  const int32_t ids[3] = {2, 7, 11};
  loquor_options *options = new_options("generate");
  CHECK_OK(loquor_options_set_int64(options, "max_new_tokens", 20, &error));
  CHECK_OK(loquor_options_set_int64(options, "do_sample", 1, &error));
  CHECK_OK(loquor_options_set_int64(options, "temperature", 2, &error));
  CHECK_OK(loquor_options_set_double(options, "top_p", 0.5, &error));
  CHECK_OK(loquor_options_set_double(options, "top_k", 40.0, &error));
  CHECK_OK(loquor_options_set_string(options, "stop_strings", "\n\nx", 2, &error));
  CHECK_OK(loquor_options_set_ids(options, "eos_token_id", ids, 3, &error));
  CHECK_OK(loquor_options_set_int64(options, "seed", INT64_MAX, &error));
  check_json(options,
             "{\"max_new_tokens\":20,\"eos_token_id\":[2,7,11],\"stop_strings\":[\"\\n\\n\"],"
             "\"do_sample\":true,\"temperature\":2.0,\"top_k\":40,\"top_p\":0.5,"
             "\"seed\":9223372036854775807}");
  CHECK_OK(loquor_options_set_ids(options, "eos_token_id", NULL, 0, &error));
  CHECK_OK(
      set_json(options, "{\"stop_strings\": null, \"max_new_tokens\": null, \"top_p\": null}"));
  check_json(options,
             "{\"eos_token_id\":[],\"do_sample\":true,\"temperature\":2.0,\"top_k\":40,"
             "\"seed\":9223372036854775807}");
  loquor_options_free(options);
}

static void json_takes_lists_and_maps(void) {
  loquor_options *options = new_options("generate");
  CHECK_OK(set_json(options,
                    "{\"stop_strings\": [\"a\", \"b\"], \"eos_token_id\": 5, "
                    "\"logit_bias\": [[3, 0.5], [4, \"-inf\"]]}"));
  check_json(options,
             "{\"eos_token_id\":[5],\"stop_strings\":[\"a\",\"b\"],"
             "\"logit_bias\":{\"3\":0.5,\"4\":\"-inf\"}}");
  CHECK_OK(set_json(options, "{\"logit_bias\": {\"42\": -1.5}}"));
  check_json(options,
             "{\"eos_token_id\":[5],\"stop_strings\":[\"a\",\"b\"],"
             "\"logit_bias\":{\"42\":-1.5}}");
  loquor_options_free(options);
}

static void json_is_taken_whole_or_not_at_all(void) {
  loquor_options *options = new_options("generate");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "top_p",
              set_json(options, "{\"temperature\": 0.5, \"top_p\": 1.5}"));
  check_json(options, "{}");
  loquor_options_free(options);
}

static void wrong_values_are_refused_at_once(void) {
  loquor_options *options = new_options("generate");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT,
              "unknown generate option 'temprature'; known are: max_new_tokens, max_length, "
              "min_new_tokens, max_time",
              loquor_options_set_double(options, "temprature", 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option top_p: found 1.5, expected a number from 0 to 1",
              loquor_options_set_double(options, "top_p", 1.5, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option top_k: found 2.5, expected an integer of at least 0",
              loquor_options_set_double(options, "top_k", 2.5, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option max_time: found 0, expected a number above 0",
              loquor_options_set_int64(options, "max_time", 0, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option do_sample: found 2, expected true or false",
              loquor_options_set_int64(options, "do_sample", 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option temperature: found 'hot', expected a number",
              loquor_options_set_string(options, "temperature", "hot", 3, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT,
              "option seed: found -1, expected an integer from 0 to 9223372036854775807",
              loquor_options_set_int64(options, "seed", -1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option eos_token_id: found [-1], expected a token id",
              set_json(options, "{\"eos_token_id\": [-1]}"));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option logit_bias: found {\"x\":1}",
              set_json(options, "{\"logit_bias\": {\"x\": 1}}"));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option stop_strings: found ''",
              loquor_options_set_string(options, "stop_strings", "", 0, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "UTF-8",
              loquor_options_set_string(options, "stop_strings", "\xff", 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option cancel: found 1, expected a Cancel",
              loquor_options_set_int64(options, "cancel", 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "json: ", set_json(options, "{\"top_k\": "));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "found an array, expected an object",
              set_json(options, "[]"));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "name: found NULL",
              loquor_options_set_int64(options, NULL, 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "value: found NULL",
              loquor_options_set_string(options, "stop_strings", NULL, 1, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "ids: found NULL",
              loquor_options_set_ids(options, "eos_token_id", NULL, 1, &error));
  check_json(options, "{}");
  loquor_options_free(options);

  options = new_options("model");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT,
              "option compute_type: found 'fp32', expected one of [\"auto\",\"f32\",\"bf16\"]",
              loquor_options_set_string(options, "compute_type", "fp32", 4, &error));
  loquor_options_free(options);

  options = new_options("render");
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option tools: found '{}', expected JSON with an array",
              loquor_options_set_string(options, "tools", "{}", 2, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option variables: line 1",
              loquor_options_set_string(options, "variables", "{", 1, &error));
  CHECK_OK(set_json(options, "{\"tools\": [{\"name\": \"clock\"}]}"));
  check_json(options, "{\"tools\":\"[{\\\"name\\\":\\\"clock\\\"}]\"}");
  loquor_options_free(options);
}

static void handles_are_set_by_their_own_call(void) {
  loquor_options *options = new_options("model");
  loquor_cancel *cancel = NULL;
  loquor_runtime *runtime = NULL;
  CHECK_OK(loquor_cancel_new(&cancel, &error));
  CHECK_OK(loquor_runtime_new(NULL, &runtime, &error));
  CHECK_OK(loquor_options_set_handle(options, "cancel", cancel, &error));
  CHECK_OK(loquor_options_set_handle(options, "runtime", runtime, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option cancel: found a Runtime, expected a Cancel",
              loquor_options_set_handle(options, "cancel", runtime, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT, "option compute_type: found a Cancel",
              loquor_options_set_handle(options, "compute_type", cancel, &error));
  CHECK_FAILS(LOQUOR_INVALID_ARGUMENT,
              "expected a loquor_cancel, a loquor_runtime or a loquor_model",
              loquor_options_set_handle(options, "cancel", options, &error));
  CHECK_OK(loquor_options_set_handle(options, "cancel", NULL, &error));
  loquor_runtime_free(runtime);
  loquor_cancel_free(cancel);
  loquor_options_free(options);
}

int main(void) {
  every_kind_exists_and_describes_itself();
  setters_are_read_back_as_json();
  json_takes_lists_and_maps();
  json_is_taken_whole_or_not_at_all();
  wrong_values_are_refused_at_once();
  handles_are_set_by_their_own_call();
  return failures != 0;
}
