// What a program that links loquor looks like: built by tests/install/run.sh in every way that is
// offered.
#include <loquor.h>

#include <cstdio>
#include <cstring>
#include <loquor/loquor.hpp>

int main(int, char** arguments) {
  const loquor::Model model(arguments[1]);
  const std::int32_t ids[] = {1, 2, 3};
  const loquor::Output output = model.generate(ids, {.max_new_tokens = 3});
  std::printf("%s %zu\n", loquor::version(), output.ids.size());
  return std::strcmp(loquor::version(), loquor_version()) != 0;
}
