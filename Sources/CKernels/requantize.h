// From a 32-bit sum to an int8 activation: the one place where the kernels round. Part of the specification.
#pragma once

#include <stdint.h>
#include <string.h>

// A compiler that contracted a product and a sum into one operation would change bytes. clang obeys the pragma; gcc
// ignores it, so builds with gcc pass -ffp-contract=off. -ffast-math is never passed.
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// 1.5 * 2^23. A float32 of this size has no bits behind the point, so adding it rounds half to even (the only
// rounding mode we run in), and it leaves room for both signs. Exact for |x| <= 2^22. Unlike rintf it needs no
// SSE4.1 and no call.
static const float ROUNDER = 12582912.0f;

static inline float limit(float value, float low, float high) {
    const float raised = value > low ? value : low;
    return raised < high ? raised : high;
}

// Rounds to the nearest integer, half to even, then adds the zero point. `value` is limited before it is rounded,
// which gives what limiting after it would, since the limits are integers; it also bounds what ROUNDER sees.
static inline int8_t requantize(float value, int32_t zero_point, int32_t low, int32_t high) {
    const float limited = limit(value, (float)(low - zero_point), (float)(high - zero_point));
    // ROUNDER + n, n an integer, has the bits of ROUNDER plus n: the difference needs no conversion.
    const float shifted = limited + ROUNDER;
    int32_t bits, base;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&base, &ROUNDER, sizeof base);
    return (int8_t)(bits - base + zero_point);
}
