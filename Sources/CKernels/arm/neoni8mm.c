// NEON with the matrix multiplication of ARMv8.6 (Cortex-A510, A710, X1, Neoverse V1 and later): two rows of eight
// inputs times eight inputs of two outputs, 32 products an instruction.
//
// The tile is 8 x 8: four pairs of rows times four pairs of outputs. A single row goes as a pair of itself.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm.h"
#include "neon.h"

#define I8MM __attribute__((target("arch=armv8.2-a+dotprod+i8mm,tune=neoverse-v1")))

// Packed: (outputs / 8, tap, inputs / 8, 8, 8), filled up with zeros.
static size_t padded(size_t inputs) { return (inputs + 7) / 8 * 8; }

static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return (outputs + 7) / 8 * 8 * taps * padded(inputs);
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int8_t *next = packed;
    for (size_t first = 0; first < outputs; first += 8)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t group = 0; group < inputs; group += 8)
                for (size_t output = first; output < first + 8; output++)
                    for (size_t input = group; input < group + 8; input++)
                        *next++ = output < outputs && input < inputs
                                      ? weights[(output * inputs + input) * taps + tap]
                                      : 0;
}

// Eight inputs of two rows side by side.
SEDGE_INLINE int8x16_t side_by_side(int64x2_t pair) { return vreinterpretq_s8_s64(pair); }

// One pair of rows times four pairs of outputs, whose eight inputs stand at `weights`.
#define STEP(set, pair, values, weights)                                                                            \
    SEDGE_UNROLL for (size_t n = 0; n < 4; n++)                                                                     \
        sums[set][pair][n] = vmmlaq_s32(sums[set][pair][n], values, vld1q_s8((weights) + 16 * n))

// A tile of `rows` rows, a constant and 1 or even, and eight outputs. A lone pair's sums would wait for themselves:
// even and odd groups of eight inputs have sums of their own.
I8MM SEDGE_INLINE void tile(
    size_t rows, const struct sedge_convolution *layer, const struct panel *panel, const int8_t *weights,
    const int8_t *const *frames, int8_t *output) {
    const size_t pairs = (rows + 1) / 2, sets = pairs == 1 ? 2 : 1;
    int32x4_t sums[2][4][4];
    SEDGE_UNROLL for (size_t set = 0; set < sets; set++)
        SEDGE_UNROLL for (size_t p = 0; p < pairs; p++)
            SEDGE_UNROLL for (size_t n = 0; n < 4; n++) {
                const int32x2_t bias = set == 0 ? vld1_s32(panel->bias + 2 * n) : vdup_n_s32(0);
                sums[set][p][n] = vcombine_s32(bias, bias);
            }

    for (size_t tap = 0; tap < layer->taps; tap++) {
        const int8_t *frame[8];
        SEDGE_UNROLL for (size_t r = 0; r < 2 * pairs; r++)
            frame[r] = frames[(r < rows ? r : 0) * layer->taps + tap];
        size_t input = 0;
        for (; input + 16 <= layer->inputs; input += 16, weights += 128)
            SEDGE_UNROLL for (size_t p = 0; p < pairs; p++) {
                const int64x2_t first = vreinterpretq_s64_s8(vld1q_s8(frame[2 * p] + input));
                const int64x2_t second = vreinterpretq_s64_s8(vld1q_s8(frame[2 * p + 1] + input));
                STEP(0, p, side_by_side(vzip1q_s64(first, second)), weights);
                STEP(sets - 1, p, side_by_side(vzip2q_s64(first, second)), weights + 64);
            }
        for (; input < layer->inputs; input += 8, weights += 64)
            SEDGE_UNROLL for (size_t p = 0; p < pairs; p++) {
                const size_t left = layer->inputs - input;
                const int8x8_t first = load_s8(frame[2 * p] + input, left);
                STEP(0, p, vcombine_s8(first, load_s8(frame[2 * p + 1] + input, left)), weights);
            }
    }
    int32x4_t totals[8][2];
    SEDGE_UNROLL for (size_t p = 0; p < pairs; p++) {
        int64x2_t blocks[4];
        SEDGE_UNROLL for (size_t n = 0; n < 4; n++)
            blocks[n] = vreinterpretq_s64_s32(
                sets == 1 ? sums[0][p][n] : vaddq_s32(sums[0][p][n], sums[1][p][n]));
        SEDGE_UNROLL for (size_t half = 0; half < 2; half++) {
            const int64x2_t *two = blocks + 2 * half;
            totals[2 * p][half] = vreinterpretq_s32_s64(vzip1q_s64(two[0], two[1]));
            totals[2 * p + 1][half] = vreinterpretq_s32_s64(vzip2q_s64(two[0], two[1]));
        }
    }
    finish(panel, rows, totals, layer->outputs, output);
}

#define GEMM(rows)                                                                                                  \
    I8MM SEDGE_TILE void gemm_s8_##rows##x8__neoni8mm(                                                              \
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
        {8, gemm_s8_8x8__neoni8mm}, {4, gemm_s8_4x8__neoni8mm}, {2, gemm_s8_2x8__neoni8mm}, {1, gemm_s8_1x8__neoni8mm}};
    run_tiles(tiles, 8 * layer->taps * padded(layer->inputs), layer, rows, frames, output);
}

const struct sedge_kernels sedge_kernels_neoni8mm = {
    .name = "neoni8mm",
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
    .dot = sedge_neondot_dot,
};

#endif
