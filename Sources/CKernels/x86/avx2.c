// AVX2. Values and weights are int16: vpmaddwd multiplies pairs of them and adds in int32, so nothing can saturate,
// unlike the bytes of vpmaddubsw. 16 products an instruction.

#if defined(__x86_64__)

#include "ymm.h"

#define TARGET target("avx2")
#define VARIANT(name) name##__avx2

typedef int16_t value, weight;

enum { GROUP = 2, OFFSET = 0 };

YMM __m256i multiply_add(__m256i sums, __m256i values, __m256i weights) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(values, weights));
}

YMM void widen_16(const int8_t *from, int16_t *to) {
    _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(load_128(from)));
}

YMM void stage_values(const int8_t *from, size_t count, int16_t *to) {
    size_t i = 0;
    for (; i + 64 <= count; i += 64)
        UNROLL for (size_t j = i; j < i + 64; j += 16) widen_16(from + j, to + j);
    for (; i + 16 <= count; i += 16) widen_16(from + i, to + i);
    if (i < count) {
        int8_t last[16] = {0};
        memcpy(last, from + i, count - i);
        widen_16(last, to + i);
    }
}

#include "gemm_ymm.h"

const struct sedge_kernels sedge_kernels_avx2 = {
    .name = "avx2",
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
