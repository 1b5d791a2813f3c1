// NEON and its extensions. Assembly, so that nothing is folded, hoisted or put into memory.

#if defined(__aarch64__)

#include "peak.h"

#include <arm_neon.h>

#define RUN(name, STEP, extension) \
    extension static void name(size_t rounds) { \
        int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5), product; \
        int32x4_t sums[SUMS]; \
        for (int n = 0; n < SUMS; n++) sums[n] = vdupq_n_s32(0); \
        (void)product; \
        LOOP(STEP) \
        TWELVE(USE) \
    }

// One int16 lane times four weights. An indexed int16 lies in one of the first sixteen registers: constraint x.
#define SMLAL(n) __asm__ volatile("smlal %0.4s, %1.4h, %2.h[0]" : "+w"(sums[n]) : "w"(a), "x"(b));
RUN(run_lane, SMLAL, )
const struct sedge_peak sedge_peak_neon = {"neon", "smlal by lane, 64 bits", MACS(4), run_lane};

// Sixteen int8 products into eight int16 sums of two, which are then added in pairs.
#define SADALP(n) \
    __asm__ volatile( \
        "smull %[t].8h, %[a].8b, %[b].8b\n\tsmlal2 %[t].8h, %[a].16b, %[b].16b\n\tsadalp %[sum].4s, %[t].8h" \
        : [sum] "+w"(sums[n]), [t] "=&w"(product) \
        : [a] "w"(a), [b] "w"(b));
RUN(run_pairs, SADALP, )
const struct sedge_peak sedge_peak_neon_a72 = {"neon-a72", "smull + smlal2 + sadalp, 128 bits", MACS(16), run_pairs};

#define SDOT(n) __asm__ volatile("sdot %0.4s, %1.16b, %2.4b[0]" : "+w"(sums[n]) : "w"(a), "w"(b));
RUN(run_dot, SDOT, __attribute__((target("arch=armv8.2-a+dotprod"))))
const struct sedge_peak sedge_peak_neondot = {"neondot", "sdot by lane, 128 bits", MACS(16), run_dot};

#define SMMLA(n) __asm__ volatile("smmla %0.4s, %1.16b, %2.16b" : "+w"(sums[n]) : "w"(a), "w"(b));
RUN(run_matrix, SMMLA, __attribute__((target("arch=armv8.2-a+i8mm"))))
const struct sedge_peak sedge_peak_neoni8mm = {"neoni8mm", "smmla, 128 bits", MACS(32), run_matrix};

#endif
