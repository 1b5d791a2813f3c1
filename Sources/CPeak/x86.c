// AVX2, AVX-VNNI and AVX512-VNNI. Assembly, so that nothing is folded, hoisted or put into memory.

#if defined(__x86_64__)

#include "peak.h"

#include <immintrin.h>

// Two instructions: products of int16 summed in pairs, and the sum.
#define PMADDWD(n) \
    __asm__ volatile( \
        "vpmaddwd %[b], %[a], %[t]\n\tvpaddd %[t], %[sum], %[sum]" \
        : [sum] "+x"(sums[n]), [t] "=&x"(product) \
        : [a] "x"(a), [b] "x"(b));

__attribute__((target("avx2"))) static void run_avx2(size_t rounds) {
    __m256i a = _mm256_set1_epi16(3), b = _mm256_set1_epi16(5), product, sums[SUMS];
    for (int n = 0; n < SUMS; n++) sums[n] = _mm256_setzero_si256();
    LOOP(PMADDWD)
    TWELVE(USE)
}

const struct sedge_peak sedge_peak_avx2 = {"avx2", "vpmaddwd + vpaddd, 256 bits", MACS(16), run_avx2};

#define VEX_VPDPBUSD(n) __asm__ volatile("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums[n]) : "x"(a), "x"(b));

__attribute__((target("avx2,avxvnni"))) static void run_avxvnni(size_t rounds) {
    __m256i a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5), sums[SUMS];
    for (int n = 0; n < SUMS; n++) sums[n] = _mm256_setzero_si256();
    LOOP(VEX_VPDPBUSD)
    TWELVE(USE)
}

const struct sedge_peak sedge_peak_avxvnni = {"avxvnni", "vpdpbusd, 256 bits", MACS(32), run_avxvnni};

#define VPDPBUSD(n) __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(sums[n]) : "v"(a), "v"(b));

__attribute__((target("avx512f,avx512vnni"))) static void run_avx512vnni(size_t rounds) {
    __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5), sums[SUMS];
    for (int n = 0; n < SUMS; n++) sums[n] = _mm512_setzero_si512();
    LOOP(VPDPBUSD)
    TWELVE(USE)
}

const struct sedge_peak sedge_peak_avx512vnni = {"avx512vnni", "vpdpbusd, 512 bits", MACS(64), run_avx512vnni};

#endif
