// NEON of ARMv8.0 for out-of-order cores (Cortex-A72 and its kin): pairs of bytes.
//
// Such a core multiplies in one unit and adds pairwise in another. Eight products of bytes go into int16 (smull), eight
// more on top (smlal), and a pairwise addition takes them to int32 (sadalp): three instructions for 16 products, and
// the multiplier, one instruction a cycle, is never idle. Sums of two products fit int16: a weight is never -128, so
// |sum| <= 2 * 127 * 128 = 32,512.
//
// The inputs run along the lanes, so a sum is spread over four of them until the end.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm.h"
#include "neon.h"

#define TUNED __attribute__((target("tune=cortex-a72")))

// Packed: (outputs / 8, tap, inputs / 16, 8, 16) and, of inputs that are left, (1 or 2, 8, 8), filled up with zeros.
static size_t padded(size_t inputs) { return (inputs + 7) / 8 * 8; }

static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return (outputs + 7) / 8 * 8 * taps * padded(inputs);
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int8_t *next = packed;
    for (size_t first = 0; first < outputs; first += 8)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t block = 0, size; block < inputs; block += size) {
                size = inputs - block >= 16 ? 16 : 8;
                for (size_t output = first; output < first + 8; output++)
                    for (size_t input = block; input < block + size; input++)
                        *next++ = output < outputs && input < inputs
                                      ? weights[(output * inputs + input) * taps + tap]
                                      : 0;
            }
}

// The sums of four outputs, each spread over four lanes.
SEDGE_INLINE int32x4_t gathered(const int32x4_t *sums) {
    return vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3]));
}

// A tile of `rows` rows and eight outputs; `rows` is a constant.
TUNED SEDGE_INLINE void tile(
    size_t rows, const struct sedge_convolution *layer, const struct panel *panel, const int8_t *weights,
    const int8_t *const *frames, int8_t *output) {
    int32x4_t sums[2][8];
    SEDGE_UNROLL for (size_t r = 0; r < rows; r++)
        SEDGE_UNROLL for (size_t n = 0; n < 8; n++) sums[r][n] = vdupq_n_s32(0);

    for (size_t tap = 0; tap < layer->taps; tap++) {
        const int8_t *frame[2];
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) frame[r] = frames[r * layer->taps + tap];
        size_t input = 0;
        for (; input + 16 <= layer->inputs; input += 16, weights += 128) {
            int8x16_t values[2];
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++) values[r] = vld1q_s8(frame[r] + input);
            SEDGE_UNROLL for (size_t n = 0; n < 8; n++) {
                const int8x16_t sixteen = vld1q_s8(weights + 16 * n);
                SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
                    const int16x8_t products = vmull_s8(vget_low_s8(sixteen), vget_low_s8(values[r]));
                    sums[r][n] = vpadalq_s16(sums[r][n], vmlal_high_s8(products, sixteen, values[r]));
                }
            }
        }
        for (; input < layer->inputs; input += 8, weights += 64)
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
                const int8x8_t values = load_s8(frame[r] + input, layer->inputs - input);
                SEDGE_UNROLL for (size_t n = 0; n < 8; n++)
                    sums[r][n] = vpadalq_s16(sums[r][n], vmull_s8(vld1_s8(weights + 8 * n), values));
            }
    }
    int32x4_t totals[2][2];
    SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
        totals[r][0] = vaddq_s32(gathered(sums[r]), vld1q_s32(panel->bias));
        totals[r][1] = vaddq_s32(gathered(sums[r] + 4), vld1q_s32(panel->bias + 4));
    }
    finish(panel, rows, totals, layer->outputs, output);
}

#define GEMM(rows)                                                                                                  \
    TUNED SEDGE_TILE void gemm_s8_##rows##x8__neon_a72(                                                             \
        const struct sedge_convolution *layer, const struct panel *panel, const void *weights, size_t count,        \
        const int8_t *const *frames, int8_t *output) {                                                              \
        const struct sedge_convolution own = *layer; /* which no store to the output can change */                  \
        for (; count > 0; count--, frames += rows * own.taps, output += rows * own.outputs)                         \
            tile(rows, &own, panel, weights, frames, output);                                                       \
    }
GEMM(2)
GEMM(1)

static void convolve(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    static const struct tile tiles[] = {{2, gemm_s8_2x8__neon_a72}, {1, gemm_s8_1x8__neon_a72}};
    run_tiles(tiles, 8 * layer->taps * padded(layer->inputs), layer, rows, frames, output);
}

const struct sedge_kernels sedge_kernels_neon_a72 = {
    .name = "neon-a72",
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
