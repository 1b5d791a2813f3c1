// NEON with the dot product of ARMv8.2 (Cortex-A55, A76, Neoverse N1 and later): four products a lane.
//
// An instruction (sdot by lane) takes four inputs of one row and four inputs of four outputs: 16 products, straight
// into int32 sums. The tile is 8 x 8, so that 16 loads serve 64 such instructions. Out-of-order cores run two a cycle,
// the in-order A55 one; for the latter each load of weights stands well before its use.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm.h"
#include "neon.h"

#define DOT __attribute__((target("arch=armv8.2-a+dotprod,tune=cortex-a55")))

// Packed: (outputs / 8, tap, inputs / 4, 8, 4), filled up with zeros, and then as much as is loaded ahead.
enum { GROUP = 4, STEP_SIZE = 8 * GROUP, AHEAD = 4 };

static size_t groups(size_t inputs) { return (inputs + GROUP - 1) / GROUP; }

static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return ((outputs + 7) / 8 * taps * groups(inputs) + AHEAD) * STEP_SIZE;
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int8_t *next = packed;
    for (size_t first = 0; first < outputs; first += 8)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t group = 0; group < groups(inputs) * GROUP; group += GROUP)
                for (size_t output = first; output < first + 8; output++)
                    for (size_t input = group; input < group + GROUP; input++)
                        *next++ = output < outputs && input < inputs
                                      ? weights[(output * inputs + input) * taps + tap]
                                      : 0;
    memset(next, 0, AHEAD * STEP_SIZE);
}

// Compilers would count eight pointers up instead of one index.
SEDGE_INLINE int8x16_t load_s8x16(const int8_t *address, size_t index) {
    int8x16_t loaded;
    __asm__("ldr %q0, [%1, %2]" : "=w"(loaded) : "r"(address), "r"(index), "m"(*(const int8_t(*)[1 << 20])address));
    return loaded;
}

// Four inputs of every row, at place `lane` of `values`, times those of the eight outputs; behind each half the load of
// weights to come.
#define STEP(lane)                                                                                                  \
    do {                                                                                                            \
        const size_t set = (lane) % sets;                                                                           \
        int8x16_t *low = &queue[(lane) % depth][0], *high = &queue[(lane) % depth][1];                              \
        const int8_t *next = weights + STEP_SIZE * (depth + (lane));                                                \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++)                                                              \
            sums[set][r][0] = vdotq_laneq_s32(sums[set][r][0], *low, values[r], lane);                              \
        SEDGE_LOAD("q", *low, next, at, "", sums[set][rows - 1][0], sums[set][0][1]);                               \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {                                                            \
            SEDGE_AFTER(*low, sums[set][r][0], sums[set][r][1]);                                                    \
            sums[set][r][1] = vdotq_laneq_s32(sums[set][r][1], *high, values[r], lane);                             \
        }                                                                                                           \
        SEDGE_LOAD("q", *high, next + 16, at, "", sums[set][rows - 1][1], sums[set][0][0]);                         \
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++)                                                              \
            SEDGE_AFTER(*high, sums[set][r][0], sums[set][r][1]);                                                   \
    } while (0)

// The first weights of those that steps load ahead.
#define LOAD_QUEUE(offset)                                                                                          \
    SEDGE_UNROLL for (size_t i = 0; i < depth; i++) {                                                               \
        queue[i][0] = vld1q_s8(weights + (offset) + STEP_SIZE * i);                                                 \
        queue[i][1] = vld1q_s8(weights + (offset) + STEP_SIZE * i + 16);                                            \
    }

// A tile of `rows` rows and eight outputs; `rows` is a constant. With few rows a sum would wait for itself, and a
// multiplication for its weights: the inputs take turns among more sums, and weights are loaded further ahead.
DOT SEDGE_INLINE void tile(
    size_t rows, const struct sedge_convolution *layer, const struct panel *panel, const int8_t *weights,
    const int8_t *const *frames, int8_t *output) {
    const size_t sets = rows > 2 ? 1 : 4 / rows, depth = rows > 2 ? 2 : 4;
    const size_t inputs = layer->inputs, whole = inputs / 16 * 16, taps = layer->taps;
    int32x4_t sums[4][8][2];
    SEDGE_UNROLL for (size_t set = 0; set < sets; set++)
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
            sums[set][r][0] = set == 0 ? vld1q_s32(panel->bias) : vdupq_n_s32(0);
            sums[set][r][1] = set == 0 ? vld1q_s32(panel->bias + 4) : vdupq_n_s32(0);
        }

    int8x16_t queue[AHEAD][2];
    LOAD_QUEUE(0);
    size_t at = 0;  // in the panel's weights
    for (size_t tap = 0; tap < taps; tap++, frames++) {
        const int8_t *frame[8];
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) frame[r] = frames[r * taps];
        size_t input = 0;
        for (; input != whole; input += 16, at += 128) {
            int8x16_t values[8];
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++) values[r] = load_s8x16(frame[r], input);
            STEP(0);
            STEP(1);
            STEP(2);
            STEP(3);
        }
        if (whole == inputs) continue;  // the queue holds the next tap's weights already
        for (; input < inputs; input += GROUP, at += STEP_SIZE) {
            const size_t count = inputs - input < GROUP ? inputs - input : GROUP;
            SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
                const int8x16_t four =
                    vreinterpretq_s8_u32(vdupq_n_u32((uint32_t)load_bytes(frame[r] + input, count)));
                sums[0][r][0] = vdotq_s32(sums[0][r][0], vld1q_s8(weights + at), four);
                sums[0][r][1] = vdotq_s32(sums[0][r][1], vld1q_s8(weights + at + 16), four);
            }
        }
        LOAD_QUEUE(at);
    }
    SEDGE_UNROLL for (size_t set = 1; set < sets; set++)
        SEDGE_UNROLL for (size_t r = 0; r < rows; r++) {
            sums[0][r][0] = vaddq_s32(sums[0][r][0], sums[set][r][0]);
            sums[0][r][1] = vaddq_s32(sums[0][r][1], sums[set][r][1]);
        }
    finish(panel, rows, sums[0], layer->outputs, output);
}

#define GEMM(rows)                                                                                                  \
    DOT SEDGE_TILE void gemm_s8_##rows##x8__neondot(                                                                \
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
        {8, gemm_s8_8x8__neondot}, {4, gemm_s8_4x8__neondot}, {2, gemm_s8_2x8__neondot}, {1, gemm_s8_1x8__neondot}};
    run_tiles(tiles, STEP_SIZE * layer->taps * groups(layer->inputs), layer, rows, frames, output);
}

// Four rows share each load of the query.
DOT void sedge_neondot_dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots) {
    size_t row = 0;
    for (; row + 4 <= count; row += 4, rows += 4 * width) {
        int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        size_t i = 0;
        for (; i + 16 <= width; i += 16) {
            const int8x16_t values = vld1q_s8(query + i);
            SEDGE_UNROLL for (size_t r = 0; r < 4; r++)
                sums[r] = vdotq_s32(sums[r], values, vld1q_s8(rows + r * width + i));
        }
        for (; i < width; i += 8) {
            const int8x16_t values = vcombine_s8(load_s8(query + i, width - i), vdup_n_s8(0));
            SEDGE_UNROLL for (size_t r = 0; r < 4; r++)
                sums[r] = vdotq_s32(
                    sums[r], values, vcombine_s8(load_s8(rows + r * width + i, width - i), vdup_n_s8(0)));
        }
        vst1q_s32(dots + row, vpaddq_s32(vpaddq_s32(sums[0], sums[1]), vpaddq_s32(sums[2], sums[3])));
    }
    if (row < count) sedge_neon_dot(width, count - row, query, rows, dots + row);
}

const struct sedge_kernels sedge_kernels_neondot = {
    .name = "neondot",
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
