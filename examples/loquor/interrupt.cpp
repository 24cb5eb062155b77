#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

namespace tool {

namespace {

std::atomic<bool> idle{false};

void on_interrupt(int) {
  if (idle.load() || interrupt().cancelled()) _exit(kInterrupted);
  interrupt().cancel();
}

}  // namespace

const loquor::Cancel& interrupt() {
  static const loquor::Cancel cancel;
  return cancel;
}

void handle_interrupts() {
  interrupt();  // made here, not in the handler
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

Idle::Idle() {
  interrupt().reset();
  idle = true;
}
Idle::~Idle() { idle = false; }

}  // namespace tool
