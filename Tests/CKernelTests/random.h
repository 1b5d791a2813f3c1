// Seeded random values that are the same on every processor: only integers and bit patterns, no libm.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// SplitMix64 (Steele, Lea, Flood, 2014).
struct random {
    uint64_t state;
};

static inline uint64_t random_bits(struct random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// 0..<bound; 0 when bound is 0.
static inline size_t random_below(struct random *random, size_t bound) {
    return bound == 0 ? 0 : (size_t)((random_bits(random) >> 32) * (uint64_t)bound >> 32);
}

static inline int32_t random_between(struct random *random, int32_t low, int32_t high) {
    return (int32_t)(low + (int64_t)random_below(random, (size_t)((int64_t)high - low + 1)));
}

static inline float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// A positive float32 whose binary exponent lies in low...high (normal: -126...127) and any digits.
static inline float random_float(struct random *random, int32_t low, int32_t high) {
    const uint32_t exponent = (uint32_t)(random_between(random, low, high) + 127);
    return float_of_bits(exponent << 23 | (uint32_t)(random_bits(random) >> 41));
}

// int8 values of one case: any, the ends only, one end only, or all the same. The last two make the largest sums.
static inline void random_bytes(struct random *random, size_t count, int32_t low, int8_t *values) {
    const size_t kind = random_below(random, 5);
    const int8_t end = (int8_t)(random_below(random, 2) == 0 ? low : 127);
    for (size_t i = 0; i < count; i++) switch (kind) {
        case 0: values[i] = end; break;
        case 1: values[i] = (int8_t)(random_below(random, 2) == 0 ? low : 127); break;
        default: values[i] = (int8_t)random_between(random, low, 127); break;
        }
}
