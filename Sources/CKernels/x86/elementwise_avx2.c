// Depthwise convolution, addition, conversions, gather and the dot product in 256-bit registers.
//
// Each works on full registers; what is left at the end goes through a buffer of that size.

#if defined(__x86_64__)

#include "ymm.h"

#define AVX2 __attribute__((target("avx2")))

// Channels that depthwise computes together.
enum { BLOCK = 16 };

static size_t blocks(size_t channels) { return (channels + BLOCK - 1) / BLOCK; }

// Packed: (pair of taps, channel, 2) int16, channels filled up to whole blocks and taps to whole pairs with zeros.
size_t sedge_avx2_packed_depthwise_size(size_t channels, size_t taps) {
    return (taps + 1) / 2 * blocks(channels) * BLOCK * 2 * sizeof(int16_t);
}

void sedge_avx2_pack_depthwise(size_t channels, size_t taps, const int8_t *weights, void *packed) {
    int16_t *next = packed;
    for (size_t pair = 0; pair < taps; pair += 2)
        for (size_t channel = 0; channel < blocks(channels) * BLOCK; channel++)
            for (size_t tap = pair; tap < pair + 2; tap++)
                *next++ = channel < channels && tap < taps ? weights[channel * taps + tap] : 0;
}

// Up to 16 bytes, zeros behind them.
YMM __m128i load_up_to_16(const int8_t *from, size_t count) {
    if (count >= 16) return load_128(from);
    int8_t last[16] = {0};
    memcpy(last, from, count);
    return load_128(last);
}

AVX2 void sedge_avx2_depthwise(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    const size_t channels = layer->outputs, taps = layer->taps;
    const struct requantizer to = requantizer(layer->zero_point, layer->low);
    for (size_t first = 0; first < channels; first += BLOCK) {
        const size_t count = channels - first < BLOCK ? channels - first : BLOCK;
        int32_t bias[BLOCK] = {0};
        float multiplier[BLOCK] = {0};
        memcpy(bias, layer->bias + first, count * sizeof *bias);
        memcpy(multiplier, layer->multiplier + first, count * sizeof *multiplier);
        for (size_t row = 0; row < rows; row++) {
            const int8_t *const *x = frames + row * taps;
            const int16_t *weights = (const int16_t *)layer->packed + first * 2;
            __m256i left = load_256(bias), right = load_256(bias + 8);
            for (size_t tap = 0; tap < taps; tap += 2, weights += blocks(channels) * BLOCK * 2) {
                // A pair without a second tap has zero weights there.
                const __m128i even = load_up_to_16(x[tap] + first, count);
                const __m128i odd = load_up_to_16(x[tap + (tap + 1 < taps)] + first, count);
                const __m256i low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(even, odd));
                const __m256i high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(even, odd));
                left = _mm256_add_epi32(left, _mm256_madd_epi16(low, load_256(weights)));
                right = _mm256_add_epi32(right, _mm256_madd_epi16(high, load_256(weights + BLOCK)));
            }
            const __m256i words = to_words(
                &to, scaled(left, _mm256_loadu_ps(multiplier)), scaled(right, _mm256_loadu_ps(multiplier + 8)));
            int8_t bytes[32];
            _mm256_storeu_si256((__m256i *)bytes, to_bytes(&to, words, words));
            memcpy(output + row * channels + first, bytes, count);
        }
    }
}

// One side of an addition.
struct side {
    __m256i zero_point;
    __m256 multiplier;
};

YMM __m256 terms(const struct side *side, const int8_t *values) {
    const __m256i wide = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)values));
    return scaled(_mm256_sub_epi32(wide, side->zero_point), side->multiplier);
}

YMM __m256i add_16(
    const struct requantizer *to, const struct side *l, const struct side *r, const int8_t *left,
    const int8_t *right) {
    return to_words(
        to, _mm256_add_ps(terms(l, left), terms(r, right)), _mm256_add_ps(terms(l, left + 8), terms(r, right + 8)));
}

YMM void add_32(
    const struct requantizer *to, const struct side *l, const struct side *r, const int8_t *left,
    const int8_t *right, int8_t *output) {
    const __m256i first = add_16(to, l, r, left, right), second = add_16(to, l, r, left + 16, right + 16);
    _mm256_storeu_si256((__m256i *)output, to_bytes(to, first, second));
}

AVX2 void sedge_avx2_add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    const struct requantizer to = requantizer(addition->zero_point, addition->low);
    const struct side l = {
        _mm256_set1_epi32(addition->left_zero_point), _mm256_set1_ps(addition->left_multiplier)};
    const struct side r = {
        _mm256_set1_epi32(addition->right_zero_point), _mm256_set1_ps(addition->right_multiplier)};
    size_t i = 0;
    for (; i + 32 <= count; i += 32) add_32(&to, &l, &r, left + i, right + i, output + i);
    if (i < count) {
        int8_t last[2][32] = {{0}};
        memcpy(last[0], left + i, count - i);
        memcpy(last[1], right + i, count - i);
        add_32(&to, &l, &r, last[0], last[1], last[0]);
        memcpy(output + i, last[0], count - i);
    }
}

// Eight values, scaled; 0 for NaN.
YMM __m256 scaled_or_zero(const float *values, __m256 scale) {
    const __m256 x = _mm256_loadu_ps(values);
    return _mm256_and_ps(_mm256_mul_ps(x, scale), _mm256_cmp_ps(x, x, _CMP_ORD_Q));
}

YMM void quantize_32(const struct requantizer *to, __m256 scale, const float *values, int8_t *output) {
    const __m256i first = to_words(to, scaled_or_zero(values, scale), scaled_or_zero(values + 8, scale));
    const __m256i second = to_words(to, scaled_or_zero(values + 16, scale), scaled_or_zero(values + 24, scale));
    _mm256_storeu_si256((__m256i *)output, to_bytes(to, first, second));
}

AVX2 void sedge_avx2_quantize(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output) {
    const struct requantizer to = requantizer(zero_point, -128);
    const __m256 scale = _mm256_set1_ps(inverse_scale);
    size_t i = 0;
    for (; i + 32 <= count; i += 32) quantize_32(&to, scale, values + i, output + i);
    if (i < count) {
        float last[32] = {0};
        int8_t bytes[32];
        memcpy(last, values + i, (count - i) * sizeof *values);
        quantize_32(&to, scale, last, bytes);
        memcpy(output + i, bytes, count - i);
    }
}

AVX2 void sedge_avx2_dequantize(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output) {
    const struct side side = {_mm256_set1_epi32(zero_point), _mm256_set1_ps(scale)};
    size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm256_storeu_ps(output + i, terms(&side, values + i));
    if (i < count) {
        int8_t last[8] = {0};
        float results[8];
        memcpy(last, values + i, count - i);
        _mm256_storeu_ps(results, terms(&side, last));
        memcpy(output + i, results, (count - i) * sizeof *output);
    }
}

void sedge_x86_gather(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output) {
    for (size_t i = 0; i < count; i++) memcpy(output + i * width, table + (size_t)indices[i] * width, width);
}

// The dot products of `count` (1 or 4) rows, which share the query's conversion to int16.
YMM void dot_rows(size_t count, size_t width, const int8_t *query, const int8_t *rows, int32_t *dots) {
    __m256i sums[4];
    UNROLL for (size_t row = 0; row < 4; row++) sums[row] = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 16 <= width; i += 16) {
        const __m256i q = _mm256_cvtepi8_epi16(load_128(query + i));
        UNROLL for (size_t row = 0; row < count; row++) {
            const __m256i x = _mm256_cvtepi8_epi16(load_128(rows + row * width + i));
            sums[row] = _mm256_add_epi32(sums[row], _mm256_madd_epi16(q, x));
        }
    }
    const __m256i pairs = _mm256_hadd_epi32(
        _mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    int32_t totals[4];
    _mm_storeu_si128(
        (__m128i *)totals, _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
    for (size_t row = 0; row < count; row++) {
        for (size_t j = i; j < width; j++) totals[row] += query[j] * rows[row * width + j];
        dots[row] = totals[row];
    }
}

AVX2 void sedge_avx2_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots) {
    size_t row = 0;
    for (; row + 4 <= count; row += 4) dot_rows(4, width, query, rows + row * width, dots + row);
    for (; row < count; row++) dot_rows(1, width, query, rows + row * width, dots + row);
}

#endif
