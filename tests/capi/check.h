/* Checks for the tests in C: each failure prints its line; the program ends with the number of
 * them. */
#ifndef LOQUOR_TESTS_CHECK_H
#define LOQUOR_TESTS_CHECK_H

#include <loquor.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;
static loquor_error *error = NULL; /* what the calls under test are given */

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                             \
    }                                                                         \
  } while (0)

static inline void check_ok(int32_t result, const char *call, const char *file, int line) {
  if (result != LOQUOR_OK || error) {
    fprintf(stderr, "%s:%d: %s gave %d: %s\n", file, line, call, (int)result,
            loquor_error_message(error));
    ++failures;
  }
  loquor_error_free(error);
  error = NULL;
}

/* The call fails with the code, and its error says so in one line that holds `part`. */
static inline void check_fails(int32_t expected, const char *part, int32_t result, const char *call,
                               const char *file, int line) {
  const char *message = loquor_error_message(error);
  if (result != expected || loquor_error_code(error) != expected || !strstr(message, part) ||
      strchr(message, '\n')) {
    fprintf(stderr, "%s:%d: %s gave %d, error %d: '%s', expected %d: '...%s...'\n", file, line,
            call, (int)result, (int)loquor_error_code(error), message, (int)expected, part);
    ++failures;
  }
  loquor_error_free(error);
  error = NULL;
}

#define CHECK_OK(call) check_ok((call), #call, __FILE__, __LINE__)
#define CHECK_FAILS(code, part, call) check_fails((code), (part), (call), #call, __FILE__, __LINE__)

#endif
