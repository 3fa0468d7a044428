// Errors, threads, random numbers, devices.
#include "bridge.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include <mutex>
#include <string>

using namespace semsam;

namespace {
thread_local std::string last_error;

// The hooks' names changed during 2.x: whichever exists is taken.
template <typename H>
auto gpu_count(const H& hooks, int) -> decltype(static_cast<int32_t>(hooks.deviceCount())) { return static_cast<int32_t>(hooks.deviceCount()); }
template <typename H>
auto gpu_count(const H& hooks, long) -> decltype(static_cast<int32_t>(hooks.getNumGPUs())) { return static_cast<int32_t>(hooks.getNumGPUs()); }
template <typename H>
auto current_gpu(const H& hooks, int) -> decltype(static_cast<int32_t>(hooks.getCurrentDevice())) { return static_cast<int32_t>(hooks.getCurrentDevice()); }
template <typename H>
auto current_gpu(const H& hooks, long) -> decltype(static_cast<int32_t>(hooks.current_device())) { return static_cast<int32_t>(hooks.current_device()); }

int32_t gpus() { return at::globalContext().hasCUDA() ? gpu_count(at::detail::getCUDAHooks(), 0) : 0; }
}  // namespace

void semsam::set_error(const char* message) { last_error = message; }

void semsam::set_error_from_current_exception() {
  try {
    throw;
  } catch (const c10::Error& e) {
    last_error = e.what_without_backtrace();  // libtorch's own words, without the C++ stack
  } catch (const std::exception& e) {
    last_error = e.what();
  } catch (...) {
    last_error = "unknown exception in libtorch";
  }
}

SEMSAM_API const char* semsam_error() { return last_error.c_str(); }
SEMSAM_API const char* semsam_torch_version() { return TORCH_VERSION; }

SEMSAM_API int32_t semsam_get_num_threads() { return at::get_num_threads(); }
SEMSAM_API int32_t semsam_set_num_threads(int32_t n) {
  return guarded<int32_t>(-1, [&] {
    at::set_num_threads(n);
    return 0;
  });
}
SEMSAM_API int32_t semsam_get_num_interop_threads() { return at::get_num_interop_threads(); }
SEMSAM_API int32_t semsam_set_num_interop_threads(int32_t n) {
  return guarded<int32_t>(-1, [&] {
    at::set_num_interop_threads(n);
    return 0;
  });
}

SEMSAM_API int32_t semsam_manual_seed(uint64_t seed) {
  return guarded<int32_t>(-1, [&] {
    at::manual_seed(seed);
    return 0;
  });
}
SEMSAM_API void* semsam_generator_default(int64_t device) {
  return guarded<void*>(nullptr, [&] { return new at::Generator(at::globalContext().defaultGenerator(device_of(device))); });
}
SEMSAM_API void* semsam_generator_new(uint64_t seed, int64_t device) {
  return guarded<void*>(nullptr, [&] {
    const auto d = device_of(device);
    auto generator = d.is_cpu() ? at::detail::createCPUGenerator() : at::globalContext().defaultGenerator(d).clone();
    generator.set_current_seed(seed);
    return new at::Generator(std::move(generator));
  });
}
SEMSAM_API void semsam_generator_free(void* generator) { delete static_cast<at::Generator*>(generator); }
SEMSAM_API int32_t semsam_generator_set_seed(void* generator, uint64_t seed) {
  return guarded<int32_t>(-1, [&] {
    auto& g = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_current_seed(seed);
    return 0;
  });
}
SEMSAM_API uint64_t semsam_generator_get_seed(void* generator) { return static_cast<at::Generator*>(generator)->current_seed(); }
SEMSAM_API uint64_t semsam_generator_reseed(void* generator) {
  auto& g = *static_cast<at::Generator*>(generator);
  std::lock_guard<std::mutex> lock(g.mutex());
  return g.seed();
}
SEMSAM_API void* semsam_generator_get_state(void* generator) {
  return guarded<void*>(nullptr, [&] {
    auto& g = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    return give(g.get_state());
  });
}
SEMSAM_API int32_t semsam_generator_set_state(void* generator, void* state) {
  return guarded<int32_t>(-1, [&] {
    auto& g = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_state(borrow(state));
    return 0;
  });
}

SEMSAM_API int32_t semsam_cuda_available() {
  return guarded<int32_t>(0, [&] { return gpus() > 0 ? 1 : 0; });
}
SEMSAM_API int32_t semsam_cuda_device_count() {
  return guarded<int32_t>(0, [&] { return gpus(); });
}
SEMSAM_API int32_t semsam_cudnn_available() {
  return guarded<int32_t>(0, [&] { return at::globalContext().hasCuDNN() ? 1 : 0; });
}
SEMSAM_API int32_t semsam_cuda_synchronize(int32_t device) {
  return guarded<int32_t>(-1, [&] {
    if (gpus() == 0) return 0;
    const auto& hooks = at::detail::getCUDAHooks();
    hooks.deviceSynchronize(static_cast<c10::DeviceIndex>(device < 0 ? current_gpu(hooks, 0) : device));
    return 0;
  });
}
SEMSAM_API int32_t semsam_allow_tf32(int32_t which, int32_t value) {  // which: 0 cuBLAS, 1 cuDNN; value -1 reads
  auto& context = at::globalContext();
  if (value >= 0) which == 0 ? context.setAllowTF32CuBLAS(value != 0) : context.setAllowTF32CuDNN(value != 0);
  return which == 0 ? context.allowTF32CuBLAS() : context.allowTF32CuDNN();
}
