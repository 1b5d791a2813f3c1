// The specification of the kernels, and the variant that runs everywhere.
//
// Everything is exact: integers do not round, and each float32 operation rounds once, in the order written.

#include "ckernels.h"
#include "requantize.h"

#include <string.h>

// Outputs that are computed together. 16 sums of 32 bits fill four vector registers of SSE2 or NEON, which a
// compiler vectorises without help.
enum { TILE = 16 };

// Packed: (tile, tap, input, TILE), widened to int16 and filled up with zero weights, so that the inner loop reads
// one run of memory and multiplies int16 by int16.
static size_t packed_size(size_t outputs, size_t inputs, size_t taps) {
    return (outputs + TILE - 1) / TILE * TILE * inputs * taps * sizeof(int16_t);
}

static void pack(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed) {
    int16_t *next = packed;
    for (size_t first = 0; first < outputs; first += TILE)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t input = 0; input < inputs; input++)
                for (size_t output = first; output < first + TILE; output++)
                    *next++ = output < outputs ? weights[(output * inputs + input) * taps + tap] : 0;
}

static void convolve(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    const size_t outputs = layer->outputs, inputs = layer->inputs, taps = layer->taps;
    for (size_t row = 0; row < rows; row++, frames += taps, output += outputs) {
        const int16_t *weights = layer->packed;
        for (size_t first = 0; first < outputs; first += TILE) {
            // |sum| < 2^31: a bundle whose weights and bias could leave int32 is refused when it is loaded.
            int32_t sums[TILE] = {0};
            for (size_t tap = 0; tap < taps; tap++) {
                const int8_t *frame = frames[tap];
                for (size_t input = 0; input < inputs; input++, weights += TILE) {
                    const int16_t value = frame[input];
                    for (size_t n = 0; n < TILE; n++) sums[n] += value * weights[n];
                }
            }
            const size_t count = outputs - first < TILE ? outputs - first : TILE;
            for (size_t n = 0; n < count; n++) {
                const float value = (float)(sums[n] + layer->bias[first + n]) * layer->multiplier[first + n];
                output[first + n] = requantize(value, layer->zero_point, layer->low, 127);
            }
        }
    }
}

// Packed: (tap, channel), widened to int16.
static size_t packed_depthwise_size(size_t channels, size_t taps) { return channels * taps * sizeof(int16_t); }

static void pack_depthwise(size_t channels, size_t taps, const int8_t *weights, void *packed) {
    int16_t *next = packed;
    for (size_t tap = 0; tap < taps; tap++)
        for (size_t channel = 0; channel < channels; channel++) *next++ = weights[channel * taps + tap];
}

static void depthwise(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    const size_t channels = layer->outputs, taps = layer->taps;
    const int16_t *weights = layer->packed;
    for (size_t row = 0; row < rows; row++, frames += taps, output += channels)
        for (size_t channel = 0; channel < channels; channel++) {
            int32_t sum = layer->bias[channel];
            for (size_t tap = 0; tap < taps; tap++) sum += frames[tap][channel] * weights[tap * channels + channel];
            output[channel] =
                requantize((float)sum * layer->multiplier[channel], layer->zero_point, layer->low, 127);
        }
}

static void add(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    // Read once: output might alias the struct as far as a compiler knows, and the loop would not vectorise.
    const struct sedge_addition a = *addition;
    for (size_t i = 0; i < count; i++) {
        const float first = (float)(left[i] - a.left_zero_point) * a.left_multiplier;
        const float second = (float)(right[i] - a.right_zero_point) * a.right_multiplier;
        output[i] = requantize(first + second, a.zero_point, a.low, 127);
    }
}

static void quantize(float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output) {
    for (size_t i = 0; i < count; i++) {
        const float value = values[i] == values[i] ? values[i] * inverse_scale : 0.0f;
        output[i] = requantize(value, zero_point, -128, 127);
    }
}

static void dequantize(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output) {
    for (size_t i = 0; i < count; i++) output[i] = scale * (float)(values[i] - zero_point);
}

static void gather(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output) {
    for (size_t i = 0; i < count; i++) memcpy(output + i * width, table + (size_t)indices[i] * width, width);
}

static void dot(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots) {
    for (size_t row = 0; row < count; row++, rows += width) {
        int32_t sum = 0;
        for (size_t i = 0; i < width; i++) sum += query[i] * rows[i];
        dots[row] = sum;
    }
}

const struct sedge_kernels sedge_kernels_scalar = {
    .name = "scalar",
    .packed_size = packed_size,
    .pack = pack,
    .convolve = convolve,
    .packed_depthwise_size = packed_depthwise_size,
    .pack_depthwise = pack_depthwise,
    .depthwise = depthwise,
    .add = add,
    .quantize = quantize,
    .dequantize = dequantize,
    .gather = gather,
    .dot = dot,
};
