/* Answers a question with a model: hello_c MODEL "QUESTION" */
#include <loquor.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  loquor_model *model = NULL;
  loquor_chat *chat = NULL;
  loquor_generation *generation = NULL;
  loquor_error *error = NULL;
  int32_t status;
  const char *text;
  size_t length;
  if (argc != 3) return fprintf(stderr, "usage: %s MODEL QUESTION\n", argv[0]), 2;

  status = loquor_model_open(NULL, argv[1], NULL, &model, &error);
  if (status == LOQUOR_OK && loquor_model_has_chat_template(model)) {
    status = loquor_chat_new(model, NULL, &chat, &error);
    if (status == LOQUOR_OK)
      status = loquor_chat_stream(chat, argv[2], strlen(argv[2]), NULL, &generation, &error);
  } else if (status == LOQUOR_OK) {
    status = loquor_model_stream(model, argv[2], strlen(argv[2]), NULL, &generation, &error);
  }
  while (status == LOQUOR_OK) {
    status = loquor_generation_next(generation, &text, &length, &error);
    if (status == LOQUOR_OK) fwrite(text, 1, length, stdout);
    fflush(stdout);
  }
  if (status == LOQUOR_DONE)
    puts("");
  else
    fprintf(stderr, "%s\n", loquor_error_message(error));

  loquor_error_free(error);
  loquor_generation_free(generation);
  loquor_chat_free(chat);
  loquor_model_free(model);
  return status == LOQUOR_DONE ? 0 : 1;
}
