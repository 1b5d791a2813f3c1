// usage: encoder-window VARIANT WINDOWS
//
// The encoder over windows, as WindowEncoder.swift and ForwardPass.swift of Sources/Inference run it, on the kernels
// alone, so that what is counted under emulation is the kernels and nothing else. The network has the shape of tcn64
// with six channels in a lane; its weights are random, which changes no instruction. Prints a digest of the
// embeddings: it is the same for every variant.

#include "ckernels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 512, INPUTS = 6, CHANNELS = 64, BLOCKS = 8, TAPS = 3, EMBEDDING = 64, TILE = 64, LARGEST = 64 * 64 * 3 };

static const struct sedge_kernels *kernels;

static uint64_t state = 1;

// 0 ... 2^32 - 1 (Steele's splitmix64).
static uint32_t random_bits(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

static void *checked(void *memory) {
    if (memory == NULL) exit((fprintf(stderr, "encoder-window: out of memory\n"), 1));
    return memory;
}

// Random weights, and scales that keep the activations from fading and from saturating.
static struct sedge_convolution layer(size_t outputs, size_t inputs, size_t taps, bool is_rectified) {
    static int8_t weights[LARGEST];
    for (size_t i = 0; i < outputs * inputs * taps; i++) weights[i] = (int8_t)(random_bits() % 255) - 127;
    const size_t size = kernels->packed_size(outputs, inputs, taps);
    void *packed = checked(aligned_alloc(64, (size + 63) / 64 * 64));
    kernels->pack(outputs, inputs, taps, weights, packed);
    int32_t *bias = checked(calloc(outputs, sizeof *bias));
    float *multiplier = checked(calloc(outputs, sizeof *multiplier));
    for (size_t i = 0; i < outputs; i++) {
        bias[i] = (int32_t)(random_bits() % 2001) - 1000;
        multiplier[i] = 0.2f / (float)(inputs * taps);
    }
    return (struct sedge_convolution){
        .outputs = outputs, .inputs = inputs, .taps = taps, .packed = packed, .bias = bias, .multiplier = multiplier,
        .zero_point = is_rectified ? -128 : 3, .low = -128};
}

static struct {
    struct sedge_convolution stem, dilated[BLOCKS], pointwise[BLOCKS], projection;
} network;

static float patches[STEPS * INPUTS], embeddings[STEPS * EMBEDDING];
static int8_t input[STEPS * INPUTS], x[STEPS * CHANNELS], u[TILE * CHANNELS], v[STEPS * CHANNELS];
static int8_t embedding[STEPS * EMBEDDING], past[CHANNELS];
static const int8_t *input_rows[STEPS], *x_rows[STEPS], *u_rows[TILE], *frames[BLOCKS][STEPS * TAPS];

static void point(void) {
    memset(past, -128, sizeof past);
    for (size_t row = 0; row < TILE; row++) u_rows[row] = u + row * CHANNELS;
    for (size_t step = 0; step < STEPS; step++) {
        input_rows[step] = input + step * INPUTS;
        x_rows[step] = x + step * CHANNELS;
        for (size_t block = 0; block < BLOCKS; block++)
            for (size_t tap = 0; tap < TAPS; tap++) {
                const size_t back = (TAPS - 1 - tap) << block;
                frames[block][step * TAPS + tap] = step < back ? past : x + (step - back) * CHANNELS;
            }
    }
}

static void run(void) {
    static const struct sedge_addition addition = {
        .left_multiplier = 0.6f, .right_multiplier = 0.5f, .left_zero_point = -128, .right_zero_point = 3,
        .zero_point = -128, .low = -128};
    kernels->quantize(32, 0, STEPS * INPUTS, patches, input);
    kernels->convolve(&network.stem, STEPS, input_rows, x);
    for (size_t block = 0; block < BLOCKS; block++) {
        for (size_t step = 0; step < STEPS; step += TILE) {
            kernels->convolve(&network.dilated[block], TILE, frames[block] + step * TAPS, u);
            kernels->convolve(&network.pointwise[block], TILE, u_rows, v + step * CHANNELS);
        }
        kernels->add(&addition, STEPS * CHANNELS, x, v, x);
    }
    kernels->convolve(&network.projection, STEPS, x_rows, embedding);
    kernels->dequantize(0.05f, 3, STEPS * EMBEDDING, embedding, embeddings);
}

int main(int count, char **arguments) {
    struct sedge_kernel_error error;
    if (count != 3 || (kernels = sedge_kernels_select(arguments[1], &error)) == NULL) {
        fprintf(stderr, "encoder-window: %s\n", count != 3 ? "expected a variant and a number of windows" : error.text);
        return 2;
    }
    network.stem = layer(CHANNELS, INPUTS, 1, true);
    for (size_t block = 0; block < BLOCKS; block++) {
        network.dilated[block] = layer(CHANNELS, CHANNELS, TAPS, true);
        network.pointwise[block] = layer(CHANNELS, CHANNELS, 1, false);
    }
    network.projection = layer(EMBEDDING, CHANNELS, 1, false);
    for (size_t i = 0; i < STEPS * INPUTS; i++) patches[i] = (float)(random_bits() % 8001) / 1000 - 4;
    point();
    for (long windows = strtol(arguments[2], NULL, 10); windows > 0; windows--) run();
    uint64_t digest = 0xCBF29CE484222325u;
    for (size_t i = 0; i < STEPS * EMBEDDING; i++) digest = (digest ^ (uint8_t)embedding[i]) * 0x100000001B3u;
    printf("digest %016" PRIx64 "\n", digest);
    return 0;
}
