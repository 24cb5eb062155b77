// Long calls: without the GIL, and ended by Ctrl-C or a notebook's stop button.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "loquor/runtime.hpp"

namespace loquor::python {

/// Runs a call, which must look at `cancel`, without the GIL. Python runs signal handlers on its
/// main thread only: there, the call runs on a thread of its own while this one looks for signals.
/// A handler that raises (KeyboardInterrupt) sets `cancel` until the call has ended, and its
/// exception is thrown.
void run_interruptible(const Cancel& cancel, const std::function<void()>& call);

template <class Call>
std::invoke_result_t<Call> interruptible(const Cancel& cancel, Call&& call) {
  if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
    run_interruptible(cancel, call);
  } else {
    std::optional<std::invoke_result_t<Call>> result;
    run_interruptible(cancel, [&] { result.emplace(call()); });
    return std::move(*result);
  }
}

}  // namespace loquor::python
