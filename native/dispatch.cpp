// Any operator of libtorch, found by schema name and called through the dispatcher with boxed arguments.
#include "bridge.h"

#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <vector>

using namespace semsam;

namespace {

struct Operator {
  c10::OperatorHandle handle;
  std::vector<c10::IValue> defaults;  // None where the schema has no default
};

// Stacks are reused: a call allocates nothing for its arguments but what their lists need.
// Operators may re-enter (a backward hook), so each depth has its own.
struct StackPool {
  std::vector<torch::jit::Stack> stacks;
  size_t depth = 0;
};
thread_local StackPool pool;

struct Lease {
  torch::jit::Stack& stack;
  Lease() : stack(take()) {}
  ~Lease() {
    stack.clear();
    --pool.depth;
  }
  static torch::jit::Stack& take() {
    if (pool.stacks.capacity() == 0) pool.stacks.reserve(16);
    TORCH_CHECK(pool.depth < 16, "operator calls nested deeper than 16");
    if (pool.depth == pool.stacks.size()) {
      pool.stacks.emplace_back();
      pool.stacks.back().reserve(16);
    }
    return pool.stacks[pool.depth++];
  }
};

void push(torch::jit::Stack& stack, const Slot& s, const Operator& op, size_t index) {
  switch (s.kind) {
    case kNone: stack.emplace_back(); return;
    case kTensor: stack.emplace_back(borrow(s.p)); return;
    case kInt: stack.emplace_back(s.i); return;
    case kDouble: stack.emplace_back(s.d); return;
    case kBool: stack.emplace_back(s.i != 0); return;
    case kIntList: {
      const auto* p = static_cast<const int64_t*>(s.p);
      stack.emplace_back(c10::IntArrayRef(p, s.count));
      return;
    }
    case kDoubleList: {
      const auto* p = static_cast<const double*>(s.p);
      stack.emplace_back(c10::ArrayRef<double>(p, s.count));
      return;
    }
    case kBoolList: {
      const auto* p = static_cast<const int64_t*>(s.p);
      c10::List<bool> list;
      for (int32_t k = 0; k < s.count; ++k) list.push_back(p[k] != 0);
      stack.emplace_back(std::move(list));
      return;
    }
    case kTensorList: {
      auto* p = static_cast<void* const*>(s.p);
      c10::List<at::Tensor> list;
      list.reserve(s.count);
      for (int32_t k = 0; k < s.count; ++k) list.push_back(borrow(p[k]));
      stack.emplace_back(std::move(list));
      return;
    }
    case kOptionalTensorList: {
      auto* p = static_cast<void* const*>(s.p);
      c10::List<Optional<at::Tensor>> list;
      list.reserve(s.count);
      for (int32_t k = 0; k < s.count; ++k) list.push_back(p[k] ? Optional<at::Tensor>(borrow(p[k])) : Optional<at::Tensor>());
      stack.emplace_back(std::move(list));
      return;
    }
    case kString: stack.emplace_back(std::string(static_cast<const char*>(s.p), s.count)); return;
    case kDevice: stack.emplace_back(device_of(s.i)); return;
    case kGenerator: stack.emplace_back(*static_cast<at::Generator*>(s.p)); return;
    case kDefault: stack.push_back(op.defaults.at(index)); return;
    default: TORCH_CHECK(false, "unknown argument kind ", s.kind);
  }
}

void give_list(const std::vector<at::Tensor>& tensors, Slot& out) {
  out.kind = kTensorList;
  out.count = static_cast<int32_t>(tensors.size());
  auto** handles = static_cast<void**>(malloc(sizeof(void*) * (tensors.size() + 1)));
  for (size_t k = 0; k < tensors.size(); ++k) handles[k] = give(at::Tensor(tensors[k]));
  out.p = handles;
}

void pop(c10::IValue&& v, Slot& out) {
  out.count = 0;
  if (v.isTensor()) {
    out.kind = kTensor;
    out.p = give(std::move(v).toTensor());
  } else if (v.isInt()) {
    out.kind = kInt;
    out.i = v.toInt();
  } else if (v.isDouble()) {
    out.kind = kDouble;
    out.d = v.toDouble();
  } else if (v.isBool()) {
    out.kind = kBool;
    out.i = v.toBool();
  } else if (v.isTensorList()) {
    give_list(v.toTensorVector(), out);
  } else if (v.isNone()) {
    out.kind = kNone;
    out.i = 0;
  } else {
    TORCH_CHECK(false, "a result of type ", v.tagKind(), " is not passed through the bridge");
  }
}

}  // namespace

// A handle for "aten::add" with overload "Tensor" ("" for none); null when libtorch has no such operator.
SEMSAM_API void* semsam_op_find(const char* name, const char* overload) {
  return guarded<void*>(nullptr, [&]() -> void* {
    auto& dispatcher = c10::Dispatcher::singleton();
    auto handle = dispatcher.findSchema({name, overload});
    TORCH_CHECK(handle.has_value(), "libtorch has no operator ", name, *overload ? "." : "", overload);
    auto* op = new Operator{*handle, {}};
    for (const auto& argument : handle->schema().arguments())
      op->defaults.push_back(argument.default_value() ? *argument.default_value() : c10::IValue());
    return op;
  });
}

SEMSAM_API int32_t semsam_op_arity(void* op) { return static_cast<int32_t>(static_cast<Operator*>(op)->defaults.size()); }

// Calls op with count arguments (missing trailing ones take the schema's defaults).
// Writes at most capacity results; returns how many, or -1 with the message in semsam_error.
SEMSAM_API int32_t semsam_op_call(void* handle, const Slot* args, int32_t count, Slot* results, int32_t capacity) {
  return guarded<int32_t>(-1, [&]() -> int32_t {
    const auto& op = *static_cast<Operator*>(handle);
    Lease lease;
    auto& stack = lease.stack;
    const size_t arity = op.defaults.size();
    TORCH_CHECK(static_cast<size_t>(count) <= arity, c10::toString(op.handle.schema().operator_name()), " takes ", arity, " arguments, got ", count);
    for (int32_t k = 0; k < count; ++k) push(stack, args[k], op, k);
    for (size_t k = count; k < arity; ++k) stack.push_back(op.defaults[k]);
    op.handle.callBoxed(stack);
    const auto n = static_cast<int32_t>(stack.size());
    TORCH_CHECK(n <= capacity, c10::toString(op.handle.schema().operator_name()), " gave ", n, " results, at most ", capacity, " are taken");
    for (int32_t k = 0; k < n; ++k) pop(std::move(stack[k]), results[k]);
    return n;
  });
}

SEMSAM_API void semsam_free(void* p) { free(p); }
