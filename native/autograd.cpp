// Gradients and the modes that govern them.
#include "bridge.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

using namespace semsam;

namespace {
std::vector<at::Tensor> list(void* const* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t k = 0; k < count; ++k) tensors.push_back(borrow(handles[k]));
  return tensors;
}
}  // namespace

SEMSAM_API int32_t semsam_requires_grad(void* handle) { return borrow(handle).requires_grad(); }
SEMSAM_API int32_t semsam_set_requires_grad(void* handle, int32_t value) {
  return guarded<int32_t>(-1, [&] {
    borrow(handle).requires_grad_(value != 0);
    return 0;
  });
}
SEMSAM_API int32_t semsam_is_leaf(void* handle) { return borrow(handle).is_leaf(); }
SEMSAM_API int32_t semsam_retain_grad(void* handle) {
  return guarded<int32_t>(-1, [&] {
    borrow(handle).retain_grad();
    return 0;
  });
}
SEMSAM_API void* semsam_grad(void* handle) {
  return guarded<void*>(nullptr, [&] { return give(at::Tensor(borrow(handle).grad())); });
}
SEMSAM_API int32_t semsam_set_grad(void* handle, void* grad) {
  return guarded<int32_t>(-1, [&] {
    borrow(handle).mutable_grad() = borrow(grad);
    return 0;
  });
}

// keep_graph: -1 stands for "as create_graph".
SEMSAM_API int32_t semsam_backward(void* const* tensors, int32_t n, void* const* grads, int32_t g, int32_t keep_graph, int32_t create_graph,
                                   void* const* inputs, int32_t m) {
  return guarded<int32_t>(-1, [&] {
    Optional<bool> keep;
    if (keep_graph >= 0) keep = keep_graph != 0;
    torch::autograd::backward(list(tensors, n), list(grads, g), keep, create_graph != 0, list(inputs, m));
    return 0;
  });
}

SEMSAM_API int32_t semsam_autograd_grad(void* const* outputs, int32_t n, void* const* inputs, int32_t m, void* const* grads, int32_t g,
                                        int32_t keep_graph, int32_t create_graph, int32_t allow_unused, void** results) {
  return guarded<int32_t>(-1, [&] {
    Optional<bool> keep;
    if (keep_graph >= 0) keep = keep_graph != 0;
    auto found = torch::autograd::grad(list(outputs, n), list(inputs, m), list(grads, g), keep, create_graph != 0, allow_unused != 0);
    for (size_t k = 0; k < found.size(); ++k) results[k] = give(std::move(found[k]));
    return 0;
  });
}

SEMSAM_API int32_t semsam_grad_enabled() { return c10::GradMode::is_enabled(); }
SEMSAM_API void semsam_set_grad_enabled(int32_t value) { c10::GradMode::set_enabled(value != 0); }
SEMSAM_API int32_t semsam_inference_enabled() { return c10::InferenceMode::is_enabled(); }
SEMSAM_API void* semsam_inference_enter(int32_t value) { return new c10::InferenceMode(value != 0); }
SEMSAM_API void semsam_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

// Bit 0: anomaly mode is on; bit 1: it checks for NaN. (libtorch 1.13 and later keep both.)
SEMSAM_API int32_t semsam_anomaly() {
  return (torch::autograd::AnomalyMode::is_enabled() ? 1 : 0) | (torch::autograd::AnomalyMode::should_check_nan() ? 2 : 0);
}
SEMSAM_API void semsam_set_anomaly(int32_t enabled, int32_t check_nan) {
  torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}
