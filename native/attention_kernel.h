// Attention of one block of queries over all keys, in fp32, by online softmax: the scores never leave the cache.
// (Milakov & Gimelshein 2018, "Online normalizer calculation for softmax"; Dao et al. 2022, FlashAttention, for the tiling.)
//
// Compiled several times, each with its own instruction set: this header and its includers use no inline function of any
// library, so that no code for a newer processor can be linked into the rest.
#pragma once
#include <stdint.h>

namespace semsam {

constexpr int kQueryBlock = 48;  // rows a task works on; a multiple of kTileRows
constexpr int kKeyBlock = 128;   // keys between two updates of the running maximum
constexpr int kTileRows = 6;     // rows of one register tile

enum MaskKind : int32_t { kNoMask = 0, kFloatMask = 1, kBoolMask = 2 };

// One head. Lengths in elements.
struct AttentionHead {
  const float* query;  // [queries, depth], row stride query_stride
  int64_t query_stride;
  const float* keys;  // packed by pack_keys
  const float* values;  // [keys, value_lanes], row stride value_stride; rows padded with zeros
  int64_t value_stride;
  const void* mask;  // [queries, keys] by the two strides
  int64_t mask_row, mask_column;
  MaskKind mask_kind;
  bool causal;  // query i sees keys 0..i
  int64_t queries, key_count, depth, value_depth, value_lanes;
  float scale;
  float* output;  // [queries, value_depth], row stride output_stride
  int64_t output_stride;
};

struct AttentionKernel {
  int lanes;                                                        // floats in one vector
  int panel_vectors;                                                // vectors side by side in a register tile
  int64_t (*packed_key_size)(int64_t keys, int64_t depth);          // floats
  void (*pack_keys)(const float* keys, int64_t stride, int64_t count, int64_t depth, float* packed);
  int64_t (*scratch_size)(const AttentionHead& head);               // floats
  void (*attend)(const AttentionHead& head, int64_t first_query, float* scratch);  // kQueryBlock queries, or what is left
};

extern const AttentionKernel attention_avx512, attention_avx2, attention_base;

}  // namespace semsam
