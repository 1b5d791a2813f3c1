// AVX-VNNI. vpdpbusd multiplies four unsigned values by four signed weights and adds the products to an int32, all of
// it exact. Inputs become unsigned by adding 128, and packed memory holds what that adds to each sum. 32 products an
// instruction.

#if defined(__x86_64__)

#include "ymm.h"

#define TARGET target("avx2,avxvnni")
#define VARIANT(name) name##__avxvnni

typedef uint8_t value;
typedef int8_t weight;

enum { GROUP = 4, OFFSET = 128 };

static inline __attribute__((always_inline, TARGET)) __m256i multiply_add(
    __m256i sums, __m256i values, __m256i weights) {
    return _mm256_dpbusd_avx_epi32(sums, values, weights);
}

YMM void offset_32(const int8_t *from, uint8_t *to) {
    _mm256_storeu_si256((__m256i *)to, _mm256_xor_si256(load_256(from), _mm256_set1_epi8(-128)));
}

YMM void stage_values(const int8_t *from, size_t count, uint8_t *to) {
    size_t i = 0;
    for (; i + 32 <= count; i += 32) offset_32(from + i, to + i);
    if (i < count) {
        int8_t last[32] = {0};
        memcpy(last, from + i, count - i);
        offset_32(last, to + i);
    }
}

#include "gemm_ymm.h"

const struct sedge_kernels sedge_kernels_avxvnni = {
    .name = "avxvnni",
    .packed_size = packed_size,
    .pack = pack,
    .convolve = convolve,
    .packed_depthwise_size = sedge_avx2_packed_depthwise_size,
    .pack_depthwise = sedge_avx2_pack_depthwise,
    .depthwise = sedge_avx2_depthwise,
    .add = sedge_avx2_add,
    .quantize = sedge_avx2_quantize,
    .dequantize = sedge_avx2_dequantize,
    .gather = sedge_x86_gather,
    .dot = sedge_avx2_dot,
};

#endif
