// Shared by the files of the bridge: handles, argument slots, and how an exception leaves C++.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <torch/version.h>

#include <cstdint>
#include <optional>

#define SEMSAM_API extern "C" __attribute__((visibility("default")))

namespace semsam {

// libtorch's optional: its own before 2.4, the standard one since.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
template <typename T>
using Optional = std::optional<T>;
#else
template <typename T>
using Optional = c10::optional<T>;
#endif

// What a slot holds. Mirrored by ArgKind in stand-ins/TorchSharp/Interop/Arg.cs.
enum Kind : int32_t {
  kNone = 0, kTensor = 1, kInt = 2, kDouble = 3, kBool = 4, kIntList = 5, kDoubleList = 6,
  kTensorList = 7, kOptionalTensorList = 8, kString = 9, kDevice = 10, kGenerator = 11, kDefault = 12, kBoolList = 13,
  kComplex = 14,
};

// One argument or result: blittable, 16 bytes. Lists are a pointer and a count.
struct Slot {
  int32_t kind;
  int32_t count;
  union {
    int64_t i;
    double d;
    void* p;
  };
};
static_assert(sizeof(Slot) == 16, "Slot is passed as an array between the two sides");

// A tensor handle is an owned TensorImpl: one reference belongs to the managed Tensor.
inline at::Tensor borrow(void* handle) {
  if (handle == nullptr) return at::Tensor();
  return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}
inline void* give(at::Tensor&& tensor) {
  if (!tensor.defined()) return nullptr;
  return std::move(tensor).unsafeReleaseTensorImpl();
}

inline c10::Device device_of(int64_t packed) {  // low half: type, high half: index (-1: the current one)
  return c10::Device(static_cast<c10::DeviceType>(packed & 0xff), static_cast<c10::DeviceIndex>(packed >> 32));
}

void set_error(const char* message);
void set_error_from_current_exception();

// Runs f; an exception is kept for semsam_error and the failure value is returned.
template <typename R, typename F>
inline R guarded(R failure, F&& f) {
  try {
    return f();
  } catch (...) {
    set_error_from_current_exception();
    return failure;
  }
}

}  // namespace semsam
