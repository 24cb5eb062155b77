// Ctrl-C: the first one ends what is being computed, a second one the program.
#pragma once

#include "loquor/runtime.hpp"

namespace tool {

/// The exit status of a program that Ctrl-C ended.
constexpr int kInterrupted = 128 + 2;

/// What a first Ctrl-C sets, for every call that takes long.
const loquor::Cancel& interrupt();

/// From here on, Ctrl-C is handled.
void handle_interrupts();

/// While one lives nothing is computed (the program waits for a line): Ctrl-C ends the program.
/// Forgets an earlier Ctrl-C.
class Idle {
 public:
  Idle();
  ~Idle();
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;
};

}  // namespace tool
