// int8 kernels of the encoder. scalar.c is the specification; every other variant gives the same bytes.
//
// Shapes stand in parentheses, slowest index first. Sizes may be 0. No kernel allocates, and none keeps state:
// one table and one packed layer may be used by many threads at once.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A convolution layer, ready to run. What the pointers point at is owned by the caller.
struct sedge_convolution {
    size_t outputs;
    size_t inputs;
    size_t taps;
    const void *packed;       // written by `pack` of the same table
    const int32_t *bias;      // (outputs), zero-point correction included
    const float *multiplier;  // (outputs), finite; (input scale * weight scale) / output scale
    int32_t zero_point;       // of the output, -128...127
    int32_t low;              // lowest output, -128...127; the zero point makes it a ReLU
};

// A residual addition: (left scale / output scale), (right scale / output scale) and the zero points.
struct sedge_addition {
    float left_multiplier;
    float right_multiplier;
    int32_t left_zero_point;
    int32_t right_zero_point;
    int32_t zero_point;  // of the output
    int32_t low;         // lowest output; the zero point makes it a ReLU
};

// The functions of one variant.
struct sedge_kernels {
    const char *name;

    // Bytes that `pack` writes. Sizes are those of a checked bundle: no overflow.
    size_t (*packed_size)(size_t outputs, size_t inputs, size_t taps);

    // Lays weights (outputs, inputs, taps), each -127...127, out for this variant; `packed` is aligned to 64.
    void (*pack)(size_t outputs, size_t inputs, size_t taps, const int8_t *weights, void *packed);

    // output (rows, outputs) = requantize(bias + sum over taps and inputs of frame * weight).
    // `frames` (rows, taps) points at frames of `inputs` values: a convolution reads where the frames lie, whether
    // in a window or in a ring, and nothing is copied first. Frames may be shared between rows and taps.
    void (*convolve)(
        const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output);

    // A depthwise convolution: one filter a channel. Weights are (channels, taps), each -127...127; the layer has
    // `outputs` channels and 1 input. Frames are as for `convolve`, of `outputs` values each.
    size_t (*packed_depthwise_size)(size_t channels, size_t taps);
    void (*pack_depthwise)(size_t channels, size_t taps, const int8_t *weights, void *packed);
    void (*depthwise)(
        const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output);

    // output (count) = requantize(left * left scale + right * right scale); output may be left or right.
    void (*add)(
        const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right,
        int8_t *output);

    // output (count) = clamp(round(value * inverse_scale) + zero_point); NaN becomes the zero point.
    void (*quantize)(float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output);

    // output (count) = scale * (value - zero_point).
    void (*dequantize)(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output);

    // output (count, width) = the rows of `table` (any number, width) that `indices` name, each checked by the caller.
    void (*gather)(size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output);

    // dots (count) = query (width) times each row of `rows` (count, width); width <= SEDGE_DOT_LIMIT.
    void (*dot)(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots);
};

// Widest vectors of `dot`: 128 * 128 * 2^16 stays below 2^31.
enum { SEDGE_DOT_LIMIT = 1 << 16 };

// The k rows of `rows` (count, width) with the largest dot products with `query` (width), largest first, the earlier
// row first among equals. `indices` and `dots` have room for k. Returns how many were found: min(k, count).
size_t sedge_top_k(
    const struct sedge_kernels *kernels, size_t width, size_t count, const int8_t *query, const int8_t *rows, size_t k,
    size_t *indices, int32_t *dots);

// One line about a selection that failed.
struct sedge_kernel_error {
    char text[192];
};

// The table called `name`, or for NULL and "auto" the one named by the environment's SEDGE_KERNEL, or else the best
// that this processor runs. NULL when the name is unknown or can not run here; `error` then lists what can.
const struct sedge_kernels *sedge_kernels_select(const char *name, struct sedge_kernel_error *error);

// What this processor runs, best first; NULL past the end.
const struct sedge_kernels *sedge_kernels_at(size_t index);

// What this build holds, best first, whether this processor runs it or not; NULL past the end. `lacks` becomes NULL,
// or what the processor lacks to run it.
const struct sedge_kernels *sedge_kernels_built(size_t index, const char **lacks);

// The specification; it runs everywhere.
extern const struct sedge_kernels sedge_kernels_scalar;

#ifdef __cplusplus
}
#endif
