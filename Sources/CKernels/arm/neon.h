// What the NEON variants share. All of it is exact: it gives the bytes of scalar.c.
#pragma once

#include "../include/ckernels.h"

#include <arm_neon.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define SEDGE_INLINE static inline __attribute__((always_inline))
// A tile keeps its name in the assembly, where cross/mca looks for its inner loop.
#define SEDGE_TILE static __attribute__((noinline))
// In front of every loop over the rows or columns of a tile: only unrolled do its sums live in registers.
#ifdef __clang__
#define SEDGE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SEDGE_UNROLL _Pragma("GCC unroll 8")
#endif

// A load that stands where it is written: after the multiplications into `first` and `second` so far, before the next.
// Compilers put a load right before its use, where an in-order core waits for it, or join it with another, and such
// pairs take longer to start than two loads. `size`: of the register, "d" or "q"; `shift`: "" or that of the index.
// The last operand says that memory from `address` on is read.
#define SEDGE_LOAD(size, loaded, address, index, shift, first, second)                                              \
    __asm__("ldr %" size "0, [%3, %4" shift "]"                                                                     \
            : "+w"(loaded), "+w"(first), "+w"(second)                                                               \
            : "r"(address), "r"(index), "m"(*(const int8_t(*)[1 << 20])(address)))
// Keeps the multiplications of a step together: those into `first` and `second` stay behind the load.
#define SEDGE_AFTER(loaded, first, second) __asm__("" : "+w"(loaded), "+w"(first), "+w"(second))

// Whose inner loops are the same for every core: elementwise.c.
size_t sedge_neon_packed_depthwise_size(size_t channels, size_t taps);
void sedge_neon_pack_depthwise(size_t channels, size_t taps, const int8_t *weights, void *packed);
void sedge_neon_depthwise(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output);
void sedge_neon_add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output);
void sedge_neon_quantize(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output);
void sedge_neon_dequantize(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output);
void sedge_neon_gather(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output);
void sedge_neon_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots);
// With ARMv8.2's dot product: neondot.c.
void sedge_neondot_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots);

// The `count` bytes at `bytes`, 0...8, first one lowest, zeros above: never a byte past the end.
SEDGE_INLINE uint64_t load_bytes(const int8_t *bytes, size_t count) {
    if (count >= 4) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + count - 4, 4);
        return low | (uint64_t)high << (8 * count - 32);
    }
    if (count == 0) return 0;
    // First, middle and last: of fewer than three bytes some are the same.
    const uint8_t *few = (const uint8_t *)bytes;
    return few[0] | (uint64_t)few[count / 2] << (8 * (count / 2)) | (uint64_t)few[count - 1] << (8 * (count - 1));
}

SEDGE_INLINE int8x8_t load_s8(const int8_t *bytes, size_t count) {
    return count >= 8 ? vld1_s8(bytes) : vcreate_s8(load_bytes(bytes, count));
}

SEDGE_INLINE void store_s8(int8_t *output, int8x8_t values, size_t count) {
    if (count >= 8) {
        vst1_s8(output, values);
        return;
    }
    uint64_t bytes = vget_lane_u64(vreinterpret_u64_s8(values), 0);
    if (count & 4) {
        memcpy(output, &bytes, 4);
        output += 4;
        bytes >>= 32;
    }
    if (count & 2) {
        memcpy(output, &bytes, 2);
        output += 2;
        bytes >>= 16;
    }
    if (count & 1) *output = (int8_t)bytes;
}

// Rounds half to even, adds the zero point and saturates. The specification limits first and rounds then: the limits
// are integers, so the order does not matter. Saturating to int16 on the way loses nothing either, since a zero point
// can not bring what lies outside int16 back into int8. NaN becomes the zero point.
SEDGE_INLINE int16x8_t round_s16(float32x4_t first, float32x4_t second, int16x8_t zero_point) {
    const int16x4_t narrow = vqmovn_s32(vcvtnq_s32_f32(first));
    return vqaddq_s16(vqmovn_high_s32(narrow, vcvtnq_s32_f32(second)), zero_point);
}

// Eight outputs of a layer, which a tile computes together, or what is left of them at its end.
struct panel {
    size_t count;  // 1...8
    const int32_t *bias;
    const float *multiplier;
    int16x8_t zero_point;
    int8x8_t low;
    int32_t bias_copy[8];
    float multiplier_copy[8];
};

SEDGE_INLINE void begin_panel(struct panel *panel, const struct sedge_convolution *layer, size_t first) {
    const size_t left = layer->outputs - first;
    panel->count = left < 8 ? left : 8;
    panel->bias = layer->bias + first;
    panel->multiplier = layer->multiplier + first;
    panel->zero_point = vdupq_n_s16((int16_t)layer->zero_point);
    panel->low = vdup_n_s8((int8_t)layer->low);
    if (left >= 8) return;
    // A tile reads all eight: here that would be past the layer's arrays.
    memset(panel->bias_copy, 0, sizeof panel->bias_copy);
    memset(panel->multiplier_copy, 0, sizeof panel->multiplier_copy);
    panel->bias = memcpy(panel->bias_copy, panel->bias, left * sizeof(int32_t));
    panel->multiplier = memcpy(panel->multiplier_copy, panel->multiplier, left * sizeof(float));
}

// Requantizes the sums of `rows` rows, bias included, and writes them. `rows` is a constant, 1 or even. A sum times a
// finite multiplier is never NaN.
SEDGE_INLINE void finish(
    const struct panel *panel, size_t rows, int32x4_t (*sums)[2], size_t stride, int8_t *output) {
    const float32x4_t low = vld1q_f32(panel->multiplier), high = vld1q_f32(panel->multiplier + 4);
    const int16x8_t zero_point = panel->zero_point;
    const int8x16_t floor = vcombine_s8(panel->low, panel->low);
    int8x16_t pairs[4];
    SEDGE_UNROLL for (size_t r = 0; r < rows; r += 2) {
        int16x8_t values[2];
        SEDGE_UNROLL for (size_t i = 0; i < 2; i++) {
            int32x4_t *row = sums[r + i < rows ? r + i : r];
            values[i] = round_s16(
                vmulq_f32(vcvtq_f32_s32(row[0]), low), vmulq_f32(vcvtq_f32_s32(row[1]), high), zero_point);
        }
        pairs[r / 2] = vmaxq_s8(vqmovn_high_s16(vqmovn_s16(values[0]), values[1]), floor);
    }
    if (panel->count == 8) {
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++, output += stride)
            vst1_s8(output, r % 2 == 0 ? vget_low_s8(pairs[r / 2]) : vget_high_s8(pairs[r / 2]));
    } else {
        const size_t count = panel->count;
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++, output += stride)
            store_s8(output, r % 2 == 0 ? vget_low_s8(pairs[r / 2]) : vget_high_s8(pairs[r / 2]), count);
    }
}

// `count` tiles, one below the other: `rows` rows each times one panel. `weights` are the panel's, `output` is the
// first row's first output of the panel.
struct tile {
    size_t rows;
    void (*run)(
        const struct sedge_convolution *layer, const struct panel *panel, const void *weights, size_t count,
        const int8_t *const *frames, int8_t *output);
};

// Covers a layer with tiles, largest first; the last has one row. `panel_size`: packed bytes of a panel.
SEDGE_INLINE void run_tiles(
    const struct tile *tiles, size_t panel_size, const struct sedge_convolution *layer, size_t rows,
    const int8_t *const *frames, int8_t *output) {
    const size_t taps = layer->taps, outputs = layer->outputs;
    const char *weights = layer->packed;
    // Panels outside, rows inside: a panel's weights stay in the first cache.
    for (size_t first = 0; first < outputs; first += 8, weights += panel_size) {
        struct panel panel;
        begin_panel(&panel, layer, first);
        const struct tile *tile = tiles;
        for (size_t row = 0, count; row < rows; row += count * tile->rows) {
            while (tile->rows > rows - row) tile++;
            count = (rows - row) / tile->rows;
            tile->run(layer, &panel, weights, count, frames + row * taps, output + row * outputs + first);
        }
    }
}
