// Wrong kernels, to see that the checks catch them: each differs from the specification in one rare place.

#include "checks.h"

#include <stdio.h>

#define SPECIFICATION (&sedge_kernels_scalar)

static void last_output_is_off_by_one(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    SPECIFICATION->convolve(layer, rows, frames, output);
    if (rows == 7 && layer->outputs > 0) output[rows * layer->outputs - 1] ^= 1;
}

static void reads_past_a_frame(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    SPECIFICATION->convolve(layer, rows, frames, output);
    if (rows > 0 && layer->taps > 0) (void)*(const volatile int8_t *)(frames[0] + layer->inputs);
}

static void reads_before_the_frames(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    SPECIFICATION->convolve(layer, rows, frames, output);
    (void)*(const int8_t *const volatile *)(frames - 1);
}

static void writes_past_the_output(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    SPECIFICATION->depthwise(layer, rows, frames, output);
    if (rows > 0) *(volatile int8_t *)(output + rows * layer->outputs) = 0;
}

static void ignores_the_low_limit(
    const struct sedge_convolution *layer, size_t rows, const int8_t *const *frames, int8_t *output) {
    struct sedge_convolution changed = *layer;
    changed.low = -128;
    SPECIFICATION->depthwise(&changed, rows, frames, output);
}

static void forgets_the_tail(
    const struct sedge_addition *addition, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    SPECIFICATION->add(addition, count - count % 8, left, right, output);
}

static void contracts_the_sum(
    const struct sedge_addition *a, size_t count, const int8_t *left, const int8_t *right, int8_t *output) {
    SPECIFICATION->add(a, count, left, right, output);
    // What a fused multiply-add would give in float32, by way of an exact product in double.
    for (size_t i = 0; i < count && output != left && output != right; i++) {
        const float second = (float)(right[i] - a->right_zero_point) * a->right_multiplier;
        const double first = (double)(left[i] - a->left_zero_point) * (double)a->left_multiplier;
        const float sum[1] = {(float)(first + (double)second)};
        SPECIFICATION->quantize(1.0f, a->zero_point, 1, sum, &output[i]);
        if (output[i] < a->low) output[i] = (int8_t)a->low;
    }
}

static void rounds_half_away(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output) {
    SPECIFICATION->quantize(inverse_scale, zero_point, count, values, output);
    for (size_t i = 0; i < count; i++)
        if (values[i] * inverse_scale == 2.5f && zero_point < 124) output[i] = (int8_t)(3 + zero_point);
}

static void takes_nan_for_the_low_end(
    float inverse_scale, int32_t zero_point, size_t count, const float *values, int8_t *output) {
    SPECIFICATION->quantize(inverse_scale, zero_point, count, values, output);
    for (size_t i = 0; i < count; i++)
        if (values[i] != values[i]) output[i] = -128;
}

static void flushes_subnormals(float scale, int32_t zero_point, size_t count, const int8_t *values, float *output) {
    SPECIFICATION->dequantize(scale, zero_point, count, values, output);
    for (size_t i = 0; i < count; i++)
        if (output[i] != 0 && output[i] < 1.17549435e-38f && output[i] > -1.17549435e-38f) output[i] = 0;
}

static void repeats_a_row(
    size_t width, size_t count, const int32_t *indices, const int8_t *table, int8_t *output) {
    SPECIFICATION->gather(width, count, indices, table, output);
    if (count > 1) memcpy(output + (count - 1) * width, output, width);
}

static void saturates_in_16_bits(size_t width, size_t count, const int8_t *query, const int8_t *rows, int32_t *dots) {
    SPECIFICATION->dot(width, count, query, rows, dots);
    for (size_t row = 0; row < count; row++)
        if (width == 3 && dots[row] > INT16_MAX) dots[row] = INT16_MAX;
}

bool planted_faults_are_caught(uint64_t seed) {
    struct sedge_kernels tables[12];
    size_t planted = 0, caught = 0;
#define PLANT(field, fault)                                                        \
    tables[planted] = sedge_kernels_scalar, tables[planted].name = "fault: " #fault, \
    tables[planted++].field = fault
    PLANT(convolve, last_output_is_off_by_one);
    PLANT(convolve, reads_past_a_frame);
    PLANT(convolve, reads_before_the_frames);
    PLANT(depthwise, writes_past_the_output);
    PLANT(depthwise, ignores_the_low_limit);
    PLANT(add, forgets_the_tail);
    PLANT(add, contracts_the_sum);
    PLANT(quantize, rounds_half_away);
    PLANT(quantize, takes_nan_for_the_low_end);
    PLANT(dequantize, flushes_subnormals);
    PLANT(gather, repeats_a_row);
    PLANT(dot, saturates_in_16_bits);
#undef PLANT
    for (size_t i = 0; i < planted; i++) {
        struct checks checks = {.kernels = &tables[i], .random = {seed}, .silent = true};
        check_all(&checks);
        printf("%s: %s: %zu of %zu cases\n", checks.failed > 0 ? "caught" : "MISSED", tables[i].name, checks.failed,
               checks.failed + checks.passed);
        caught += checks.failed > 0;
    }
    return caught == planted;
}
