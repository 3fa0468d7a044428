// semsam::attention, an operator of the dispatcher: softmax(q kT / sqrt(d) + mask) v on the CPU in fp32, for inference.
#include "attention_kernel.h"
#include "bridge.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <memory>

namespace semsam {
namespace {

const AttentionKernel& kernel() {
  static const AttentionKernel* chosen = [] {
    const char* wanted = std::getenv("SEMSAM_SIMD");  // avx512, avx2 or base: for comparing
    const std::string name = wanted ? wanted : "";
#if defined(__x86_64__)
    if ((name.empty() || name == "avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return &attention_avx512;
    if ((name.empty() || name != "base") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &attention_avx2;
#endif
    return &attention_base;
  }();
  return *chosen;
}

// Where the matrix of one head starts in a tensor [..., rows, columns].
int64_t offset_of(const at::Tensor& t, int64_t head) {
  int64_t offset = 0;
  for (int64_t d = t.dim() - 3; d >= 0; --d) {
    offset += head % t.size(d) * t.stride(d);
    head /= t.size(d);
  }
  return offset;
}

at::Tensor with_dense_rows(const at::Tensor& t) { return t.stride(-1) == 1 || t.size(-1) == 1 ? t : t.contiguous(); }

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const Optional<at::Tensor>& mask, bool causal) {
  TORCH_CHECK(query.dim() >= 2 && key.dim() >= 2 && value.dim() >= 2, "attention takes tensors of at least two dimensions");
  TORCH_CHECK(query.scalar_type() == at::kFloat && key.scalar_type() == at::kFloat && value.scalar_type() == at::kFloat, "attention takes float32");
  TORCH_CHECK(query.size(-1) == key.size(-1), "queries have ", query.size(-1), " channels, keys ", key.size(-1));
  TORCH_CHECK(key.size(-2) == value.size(-2), "there are ", key.size(-2), " keys and ", value.size(-2), " values");
  const int64_t queries = query.size(-2), keys = key.size(-2), depth = query.size(-1), value_depth = value.size(-1);

  auto lead = at::infer_size(query.sizes().slice(0, query.dim() - 2), key.sizes().slice(0, key.dim() - 2));
  lead = at::infer_size(lead, value.sizes().slice(0, value.dim() - 2));
  auto shaped = [&](const at::Tensor& t, int64_t rows, int64_t columns) {
    auto sizes = lead;
    sizes.push_back(rows);
    sizes.push_back(columns);
    return t.expand(sizes);
  };
  const auto q = with_dense_rows(shaped(query, queries, depth));
  const auto k = with_dense_rows(shaped(key, keys, depth));
  const auto v = with_dense_rows(shaped(value, keys, value_depth));
  auto sizes = lead;
  sizes.push_back(queries);
  sizes.push_back(value_depth);
  auto output = at::empty(sizes, query.options());
  at::Tensor m;
  if (mask.has_value() && mask->defined()) {
    TORCH_CHECK(mask->scalar_type() == at::kFloat || mask->scalar_type() == at::kBool, "the mask is float32 or bool");
    m = shaped(*mask, queries, keys);
  }
  int64_t heads = 1;
  for (const auto n : lead) heads *= n;
  if (output.numel() == 0) return output;
  if (keys == 0) return output.fill_(std::nan(""));

  const auto& run = kernel();
  AttentionHead shared{};
  shared.query_stride = q.stride(-2);
  shared.queries = queries;
  shared.key_count = keys;
  shared.depth = depth;
  shared.value_depth = value_depth;
  shared.value_lanes = (value_depth + run.lanes - 1) / run.lanes * run.lanes;
  shared.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(depth)));
  shared.output_stride = value_depth;
  shared.causal = causal;
  if (m.defined()) {
    shared.mask_kind = m.scalar_type() == at::kBool ? kBoolMask : kFloatMask;
    shared.mask_row = m.stride(-2);
    shared.mask_column = m.stride(-1);
  }
  // Values are read where they are when that is dense enough, or when few queries would not repay the copy.
  const bool values_in_place = shared.value_lanes == value_depth && (v.stride(-2) == value_depth || queries <= 2 * kQueryBlock);
  shared.value_stride = values_in_place ? v.stride(-2) : shared.value_lanes;
  const int64_t key_size = run.packed_key_size(keys, depth);
  const int64_t value_size = values_in_place ? 0 : keys * shared.value_lanes;
  const int64_t blocks = (queries + kQueryBlock - 1) / kQueryBlock;
  const int64_t scratch_size = run.scratch_size(shared);
  const float *qp = q.data_ptr<float>(), *kp = k.data_ptr<float>(), *vp = v.data_ptr<float>();
  float* op = output.data_ptr<float>();

  // Packs one head's keys and values into packed [key_size + value_size].
  auto pack = [&](int64_t head, float* packed) {
    run.pack_keys(kp + offset_of(k, head), k.stride(-2), keys, depth, packed);
    if (values_in_place) return;
    const float* from = vp + offset_of(v, head);
    float* to = packed + key_size;
    for (int64_t j = 0; j < keys; ++j, from += v.stride(-2), to += shared.value_lanes) {
      std::copy_n(from, value_depth, to);
      std::fill_n(to + value_depth, shared.value_lanes - value_depth, 0.0f);
    }
  };
  auto attend = [&](int64_t head, int64_t block, const float* packed, float* scratch) {
    AttentionHead h = shared;
    h.query = qp + offset_of(q, head);
    h.keys = packed;
    h.values = values_in_place ? vp + offset_of(v, head) : packed + key_size;
    h.output = op + head * queries * value_depth;
    if (m.defined()) h.mask = static_cast<const char*>(m.data_ptr()) + offset_of(m, head) * m.element_size();
    run.attend(h, block * kQueryBlock, scratch);
  };

  if (heads >= 2 * at::get_num_threads()) {
    // Enough heads to keep all cores busy: each is packed where its blocks are worked on, in memory that stays in the cache.
    at::parallel_for(0, heads, 1, [&](int64_t begin, int64_t end) {
      const std::unique_ptr<float[]> memory(new float[key_size + value_size + scratch_size]);
      for (int64_t head = begin; head < end; ++head) {
        pack(head, memory.get());
        for (int64_t block = 0; block < blocks; ++block) attend(head, block, memory.get(), memory.get() + key_size + value_size);
      }
    });
    return output;
  }
  const std::unique_ptr<float[]> packed(new float[heads * (key_size + value_size)]);
  at::parallel_for(0, heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; ++head) pack(head, packed.get() + head * (key_size + value_size));
  });
  at::parallel_for(0, heads * blocks, 1, [&](int64_t begin, int64_t end) {
    const std::unique_ptr<float[]> scratch(new float[scratch_size]);
    for (int64_t task = begin; task < end; ++task)
      attend(task / blocks, task % blocks, packed.get() + task / blocks * (key_size + value_size), scratch.get());
  });
  return output;
}

}  // namespace
}  // namespace semsam

TORCH_LIBRARY(semsam, library) {
  library.def("attention(Tensor query, Tensor key, Tensor value, Tensor? mask=None, bool causal=False) -> Tensor");
}
TORCH_LIBRARY_IMPL(semsam, CPU, library) { library.impl("attention", &semsam::attention); }
