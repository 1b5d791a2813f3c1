// AVX512-VNNI. As AVX-VNNI, in registers of 512 bits: 64 products an instruction.
//
// A tile of 4 rows and 64 outputs takes half of the 32 registers. Inputs become unsigned on their way through a buffer
// of a kB: done to each broadcast group instead, that would take the multipliers' own ports on some cores, one turn in
// five. Where the multiplications keep half of the pipes busy, requantization fits into the other half if it stands
// between them. So the sums of a tile wait in memory until the next tile's multiplications are under way.

#if defined(__x86_64__)

#include "x86.h"

#include <immintrin.h>
#include <string.h>

#define AVX512 target("avx512f,avx512bw,avx512vnni")
#define INLINE static inline __attribute__((always_inline, AVX512))

enum {
    LANES = 16,
    GROUP = 4,           // inputs that one lane multiplies and adds at once
    NARROW = 2 * LANES,  // outputs of the last tile, if no more are left
    WIDE = 4 * LANES,    // outputs of every other tile
    ROWS = 4,
    STAGED = 256,        // inputs of a tap that are staged at once
    SEGMENT = 16,        // inputs between which a row that waits is requantized
};

static size_t round_up(size_t count, size_t unit) { return (count + unit - 1) / unit * unit; }

// Packed: (outputs) int32, the correction for inputs that are 128 too large, then weights (tile, tap, group, NARROW or
// WIDE, GROUP). Inputs are filled up to whole groups and outputs to a multiple of NARROW, with zeros.
static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return round_up(outputs, NARROW) * (sizeof(int32_t) + round_up(inputs, GROUP) * taps);
}

static size_t tile_width(size_t outputs, size_t first) { return outputs - first > NARROW ? WIDE : NARROW; }

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int32_t *correction = packed;
    int8_t *next = (int8_t *)(correction + round_up(outputs, NARROW));
    memset(packed, 0, packed_size(outputs, inputs, taps));
    for (size_t output = 0; output < outputs; output++)
        for (size_t i = 0; i < inputs * taps; i++) correction[output] -= 128 * weights[output * inputs * taps + i];
    for (size_t first = 0; first < outputs; first += tile_width(outputs, first))
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t group = 0; group < round_up(inputs, GROUP); group += GROUP)
                for (size_t output = first; output < first + tile_width(outputs, first); output++)
                    for (size_t input = group; input < group + GROUP; input++, next++)
                        if (output < outputs && input < inputs) *next = weights[(output * inputs + input) * taps + tap];
}

// Turns four registers of sums, or sums of values, into 64 outputs in order; see ymm.h for why this is exact.
struct requantizer {
    __m512 high;         // 127 - zero point
    __m512i zero_point;  // (32) int16
    __m512i low;         // (64) int8
};

INLINE struct requantizer requantizer(int32_t zero_point, int32_t low) {
    return (struct requantizer){
        .high = _mm512_set1_ps((float)(127 - zero_point)),
        .zero_point = _mm512_set1_epi16((int16_t)zero_point),
        .low = _mm512_set1_epi8((int8_t)low),
    };
}

INLINE __m512i to_words(const struct requantizer *to, __m512 left, __m512 right) {
    const __m512i first = _mm512_cvtps_epi32(_mm512_min_ps(to->high, left));
    const __m512i second = _mm512_cvtps_epi32(_mm512_min_ps(to->high, right));
    return _mm512_adds_epi16(_mm512_packs_epi32(first, second), to->zero_point);
}

INLINE __m512i to_bytes(const struct requantizer *to, __m512i left, __m512i right) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_max_epi8(_mm512_permutexvar_epi32(order, _mm512_packs_epi16(left, right)), to->low);
}

INLINE __m512 scaled(__m512i sums, __m512 multiplier) { return _mm512_mul_ps(_mm512_cvtepi32_ps(sums), multiplier); }

// A layer, seen from one tile of outputs.
struct tile {
    size_t inputs, taps;
    size_t stride;          // outputs of the layer
    const int8_t *weights;  // (tap, group, outputs of the tile, GROUP)
    __m512i start[4];       // bias and correction
    __m512 multiplier[4];
    struct requantizer to;
    __mmask64 outputs;  // that exist
    bool is_full;       // all of them do
};

INLINE void store_row(size_t vectors, const __m512i *sums, const struct tile *tile, int8_t *output) {
    const struct requantizer *to = &tile->to;
    const __m512 *multiplier = tile->multiplier;
    const __m512i left = to_words(to, scaled(sums[0], multiplier[0]), scaled(sums[1], multiplier[1]));
    const __m512i right =
        vectors == 2 ? left : to_words(to, scaled(sums[2], multiplier[2]), scaled(sums[3], multiplier[3]));
    const __m512i bytes = to_bytes(to, left, right);
    // A masked store of bytes is slow.
    if (!tile->is_full)
        _mm512_mask_storeu_epi8(output, tile->outputs, bytes);
    else if (vectors == 2)
        _mm256_storeu_si256((__m256i *)output, _mm512_castsi512_si256(bytes));
    else
        _mm512_storeu_si512(output, bytes);
}

// Sums of ROWS rows that wait to be requantized.
struct waiting {
    size_t row;  // the first that waits; ROWS when none does
    int8_t *output;
    _Alignas(64) int32_t sums[ROWS][WIDE];
};

INLINE void store_waiting_row(size_t vectors, struct waiting *waiting, const struct tile *tile) {
    if (waiting->row == ROWS) return;
    __m512i sums[4];
    UNROLL for (size_t v = 0; v < vectors; v++) sums[v] = _mm512_load_si512(&waiting->sums[waiting->row][v * LANES]);
    store_row(vectors, sums, tile, waiting->output + waiting->row++ * tile->stride);
}

// Inputs of one tap as the unsigned bytes that are multiplied: 128 more than they are.
struct staged {
    _Alignas(64) uint8_t values[ROWS][STAGED];
};

INLINE void stage_row(const int8_t *from, size_t count, uint8_t *to) {
    const __m512i offset = _mm512_set1_epi8(-128);
    size_t i = 0;
    for (; i + 64 <= count; i += 64) _mm512_store_si512(to + i, _mm512_xor_si512(offset, _mm512_loadu_si512(from + i)));
    if (i == count) return;
    // Nothing is read behind a frame, and the weights there are zeros.
    const __m512i last = _mm512_maskz_loadu_epi8((1ull << (count - i)) - 1, from + i);
    _mm512_store_si512(to + i, _mm512_xor_si512(offset, last));
}

// The group of inputs at `i` of each row times the weights.
INLINE void multiply_group(
    size_t rows, size_t vectors, __m512i sums[ROWS][4], const struct staged *staged, size_t i,
    const int8_t *weights) {
    __m512i w[4];
    UNROLL for (size_t v = 0; v < vectors; v++) w[v] = _mm512_loadu_si512(weights + v * LANES * GROUP);
    UNROLL for (size_t row = 0; row < rows; row++) {
        int32_t group;
        memcpy(&group, &staged->values[row][i], GROUP);
        const __m512i values = _mm512_set1_epi32(group);
        UNROLL for (size_t v = 0; v < vectors; v++) sums[row][v] = _mm512_dpbusd_epi32(sums[row][v], values, w[v]);
    }
}

INLINE void multiply_tile(
    size_t rows, size_t vectors, const struct tile *tile, struct waiting *waiting, const int8_t *const *frames,
    int8_t *output) {
    const size_t inputs = tile->inputs, group = GROUP * vectors * LANES;
    __m512i sums[ROWS][4];
    UNROLL for (size_t row = 0; row < rows; row++)
        UNROLL for (size_t v = 0; v < vectors; v++) sums[row][v] = tile->start[v];
    struct staged staged;
    const int8_t *weights = tile->weights;
    for (size_t tap = 0; tap < tile->taps; tap++)
        for (size_t first = 0; first < inputs; first += STAGED) {
            const size_t count = inputs - first < STAGED ? inputs - first : STAGED;
            UNROLL for (size_t row = 0; row < rows; row++)
                stage_row(frames[row * tile->taps + tap] + first, count, staged.values[row]);
            size_t i = 0;
            if (rows == ROWS)
                for (; i + SEGMENT <= count; store_waiting_row(vectors, waiting, tile))
                    NO_UNROLL for (const size_t end = i + SEGMENT; i < end; i += GROUP, weights += group)
                        multiply_group(rows, vectors, sums, &staged, i, weights);
            for (; i < count; i += GROUP, weights += group)
                multiply_group(rows, vectors, sums, &staged, i, weights);
        }

    if (rows < ROWS) {
        UNROLL for (size_t row = 0; row < rows; row++)
            store_row(vectors, sums[row], tile, output + row * tile->stride);
        return;
    }
    while (waiting->row < ROWS) store_waiting_row(vectors, waiting, tile);
    UNROLL for (size_t row = 0; row < rows; row++)
        UNROLL for (size_t v = 0; v < vectors; v++)
            _mm512_store_si512(&waiting->sums[row][v * LANES], sums[row][v]);
    waiting->row = 0;
    waiting->output = output;
}

INLINE struct tile begin_tile(size_t vectors, const struct sedge_convolution *layer, size_t first) {
    const size_t outputs = layer->outputs, count = outputs - first;
    const int32_t *correction = layer->packed;
    const int8_t *weights = (const int8_t *)(correction + round_up(outputs, NARROW));
    struct tile tile = {
        .inputs = layer->inputs,
        .taps = layer->taps,
        .stride = outputs,
        .weights = weights + first * round_up(layer->inputs, GROUP) * layer->taps,
        .to = requantizer(layer->zero_point, layer->low),
        .outputs = count >= WIDE ? ~0ull : (1ull << count) - 1,
        .is_full = count >= vectors * LANES,
    };
    UNROLL for (size_t v = 0; v < vectors; v++) {
        const size_t at = first + v * LANES;
        const __mmask16 exist = (__mmask16)(tile.outputs >> v * LANES);
        tile.start[v] = _mm512_add_epi32(
            _mm512_loadu_si512(correction + at), _mm512_maskz_loadu_epi32(exist, layer->bias + at));
        tile.multiplier[v] = _mm512_maskz_loadu_ps(exist, layer->multiplier + at);
    }
    return tile;
}

INLINE void multiply_blocks(
    size_t rows, size_t vectors, const struct sedge_convolution *layer, size_t first, size_t blocks,
    const int8_t *const *frames, int8_t *output) {
    const struct tile tile = begin_tile(vectors, layer, first);
    struct waiting waiting;
    waiting.row = ROWS;
    const size_t step = rows * tile.taps;
    for (; blocks > 0; blocks--, frames += step, output += rows * tile.stride) {
        // A step of many streams reads frames that lie far apart.
        if (blocks > 1)
            for (size_t i = step; i < 2 * step; i++) _mm_prefetch(frames[i], _MM_HINT_T0);
        multiply_tile(rows, vectors, &tile, &waiting, frames, output);
    }
    while (waiting.row < ROWS) store_waiting_row(vectors, &waiting, &tile);
}

typedef void gemm(
    const struct sedge_convolution *layer, size_t first, size_t blocks, const int8_t *const *frames, int8_t *output);

#define GEMM(rows, outputs)                                                                              \
    __attribute__((noinline, AVX512)) static void gemm_s8_##rows##x##outputs##__avx512vnni(                \
        const struct sedge_convolution *layer, size_t first, size_t blocks, const int8_t *const *frames, \
        int8_t *output) {                                                                                \
        multiply_blocks(rows, outputs / LANES, layer, first, blocks, frames, output);                    \
    }
GEMM(1, 32)
GEMM(2, 32)
GEMM(3, 32)
GEMM(4, 32)
GEMM(1, 64)
GEMM(2, 64)
GEMM(3, 64)
GEMM(4, 64)

static gemm *const narrow_gemm[ROWS] = {
    gemm_s8_1x32__avx512vnni, gemm_s8_2x32__avx512vnni, gemm_s8_3x32__avx512vnni, gemm_s8_4x32__avx512vnni};
static gemm *const wide_gemm[ROWS] = {
    gemm_s8_1x64__avx512vnni, gemm_s8_2x64__avx512vnni, gemm_s8_3x64__avx512vnni, gemm_s8_4x64__avx512vnni};

static void convolve(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    const size_t outputs = layer->outputs, blocks = rows / ROWS, left = rows % ROWS;
    for (size_t first = 0; first < outputs; first += tile_width(outputs, first)) {
        gemm *const *run = tile_width(outputs, first) == WIDE ? wide_gemm : narrow_gemm;
        if (blocks > 0) run[ROWS - 1](layer, first, blocks, frames, output + first);
        if (left > 0)
            run[left - 1](
                layer, first, 1, frames + blocks * ROWS * layer->taps, output + blocks * ROWS * outputs + first);
    }
}

// One side of an addition.
struct side {
    __m512i zero_point;
    __m512 multiplier;
};

INLINE __m512 terms(const struct side *side, const int8_t *values) {
    const __m512i wide = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)values));
    return scaled(_mm512_sub_epi32(wide, side->zero_point), side->multiplier);
}

INLINE __m512i add_32(
    const struct requantizer *to, const struct side *l, const struct side *r, const int8_t *left,
    const int8_t *right) {
    const __m512 first = _mm512_add_ps(terms(l, left), terms(r, right));
    return to_words(to, first, _mm512_add_ps(terms(l, left + 16), terms(r, right + 16)));
}

INLINE void add_64(
    const struct requantizer *to, const struct side *l, const struct side *r, const int8_t *left,
    const int8_t *right, int8_t *output) {
    const __m512i first = add_32(to, l, r, left, right), second = add_32(to, l, r, left + 32, right + 32);
    _mm512_storeu_si512(output, to_bytes(to, first, second));
}

__attribute__((AVX512)) static void add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    const struct requantizer to = requantizer(addition->zero_point, addition->low);
    const struct side l = {
        _mm512_set1_epi32(addition->left_zero_point), _mm512_set1_ps(addition->left_multiplier)};
    const struct side r = {
        _mm512_set1_epi32(addition->right_zero_point), _mm512_set1_ps(addition->right_multiplier)};
    size_t i = 0;
    for (; i + 64 <= count; i += 64) add_64(&to, &l, &r, left + i, right + i, output + i);
    if (i < count) {
        int8_t last[2][64] = {{0}};
        memcpy(last[0], left + i, count - i);
        memcpy(last[1], right + i, count - i);
        add_64(&to, &l, &r, last[0], last[1], last[0]);
        memcpy(output + i, last[0], count - i);
    }
}

const struct sedge_kernels sedge_kernels_avx512vnni = {
    .name = "avx512vnni",
    .packed_size = packed_size,
    .pack = pack,
    .convolve = convolve,
    .packed_depthwise_size = sedge_avx2_packed_depthwise_size,
    .pack_depthwise = sedge_avx2_pack_depthwise,
    .depthwise = sedge_avx2_depthwise,
    .add = add,
    .quantize = sedge_avx2_quantize,
    .dequantize = sedge_avx2_dequantize,
    .gather = sedge_x86_gather,
    .dot = sedge_avx2_dot,
};

#endif
