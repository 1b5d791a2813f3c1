// What the loops share. A loop is `ROUND` after `ROUND` of twelve independent sums, which hides the latency of every
// multiplier so far and leaves registers for the operands; four rounds a turn make the turn's own cost small.
#pragma once

#include "cpeak.h"

#define SUMS 12
#define TWELVE(STEP) \
    STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)
#define LOOP(STEP) \
    for (size_t i = 0; i < rounds; i++) { TWELVE(STEP) TWELVE(STEP) TWELVE(STEP) TWELVE(STEP) }
#define MACS(per_step) (4 * SUMS * (per_step))

// The sums are used, and the operands unknown, as far as a compiler can see.
#define USE(n) __asm__ volatile("" : : REGISTER(sums[n]));

#if defined(__aarch64__)
#define REGISTER "w"
#else
#define REGISTER "x"
#endif
