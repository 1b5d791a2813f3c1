// Requantization in 256-bit registers, for AVX2 and AVX-VNNI.
//
// The specification limits a value, rounds it and adds the zero point. Here it is limited from above only, rounded by
// the conversion to int32, and saturated on the way to int16 and int8, which gives the same: the limits are integers,
// so their order with the rounding does not matter, and no zero point can bring back what lies outside int16. Without
// the upper limit a value of 2^31 or more would convert to INT32_MIN, as one far below zero and NaN rightly do.
#pragma once

#include "x86.h"

#include <immintrin.h>
#include <string.h>

#define YMM static inline __attribute__((always_inline, target("avx2")))

struct requantizer {
    __m256 high;         // 127 - zero point
    __m256i zero_point;  // (16) int16
    __m256i low;         // (32) int8
};

YMM struct requantizer requantizer(int32_t zero_point, int32_t low) {
    return (struct requantizer){
        .high = _mm256_set1_ps((float)(127 - zero_point)),
        .zero_point = _mm256_set1_epi16((int16_t)zero_point),
        .low = _mm256_set1_epi8((int8_t)low),
    };
}

// Eight sums, each times its multiplier.
YMM __m256 scaled(__m256i sums, __m256 multiplier) { return _mm256_mul_ps(_mm256_cvtepi32_ps(sums), multiplier); }

// 16 values as int16 with the zero point, four of `left` and four of `right` by turns.
YMM __m256i to_words(const struct requantizer *to, __m256 left, __m256 right) {
    // The order of the operands matters: NaN comes through.
    const __m256i first = _mm256_cvtps_epi32(_mm256_min_ps(to->high, left));
    const __m256i second = _mm256_cvtps_epi32(_mm256_min_ps(to->high, right));
    return _mm256_adds_epi16(_mm256_packs_epi32(first, second), to->zero_point);
}

// 32 outputs in order, from two results of `to_words`.
YMM __m256i to_bytes(const struct requantizer *to, __m256i left, __m256i right) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return _mm256_max_epi8(_mm256_permutevar8x32_epi32(_mm256_packs_epi16(left, right), order), to->low);
}

YMM __m256i load_256(const void *from) { return _mm256_loadu_si256(from); }

YMM __m128i load_128(const void *from) { return _mm_loadu_si128(from); }
