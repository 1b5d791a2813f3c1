// What a compiler makes of the specification's inner loop, int32 += int16 * int16, for the processor that every build
// runs on; written with vectors so that it stays in registers.

#include "peak.h"

#include <stdint.h>

typedef int16_t narrow __attribute__((vector_size(16)));
typedef int32_t wide __attribute__((vector_size(32)));

// Four sums of 8 fill half of SSE2's registers; more would spill.
#define STEP(n) \
    __asm__ volatile("" : "+" REGISTER(value)); \
    sums[n % 4] += __builtin_convertvector(value, wide) * __builtin_convertvector(weight, wide);

static void run(size_t rounds) {
    narrow value = {1, 2, 3, 4, 5, 6, 7, 8}, weight = {8, 7, 6, 5, 4, 3, 2, 1};
    wide sums[4] = {{0}};
    __asm__ volatile("" : "+" REGISTER(weight));
    LOOP(STEP)
    __asm__ volatile("" : : "m"(sums));
}

const struct sedge_peak sedge_peak_scalar = {"scalar", "int32 += int16 * int16, as compiled", MACS(8), run};
