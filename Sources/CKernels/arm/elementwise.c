// Depthwise convolution, addition, conversions and the dot product of ARMv8.0: memory and conversions bound them, so
// one form serves every core.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "neon.h"

#include <math.h>

// Packed: (channels / 8, tap, 8), filled up with zeros.
size_t sedge_neon_packed_depthwise_size(size_t channels, size_t taps) { return (channels + 7) / 8 * 8 * taps; }

void sedge_neon_pack_depthwise(size_t channels, size_t taps, const int8_t *weights, void *packed) {
    int8_t *next = packed;
    for (size_t first = 0; first < channels; first += 8)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t channel = first; channel < first + 8; channel++)
                *next++ = channel < channels ? weights[channel * taps + tap] : 0;
}

void sedge_neon_depthwise(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    const size_t channels = layer->outputs, taps = layer->taps;
    struct panel panel;
    for (size_t first = 0; first < channels; first += 8) {
        begin_panel(&panel, layer, first);
        for (size_t row = 0; row < rows; row++) {
            const int8_t *const *frame = frames + row * taps;
            const int8_t *weights = (const int8_t *)layer->packed + first * taps;
            int32x4_t low = vld1q_s32(panel.bias), high = vld1q_s32(panel.bias + 4);
            size_t tap = 0;
            // Two products fit int16: a weight is never -128, so |sum| <= 2 * 127 * 128 = 32,512.
            for (; tap + 2 <= taps; tap += 2, weights += 16) {
                int16x8_t pair = vmull_s8(load_s8(frame[tap] + first, panel.count), vld1_s8(weights));
                pair = vmlal_s8(pair, load_s8(frame[tap + 1] + first, panel.count), vld1_s8(weights + 8));
                low = vaddw_s16(low, vget_low_s16(pair));
                high = vaddw_high_s16(high, pair);
            }
            if (tap < taps) {
                const int16x8_t last = vmull_s8(load_s8(frame[tap] + first, panel.count), vld1_s8(weights));
                low = vaddw_s16(low, vget_low_s16(last));
                high = vaddw_high_s16(high, last);
            }
            int32x4_t sums[1][2] = {{low, high}};
            finish(&panel, 1, sums, channels, output + row * channels + first);
        }
    }
}

// (value - zero point) * multiplier, rounded once.
SEDGE_INLINE float32x4_t scaled(int16x4_t difference, float multiplier) {
    return vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(difference)), multiplier);
}

// Eight sums, rounded, from the differences to the zero points.
SEDGE_INLINE int16x8_t added(int16x8_t left, int16x8_t right, const struct sedge_addition *a, int16x8_t zero_point) {
    return round_s16(
        vaddq_f32(scaled(vget_low_s16(left), a->left_multiplier), scaled(vget_low_s16(right), a->right_multiplier)),
        vaddq_f32(scaled(vget_high_s16(left), a->left_multiplier), scaled(vget_high_s16(right), a->right_multiplier)),
        zero_point);
}

void sedge_neon_add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    const struct sedge_addition a = *addition;
    // Products with larger ones may become infinite and cancel to NaN, for which rounding here has another answer.
    static const float LARGEST = 0x1p100f;
    if (!(fabsf(a.left_multiplier) <= LARGEST && fabsf(a.right_multiplier) <= LARGEST)) {
        sedge_kernels_scalar.add(addition, count, left, right, output);
        return;
    }
    const int8x16_t left_zero = vdupq_n_s8((int8_t)a.left_zero_point);
    const int8x16_t right_zero = vdupq_n_s8((int8_t)a.right_zero_point);
    const int16x8_t zero_point = vdupq_n_s16((int16_t)a.zero_point);
    const int8x16_t floor = vdupq_n_s8((int8_t)a.low);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const int8x16_t first = vld1q_s8(left + i), second = vld1q_s8(right + i);
        const int16x8_t low = added(
            vsubl_s8(vget_low_s8(first), vget_low_s8(left_zero)),
            vsubl_s8(vget_low_s8(second), vget_low_s8(right_zero)), &a, zero_point);
        const int16x8_t high =
            added(vsubl_high_s8(first, left_zero), vsubl_high_s8(second, right_zero), &a, zero_point);
        vst1q_s8(output + i, vmaxq_s8(vqmovn_high_s16(vqmovn_s16(low), high), floor));
    }
    for (; i < count; i += 8) {
        const int16x8_t first = vsubl_s8(load_s8(left + i, count - i), vget_low_s8(left_zero));
        const int16x8_t second = vsubl_s8(load_s8(right + i, count - i), vget_low_s8(right_zero));
        const int8x8_t values = vmax_s8(vqmovn_s16(added(first, second, &a, zero_point)), vget_low_s8(floor));
        store_s8(output + i, values, count - i);
    }
}

// Of NaN: 0. Of a product that is NaN though the value is not (infinity times 0): the lower limit.
SEDGE_INLINE float32x4_t scaled_or_zero(float32x4_t values, float inverse_scale, float32x4_t low) {
    const uint32x4_t is_number = vceqq_f32(values, values);
    const float32x4_t product = vmaxnmq_f32(vmulq_n_f32(values, inverse_scale), low);
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(product), is_number));
}

void sedge_neon_quantize(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output) {
    const int16x8_t zero_points = vdupq_n_s16((int16_t)zero_point);
    const float32x4_t low = vdupq_n_f32((float)(-128 - zero_point));
    float rest[8] = {0};
    for (size_t i = 0; i < count; i += 8) {
        const float *source = values + i;
        if (count - i < 8) source = memcpy(rest, source, (count - i) * sizeof(float));
        const float32x4_t first = scaled_or_zero(vld1q_f32(source), inverse_scale, low);
        const float32x4_t second = scaled_or_zero(vld1q_f32(source + 4), inverse_scale, low);
        store_s8(output + i, vqmovn_s16(round_s16(first, second, zero_points)), count - i);
    }
}

void sedge_neon_dequantize(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output) {
    const int8x8_t zero = vdup_n_s8((int8_t)zero_point);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const int16x8_t difference = vsubl_s8(vld1_s8(values + i), zero);
        vst1q_f32(output + i, scaled(vget_low_s16(difference), scale));
        vst1q_f32(output + i + 4, scaled(vget_high_s16(difference), scale));
    }
    for (; i < count; i++) output[i] = scale * (float)(values[i] - zero_point);
}

void sedge_neon_gather(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output) {
    for (size_t i = 0; i < count; i++) memcpy(output + i * width, table + (size_t)indices[i] * width, width);
}

// Here both sides may be -128, and two such products leave int16: each is added up before the next.
void sedge_neon_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots) {
    for (size_t row = 0; row < count; row++, rows += width) {
        int32x4_t first = vdupq_n_s32(0), second = vdupq_n_s32(0);
        size_t i = 0;
        for (; i + 16 <= width; i += 16) {
            const int8x16_t left = vld1q_s8(query + i), right = vld1q_s8(rows + i);
            first = vpadalq_s16(first, vmull_s8(vget_low_s8(left), vget_low_s8(right)));
            second = vpadalq_s16(second, vmull_high_s8(left, right));
        }
        for (; i < width; i += 8)
            first = vpadalq_s16(first, vmull_s8(load_s8(query + i, width - i), load_s8(rows + i, width - i)));
        dots[row] = vaddvq_s32(vaddq_s32(first, second));
    }
}

#endif
