// The packed matrix product of `convolve` in 256-bit registers, written once for AVX2 and AVX-VNNI. A variant defines
//
//   TARGET                 its target attribute
//   VARIANT(name)          name__variant
//   GROUP                  inputs that one 32-bit lane multiplies and adds at once
//   value, weight          what an input and a weight are while they are multiplied
//   OFFSET                 what a value is more than its input
//   stage_values(from, count, to)      inputs to values; writes whole registers
//   multiply_add(sums, values, weights)
//
// and gets packed_size, pack and convolve.
//
// Rows go in blocks of up to ROWS. The inputs of a block are staged: turned into values, all taps of a row one behind
// the other, in a buffer of a few kB that stays in the first-level cache while every tile of outputs passes over it.
// That repays itself with the second tile, and it is the one place where frames are read, so nothing else minds
// their ends. A tile holds the sums of its rows and outputs in registers: 12 of the 16 for 6 rows of 16 outputs.

#include "ymm.h"

#define INLINE static inline __attribute__((always_inline, TARGET))

enum {
    LANES = 8,
    TILE = 2 * LANES,  // outputs that lie together in packed memory
    ROWS = 6,
    STAGED = 2048 / sizeof(value),  // values of a row that fit into the buffer, a multiple of GROUP
};

// A block of rows on its way through a layer.
struct block {
    const struct sedge_convolution *layer;
    const int8_t *const *frames;  // (rows, taps)
    int8_t *output;               // (rows, outputs)
    size_t first;                 // of the row's values, the one that `staged` begins with
    // Whole registers are written, so a row may run over; the odd length keeps rows apart in the cache's sets.
    _Alignas(64) value staged[ROWS][STAGED + 64 / sizeof(value)];
};

static size_t groups(size_t inputs) { return (inputs + GROUP - 1) / GROUP; }

static size_t tiles(size_t outputs) { return (outputs + TILE - 1) / TILE; }

// Packed: (tile, TILE) int32, the correction for OFFSET, then weights (tile, tap, group, TILE, GROUP). Inputs are
// filled up to whole groups and outputs to whole tiles, with zeros.
static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return tiles(outputs) * TILE * (sizeof(int32_t) + groups(inputs) * GROUP * taps * sizeof(weight));
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int32_t *correction = packed;
    weight *next = (weight *)(correction + tiles(outputs) * TILE);
    memset(packed, 0, packed_size(outputs, inputs, taps));
    for (size_t output = 0; output < outputs; output++)
        for (size_t i = 0; i < inputs * taps; i++) correction[output] -= OFFSET * weights[output * inputs * taps + i];
    for (size_t first = 0; first < outputs; first += TILE)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t group = 0; group < groups(inputs); group++)
                for (size_t output = first; output < first + TILE; output++)
                    for (size_t input = group * GROUP; input < (group + 1) * GROUP; input++, next++)
                        if (output < outputs && input < inputs) *next = weights[(output * inputs + input) * taps + tap];
}

// Stages the values of each row from `first` on, as many as there is room for.
__attribute__((noinline, TARGET)) static void stage(struct block *block, size_t rows, size_t first) {
    const size_t inputs = block->layer->inputs, taps = block->layer->taps, padded = groups(inputs) * GROUP;
    const int8_t *const *frames = block->frames;
    block->first = first;
    if (first == 0 && padded * taps <= STAGED) {
        for (size_t row = 0; row < rows; row++) {
            value *to = block->staged[row];
            for (size_t tap = 0; tap < taps; tap++, to += padded) stage_values(*frames++, inputs, to);
        }
        return;
    }
    for (size_t row = 0; row < rows; row++, frames += taps) {
        size_t input = first % padded, used = 0;
        for (size_t tap = first / padded; tap < taps && used < STAGED; tap++) {
            const size_t count = inputs - input < STAGED - used ? inputs - input : STAGED - used;
            stage_values(frames[tap] + input, count, block->staged[row] + used);
            used += padded - input;
            input = 0;
        }
    }
}

// Sixteen outputs of a row from each pair of registers.
INLINE void store_tile(
    size_t rows, size_t vectors, __m256i sums[ROWS][8], const struct sedge_convolution *layer,
    const float *multiplier, int8_t *output, size_t stride) {
    const struct requantizer to = requantizer(layer->zero_point, layer->low);
    UNROLL for (size_t v = 0; v < vectors; v += 2) {
        const __m256 left = _mm256_loadu_ps(multiplier + v * LANES);
        const __m256 right = _mm256_loadu_ps(multiplier + v * LANES + LANES);
        UNROLL for (size_t row = 0; row < rows; row += 2) {
            const size_t next = row + 1 < rows ? row + 1 : row;
            const __m256i bytes = to_bytes(
                &to, to_words(&to, scaled(sums[row][v], left), scaled(sums[row][v + 1], right)),
                to_words(&to, scaled(sums[next][v], left), scaled(sums[next][v + 1], right)));
            _mm_storeu_si128((__m128i *)(output + row * stride + v * LANES), _mm256_castsi256_si128(bytes));
            if (next != row)
                _mm_storeu_si128((__m128i *)(output + next * stride + v * LANES), _mm256_extracti128_si256(bytes, 1));
        }
    }
}

// The outputs from `first` on that `vectors` registers hold, for all rows of a block.
INLINE void multiply_tile(
    size_t rows, size_t vectors, const struct sedge_convolution *layer, struct block *block, int8_t *output,
    size_t total, size_t first) {
    const size_t count = layer->outputs - first;
    const int32_t *correction = layer->packed, *bias = layer->bias + first;
    const weight *weights = (const weight *)(correction + tiles(layer->outputs) * TILE) + first * total;
    const float *multiplier = layer->multiplier + first;

    // The last outputs, where they fill no tile: parameters and results go through memory of full width.
    const bool is_last = vectors == 2 && count < TILE;
    int32_t last_bias[TILE];
    float last_multiplier[TILE];
    int8_t last_output[ROWS][TILE];
    if (is_last) {
        bias = memcpy(last_bias, bias, count * sizeof *bias);
        multiplier = memcpy(last_multiplier, multiplier, count * sizeof *multiplier);
    }

    __m256i sums[ROWS][8];
    UNROLL for (size_t v = 0; v < vectors; v++) {
        const __m256i start = _mm256_add_epi32(load_256(correction + first + v * LANES), load_256(bias + v * LANES));
        UNROLL for (size_t row = 0; row < rows; row++) sums[row][v] = start;
    }
    for (size_t done = 0;;) {
        if (__builtin_expect(block->first != done, false)) stage(block, rows, done);
        const size_t length = total - done < STAGED ? total - done : STAGED;
        for (size_t i = 0; i < length; i += GROUP) {
            __m256i w[8];
            UNROLL for (size_t v = 0; v < vectors; v++)
                w[v] = load_256(weights + v / 2 * TILE * total + i * TILE + v % 2 * LANES * GROUP);
            UNROLL for (size_t row = 0; row < rows; row++) {
                int32_t group;
                memcpy(&group, &block->staged[row][i], sizeof group);
                const __m256i x = _mm256_set1_epi32(group);
                UNROLL for (size_t v = 0; v < vectors; v++) sums[row][v] = multiply_add(sums[row][v], x, w[v]);
            }
        }
        done += length;
        weights += length * TILE;
        if (done >= total) break;
    }

    if (!is_last) {
        store_tile(rows, vectors, sums, layer, multiplier, output + first, layer->outputs);
        return;
    }
    store_tile(rows, vectors, sums, layer, multiplier, last_output[0], TILE);
    for (size_t row = 0; row < rows; row++)
        memcpy(output + row * layer->outputs + first, last_output[row], count);
}

INLINE void multiply(size_t rows, size_t vectors, struct block *block) {
    // Copies, which stores to the output can not change.
    const struct sedge_convolution layer = *block->layer;
    int8_t *output = block->output;
    const size_t total = groups(layer.inputs) * GROUP * layer.taps;
    size_t first = 0;
    if (vectors > 2)
        for (; first + vectors * LANES <= layer.outputs; first += vectors * LANES)
            multiply_tile(rows, vectors, &layer, block, output, total, first);
    for (; first < layer.outputs; first += TILE) multiply_tile(rows, 2, &layer, block, output, total, first);
}

// Fewer rows leave registers for more outputs, which keep the multipliers busy.
#define GEMM(rows, outputs)                                                                                     \
    __attribute__((noinline, TARGET)) static void VARIANT(gemm_s8_##rows##x##outputs)(struct block * block) {   \
        multiply(rows, outputs / LANES, block);                                                                 \
    }
GEMM(1, 64)
GEMM(2, 32)
GEMM(3, 16)
GEMM(4, 16)
GEMM(5, 16)
GEMM(6, 16)

__attribute__((TARGET)) static void convolve(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    static void (*const gemm[ROWS])(struct block *) = {
        VARIANT(gemm_s8_1x64), VARIANT(gemm_s8_2x32), VARIANT(gemm_s8_3x16),
        VARIANT(gemm_s8_4x16), VARIANT(gemm_s8_5x16), VARIANT(gemm_s8_6x16),
    };
    struct block block;
    block.layer = layer;
    while (rows > 0) {
        // The last two blocks share their rows evenly.
        const size_t now = rows >= 2 * ROWS ? ROWS : rows > ROWS ? (rows + 1) / 2 : rows;
        block.frames = frames;
        block.output = output;
        stage(&block, now, 0);
        gemm[now - 1](&block);
        rows -= now;
        frames += now * layer->taps;
        output += now * layer->outputs;
    }
}
