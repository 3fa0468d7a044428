// What a small operator costs without the managed side: the reference of bench/BridgeBenchmarks.cs.
#include "bridge.h"

#include <ATen/Functions.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <chrono>

using namespace semsam;

// Nanoseconds a call of a + b, calls times in a row: called directly in C++ or, boxed, as semsam_op_call does it.
SEMSAM_API double semsam_measure_add(void* a, void* b, int64_t calls, int32_t boxed) {
  return guarded<double>(-1, [&]() -> double {
    const auto x = borrow(a), y = borrow(b);
    const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("aten::add", "Tensor");
    torch::jit::Stack stack;
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t k = 0; k < calls; ++k) {
      if (boxed) {
        stack.emplace_back(x);
        stack.emplace_back(y);
        stack.emplace_back(int64_t{1});
        op.callBoxed(stack);
        stack.clear();
      } else {
        const auto z = at::add(x, y);
      }
    }
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(calls);
  });
}
