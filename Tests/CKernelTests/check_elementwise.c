// add, quantize and dequantize: every count up to several vectors, then longer ones at random.

#include "checks.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

struct addition {
    struct outcome outcome;
    struct sedge_addition addition;
    size_t count;
    const int8_t *left, *right;
    enum { APART, IN_LEFT, IN_RIGHT } aliasing;
};

static void add(const struct sedge_kernels *kernels, void *argument) {
    struct addition *a = argument;
    int8_t *output = a->outcome.output;
    const int8_t *left = a->left, *right = a->right;
    if (a->aliasing == IN_LEFT) left = memcpy(output, left, a->count);
    if (a->aliasing == IN_RIGHT) right = memcpy(output, right, a->count);
    kernels->add(&a->addition, a->count, left, right, output);
}

static void check_addition(struct checks *checks, size_t count) {
    struct random *random = &checks->random;
    struct addition a = {.count = count};
    int8_t *left = place_anywhere(checks, LEFT, count, 1), *right = place_anywhere(checks, RIGHT, count, 1);
    random_bytes(random, count, -128, left);
    random_bytes(random, count, -128, right);
    a.left = left, a.right = right;
    // Scales are positive and mostly near 1. 1/2 and 1 make ties; sixths come so near to them that rounding the
    // products or not decides.
    const bool is_wild = random_below(random, 8) == 0;
    a.addition.left_multiplier = is_wild ? random_float(random, -126, 127) : random_float(random, -4, 1);
    a.addition.right_multiplier = is_wild ? random_float(random, -126, 127) : random_float(random, -4, 1);
    const size_t ties = random_below(random, 6);
    if (ties == 0) a.addition.left_multiplier = 0.5f, a.addition.right_multiplier = 1.0f;
    if (ties == 1) a.addition.left_multiplier = a.addition.right_multiplier = 1.0f / 6;
    a.addition.left_zero_point = random_zero_point(random);
    a.addition.right_zero_point = random_zero_point(random);
    a.addition.zero_point = random_zero_point(random);
    const size_t kind = random_below(random, 3);
    a.addition.low = kind == 0 ? -128 : kind == 1 ? a.addition.zero_point : random_between(random, -128, 127);
    const size_t aliasing = random_below(random, 3);
    a.aliasing = aliasing == 0 ? APART : aliasing == 1 ? IN_LEFT : IN_RIGHT;

    char text[128];
    snprintf(
        text, sizeof text, "add of %zu, zero points %d %d %d, low %d, aliasing %zu", count,
        (int)a.addition.left_zero_point, (int)a.addition.right_zero_point, (int)a.addition.zero_point,
        (int)a.addition.low, aliasing);
    check(checks, add, &a.outcome, count, 1, text);
}

struct quantization {
    struct outcome outcome;
    float scale;
    int32_t zero_point;
    size_t count;
    const void *values;
};

static void quantize(const struct sedge_kernels *kernels, void *argument) {
    struct quantization *q = argument;
    kernels->quantize(q->scale, q->zero_point, q->count, q->values, q->outcome.output);
}

static void dequantize(const struct sedge_kernels *kernels, void *argument) {
    struct quantization *q = argument;
    kernels->dequantize(q->scale, q->zero_point, q->count, q->values, q->outcome.output);
}

// What a sensor can send: values of the range, ties, and every kind of float32 there is.
static float random_value(struct random *random) {
    static const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, FLT_MAX, -FLT_MAX, FLT_MIN, 4194304.5f};
    const size_t kind = random_below(random, 8);
    if (kind == 0) return special[random_below(random, sizeof special / sizeof special[0])];
    if (kind == 1) return float_of_bits((uint32_t)(random_bits(random) >> 32));
    if (kind < 4) return (float)random_between(random, -300, 300) * 0.5f;
    return (float)random_between(random, -(1 << 24), 1 << 24) / 65536.0f;
}

static void check_quantization(struct checks *checks, size_t count) {
    struct random *random = &checks->random;
    struct quantization q = {.count = count};
    float *values = place_anywhere(checks, LEFT, count * sizeof *values, sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = random_value(random);
    q.values = values;
    const size_t kind = random_below(random, 4);
    q.scale = kind == 0 ? 1.0f : kind == 1 ? random_float(random, -126, 127) : random_float(random, -3, 3);
    q.zero_point = random_zero_point(random);

    char text[96];
    snprintf(text, sizeof text, "quantize of %zu by %a, zero point %d", count, (double)q.scale, (int)q.zero_point);
    check(checks, quantize, &q.outcome, count, 1, text);
}

static void check_dequantization(struct checks *checks, size_t count) {
    struct random *random = &checks->random;
    struct quantization q = {.count = count};
    int8_t *values = place_anywhere(checks, LEFT, count, 1);
    random_bytes(random, count, -128, values);
    q.values = values;
    // Any, and near the ends, where products become subnormal or infinite.
    const size_t kind = random_below(random, 4);
    q.scale = kind == 0   ? random_float(random, -126, -120)
              : kind == 1 ? random_float(random, 120, 127)
                          : random_float(random, -126, 127);
    q.zero_point = random_zero_point(random);
    if (kind == 2) q.scale = float_of_bits(3);  // subnormal

    char text[96];
    snprintf(text, sizeof text, "dequantize of %zu by %a, zero point %d", count, (double)q.scale, (int)q.zero_point);
    check(checks, dequantize, &q.outcome, count * sizeof(float), sizeof(float), text);
}

void check_elementwise(struct checks *checks) {
    for (size_t i = 0; i < 400; i++) {
        const size_t count = i <= 200 ? i : random_below(&checks->random, 1500);
        check_addition(checks, count);
        check_quantization(checks, count);
        check_dequantization(checks, count);
    }
}
