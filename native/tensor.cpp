// Tensors without the dispatcher: lifetime, metadata, memory.
#include "bridge.h"

#include <ATen/ATen.h>

using namespace semsam;

namespace {
at::TensorImpl* impl(void* handle) { return static_cast<at::TensorImpl*>(handle); }
}

SEMSAM_API void semsam_tensor_release(void* handle) {
  if (handle) c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(impl(handle));
}
SEMSAM_API void* semsam_tensor_retain(void* handle) { return give(borrow(handle)); }

SEMSAM_API int64_t semsam_tensor_dim(void* handle) { return impl(handle)->dim(); }
SEMSAM_API int64_t semsam_tensor_numel(void* handle) { return impl(handle)->numel(); }
SEMSAM_API int32_t semsam_tensor_dtype(void* handle) { return static_cast<int32_t>(c10::typeMetaToScalarType(impl(handle)->dtype())); }
SEMSAM_API int64_t semsam_tensor_device(void* handle) {
  const auto d = impl(handle)->device();
  return static_cast<int64_t>(d.type()) | (static_cast<int64_t>(d.index()) << 32);
}
SEMSAM_API void semsam_tensor_sizes(void* handle, int64_t* out) {
  const auto sizes = impl(handle)->sizes();
  std::copy(sizes.begin(), sizes.end(), out);
}
SEMSAM_API int32_t semsam_tensor_strides(void* handle, int64_t* out) {
  return guarded<int32_t>(-1, [&] {
    const auto strides = impl(handle)->strides();
    std::copy(strides.begin(), strides.end(), out);
    return 0;
  });
}
SEMSAM_API int64_t semsam_tensor_storage_offset(void* handle) { return impl(handle)->storage_offset(); }
SEMSAM_API int32_t semsam_tensor_is_contiguous(void* handle) { return impl(handle)->is_contiguous(); }
SEMSAM_API int32_t semsam_tensor_is_sparse(void* handle) { return impl(handle)->is_sparse(); }
SEMSAM_API int32_t semsam_tensor_is_inference(void* handle) { return impl(handle)->is_inference(); }

SEMSAM_API int32_t semsam_tensor_is_pinned(void* handle) {
  return guarded<int32_t>(-1, [&] { return borrow(handle).is_pinned() ? 1 : 0; });
}

// The address of the first element; null with an error for a tensor without memory.
SEMSAM_API void* semsam_tensor_data(void* handle) {
  return guarded<void*>(nullptr, [&] { return borrow(handle).data_ptr(); });
}

// A tensor over memory of the caller, copied (a fresh CPU tensor) or shared; release is called when the last user of shared memory is gone.
SEMSAM_API void* semsam_tensor_from_memory(void* data, const int64_t* sizes, int32_t dims, int32_t dtype, int32_t copy,
                                           void (*release)(void*), void* context) {
  return guarded<void*>(nullptr, [&] {
    const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    const c10::IntArrayRef shape(sizes, dims);
    if (copy) {
      auto tensor = at::empty(shape, options);
      if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
      return give(std::move(tensor));
    }
    if (release) return give(at::from_blob(data, shape, [release, context](void*) { release(context); }, options));
    return give(at::from_blob(data, shape, options));
  });
}
