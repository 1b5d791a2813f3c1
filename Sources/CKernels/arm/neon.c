// NEON of ARMv8.0 for in-order cores (Cortex-A53 and its kin): 16-bit lanes.
//
// Such a core starts one 128-bit multiplication a cycle. A product of four weights and one input (smlal by lane) goes
// straight into its int32 sums, and nothing is added up afterwards. The form of neon_a72.c needs three instructions
// for 16 products where this needs four, but on this core its pairwise additions wait for the same unit.
// What is not a multiplication costs a cycle, so the tile is high: eight rows share a load of eight weights, which are
// widened to int16 when they are packed.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm.h"
#include "neon.h"

#define TUNED __attribute__((target("tune=cortex-a53")))

// Packed: (outputs / 8, tap, input, 8), widened to int16 and filled up with zeros, and then as much as is loaded ahead.
enum { AHEAD = 4 };

static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return ((outputs + 7) / 8 * inputs * taps + AHEAD) * 8 * sizeof(int16_t);
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int16_t *next = packed;
    for (size_t first = 0; first < outputs; first += 8)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t input = 0; input < inputs; input++)
                for (size_t output = first; output < first + 8; output++)
                    *next++ = output < outputs ? weights[(output * inputs + input) * taps + tap] : 0;
    memset(next, 0, AHEAD * 8 * sizeof(int16_t));
}

// One input of every row, at place `lane` of `values`, times its eight weights; then the load of weights to come.
#define STEP(lane, reload)                                                                                          \
    do {                                                                                                            \
        const size_t set = (lane) % sets;                                                                           \
        int16x8_t *eight = &queue[(lane) % depth];                                                                  \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {                                                            \
            sums[set][r][0] = vmlal_laneq_s16(sums[set][r][0], vget_low_s16(*eight), values[r], lane);              \
            sums[set][r][1] = vmlal_high_laneq_s16(sums[set][r][1], *eight, values[r], lane);                       \
            if (reload) SEDGE_LOAD("d", values[r], frame[r] + 8, input, "", sums[set][r][0], sums[set][r][1]);      \
        }                                                                                                           \
        SEDGE_LOAD(                                                                                                 \
            "q", *eight, weights + 8 * (depth + (lane)), input, ", lsl #4", sums[set][rows - 1][0],                 \
            sums[set][rows - 1][1]);                                                                                \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++)                                                              \
            SEDGE_AFTER(*eight, sums[set][r][0], sums[set][r][1]);                                                  \
    } while (0)

// Eight inputs of every row, which stand as they were loaded in the lower half of `values`.
#define BLOCK(reload)                                                                                               \
    do {                                                                                                            \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++)                                                              \
            values[r] = vmovl_s8(vreinterpret_s8_s16(vget_low_s16(values[r])));                                     \
        STEP(0, false);                                                                                             \
        STEP(1, false);                                                                                             \
        STEP(2, false);                                                                                             \
        STEP(3, false);                                                                                             \
        STEP(4, false);                                                                                             \
        STEP(5, false);                                                                                             \
        STEP(6, false);                                                                                             \
        STEP(7, reload);                                                                                            \
    } while (0)

// A tile of `rows` rows and eight outputs; `rows` is a constant. With few rows a sum would wait for itself, and a
// multiplication for its weights: the inputs take turns among more sums, and weights are loaded further ahead.
TUNED SEDGE_INLINE void tile(
    size_t rows, const struct sedge_convolution *layer, const struct panel *panel, const int16_t *weights,
    const int8_t *const *frames, int8_t *output) {
    const size_t sets = rows > 2 ? 1 : 4 / rows, depth = rows > 2 ? 2 : 4;
    int32x4_t sums[4][8][2];
    SEDGE_UNROLL for (size_t set = 0; set < sets; set++)
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
            sums[set][r][0] = set == 0 ? vld1q_s32(panel->bias) : vdupq_n_s32(0);
            sums[set][r][1] = set == 0 ? vld1q_s32(panel->bias + 4) : vdupq_n_s32(0);
        }

    for (size_t tap = 0; tap < layer->taps; tap++) {
        const int8_t *frame[8];
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) frame[r] = frames[r * layer->taps + tap];
        int16x8_t queue[AHEAD];
        SEDGE_UNROLL for (size_t i = 0; i < depth; i++) queue[i] = vld1q_s16(weights + 8 * i);
        size_t input = 0;
        if (layer->inputs >= 8) {
            int16x8_t values[8];
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++)
                values[r] = vreinterpretq_s16_s8(vcombine_s8(vld1_s8(frame[r]), vdup_n_s8(0)));
            for (const size_t last = layer->inputs / 8 * 8 - 8; input != last; input += 8) BLOCK(true);
            BLOCK(false);
            input += 8;
        }
        for (weights += 8 * input; input < layer->inputs; input++, weights += 8) {
            const int16x8_t eight = vld1q_s16(weights);
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
                sums[0][r][0] = vmlal_n_s16(sums[0][r][0], vget_low_s16(eight), frame[r][input]);
                sums[0][r][1] = vmlal_high_n_s16(sums[0][r][1], eight, frame[r][input]);
            }
        }
    }
    SEDGE_UNROLL for (size_t set = 1; set < sets; set++)
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
            sums[0][r][0] = vaddq_s32(sums[0][r][0], sums[set][r][0]);
            sums[0][r][1] = vaddq_s32(sums[0][r][1], sums[set][r][1]);
        }
    finish(panel, rows, sums[0], layer->outputs, output);
}

#define GEMM(rows)                                                                                                  \
    TUNED SEDGE_TILE void gemm_s8_##rows##x8__neon(                                                                 \
        const struct sedge_convolution *layer, const struct panel *panel, const void *weights, size_t count,        \
        const int8_t *const *frames, int8_t *output) {                                                              \
        const struct sedge_convolution own = *layer; /* which no store to the output can change */                  \
        for (; count > 0; count--, frames += rows * own.taps, output += rows * own.outputs)                         \
            tile(rows, &own, panel, weights, frames, output);                                                       \
    }
GEMM(8)
GEMM(4)
GEMM(2)
GEMM(1)

static void convolve(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    static const struct tile tiles[] = {
        {8, gemm_s8_8x8__neon}, {4, gemm_s8_4x8__neon}, {2, gemm_s8_2x8__neon}, {1, gemm_s8_1x8__neon}};
    run_tiles(tiles, 8 * layer->taps * layer->inputs * sizeof(int16_t), layer, rows, frames, output);
}

const struct sedge_kernels sedge_kernels_neon = {
    .name = "neon",
    .packed_size = packed_size,
    .pack = pack,
    .convolve = convolve,
    .packed_depthwise_size = sedge_neon_packed_depthwise_size,
    .pack_depthwise = sedge_neon_pack_depthwise,
    .depthwise = sedge_neon_depthwise,
    .add = sedge_neon_add,
    .quantize = sedge_neon_quantize,
    .dequantize = sedge_neon_dequantize,
    .gather = sedge_neon_gather,
    .dot = sedge_neon_dot,
};

#endif
