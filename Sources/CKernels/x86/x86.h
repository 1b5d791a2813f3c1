// The x86-64 variants, and what they share.
#pragma once

#include "ckernels.h"

extern const struct sedge_kernels sedge_kernels_avx2;
extern const struct sedge_kernels sedge_kernels_avxvnni;
extern const struct sedge_kernels sedge_kernels_avx512vnni;

// What the processor or its operating system lacks to run a variant, or NULL.
const char *sedge_x86_lacks_avx2(void);
const char *sedge_x86_lacks_avxvnni(void);
const char *sedge_x86_lacks_avx512vnni(void);

// AVX2's, which the others take over where wider registers or VNNI gain nothing.
size_t sedge_avx2_packed_depthwise_size(size_t channels, size_t taps);
void sedge_avx2_pack_depthwise(size_t channels, size_t taps, const int8_t *weights, void *packed);
void sedge_avx2_depthwise(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output);
void sedge_avx2_add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output);
void sedge_avx2_quantize(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output);
void sedge_avx2_dequantize(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output);
void sedge_avx2_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots);
void sedge_x86_gather(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output);

// Sums live in registers only if the loops over them are gone before registers are given out. Where loads of several
// turns together would need more registers than there are, a loop stays one.
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define NO_UNROLL _Pragma("clang loop unroll(disable)")
#pragma STDC FP_CONTRACT OFF
#else
#define UNROLL _Pragma("GCC unroll 8")
#define NO_UNROLL _Pragma("GCC unroll 1")
#endif
