// convolve and depthwise: sizes swept one at a time through every remainder of a tile, then at random.

#include "checks.h"

#include <stdio.h>

struct convolution {
    struct outcome outcome;
    struct sedge_convolution layer;
    size_t rows;
    const int8_t *weights;
    const int8_t *const *frames;
    enum placement packed;
};

static void convolve(const struct sedge_kernels *kernels, void *argument) {
    struct convolution *c = argument;
    const size_t outputs = c->layer.outputs, inputs = c->layer.inputs, taps = c->layer.taps;
    void *packed = place(PACKED, kernels->packed_size(outputs, inputs, taps), 64, c->packed, 1);
    kernels->pack(outputs, inputs, taps, c->weights, packed);
    c->layer.packed = packed;
    kernels->convolve(&c->layer, c->rows, c->frames, c->outcome.output);
}

static void depthwise(const struct sedge_kernels *kernels, void *argument) {
    struct convolution *c = argument;
    const size_t channels = c->layer.outputs, taps = c->layer.taps;
    void *packed = place(PACKED, kernels->packed_depthwise_size(channels, taps), 64, c->packed, 1);
    kernels->pack_depthwise(channels, taps, c->weights, packed);
    c->layer.packed = packed;
    kernels->depthwise(&c->layer, c->rows, c->frames, c->outcome.output);
}

// (rows, taps) frames of `size` values: each lies in one of a few runs of memory, so rows and taps share them.
static const int8_t *const *random_frames(struct checks *checks, size_t size, size_t rows, size_t taps) {
    const int8_t *frames[FRAME_SLOTS];
    for (unsigned i = 0; i < FRAME_SLOTS; i++) {
        int8_t *frame = place_anywhere(checks, FRAMES + i, size, 1);
        random_bytes(&checks->random, size, -128, frame);
        frames[i] = frame;
    }
    const int8_t **pointers = place_anywhere(checks, POINTERS, rows * taps * sizeof *pointers, sizeof *pointers);
    for (size_t i = 0; i < rows * taps; i++) pointers[i] = frames[random_below(&checks->random, FRAME_SLOTS)];
    return pointers;
}

// Any finite factor; mostly one that spreads sums of `terms` products over the range of the output.
static float random_multiplier(struct random *random, size_t terms) {
    switch (random_below(random, 12)) {
    case 0: return random_float(random, -126, 127);
    case 1: return -random_float(random, -126, 127);
    case 2: return float_of_bits(1);  // the smallest subnormal
    case 3: return 0.0f;
    case 4: return 0.5f;  // every odd sum is a tie
    case 5: return 1.0f / 64;
    default: {
        int32_t scale = -8;
        for (; terms > 1; terms /= 2) scale--;
        return random_float(random, scale, scale + 4);
    }
    }
}

static void check_one(
    struct checks *checks, bool is_depthwise, size_t outputs, size_t inputs, size_t taps, size_t rows) {
    struct random *random = &checks->random;
    const size_t terms = inputs * taps;
    struct convolution c = {.rows = rows, .packed = random_below(random, 2) == 0 ? AT_START : AT_END};

    int8_t *weights = place_anywhere(checks, WEIGHTS, outputs * terms, 1);
    random_bytes(random, outputs * terms, -127, weights);
    c.weights = weights;

    int32_t *bias = place_anywhere(checks, BIAS, outputs * sizeof *bias, sizeof *bias);
    float *multiplier = place_anywhere(checks, MULTIPLIER, outputs * sizeof *multiplier, sizeof *multiplier);
    // |bias + sum| < 2^31, as a checked bundle promises.
    const int32_t most = (int32_t)(INT32_MAX - 127 * 128 * (int64_t)terms);
    const int32_t usual = (int32_t)(128 * 16 * (terms + 1) < (size_t)most ? 128 * 16 * (terms + 1) : (size_t)most);
    for (size_t i = 0; i < outputs; i++) {
        const size_t kind = random_below(random, 8);
        const int32_t limit = kind == 0 ? most : usual;
        bias[i] = kind == 1 ? most : kind == 2 ? -most : random_between(random, -limit, limit);
        multiplier[i] = random_multiplier(random, terms);
    }
    c.frames = random_frames(checks, is_depthwise ? outputs : inputs, rows, taps);
    c.layer = (struct sedge_convolution){
        .outputs = outputs, .inputs = inputs, .taps = taps, .bias = bias, .multiplier = multiplier};
    c.layer.zero_point = random_zero_point(random);
    static const int32_t any = 1000;
    const int32_t lows[] = {-128, c.layer.zero_point, any};
    c.layer.low = lows[random_below(random, 3)];
    if (c.layer.low == any) c.layer.low = random_between(random, -128, 127);

    char text[128];
    snprintf(
        text, sizeof text, "%s of %zu outputs, %zu inputs, %zu taps, %zu rows, zero point %d, low %d",
        is_depthwise ? "depthwise" : "convolve", outputs, inputs, taps, rows, (int)c.layer.zero_point,
        (int)c.layer.low);
    check(checks, is_depthwise ? depthwise : convolve, &c.outcome, rows * outputs, 1, text);
}

void check_convolutions(struct checks *checks) {
    struct random *random = &checks->random;
    // No tile of any variant is wider than 64 outputs or holds more than 13 rows.
    for (size_t rows = 0; rows <= 26; rows++) check_one(checks, false, 17, 9, 2, rows);
    for (size_t rows = 0; rows <= 26; rows++) check_one(checks, false, 64, 64, 1, rows);
    for (size_t outputs = 0; outputs <= 130; outputs++) check_one(checks, false, outputs, 5, 2, 1 + outputs % 7);
    for (size_t inputs = 0; inputs <= 130; inputs++) check_one(checks, false, 18, inputs, 1 + inputs % 3, 1 + inputs % 7);
    for (size_t taps = 0; taps <= 9; taps++) check_one(checks, false, 33, 3, taps, 7);
    // Longer than any buffer that a kernel keeps on its stack.
    for (size_t inputs = 1000; inputs <= 6000; inputs += 1237) check_one(checks, false, 5, inputs, 1, 8);
    check_one(checks, false, 19, 700, 5, 7);
    check_one(checks, false, 16, 1, 3000, 3);
    check_one(checks, false, 64, 64, 3, 65);
    for (size_t i = 0; i < 200; i++) {
        const size_t outputs = random_below(random, 100), inputs = random_below(random, 80);
        const size_t taps = 1 + random_below(random, 4), rows = random_below(random, 16);
        check_one(checks, false, outputs, inputs, taps, rows);
    }

    for (size_t channels = 0; channels <= 130; channels++) check_one(checks, true, channels, 1, 3, 1 + channels % 3);
    for (size_t taps = 0; taps <= 9; taps++) check_one(checks, true, 37, 1, taps, 3);
    check_one(checks, true, 9, 1, 4000, 2);
    for (size_t i = 0; i < 100; i++) {
        const size_t channels = random_below(random, 200), taps = 1 + random_below(random, 6);
        const size_t rows = random_below(random, 6);
        check_one(checks, true, channels, 1, taps, rows);
    }
}
