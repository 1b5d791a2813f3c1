// What this processor can run; the compiler's run-time library asks cpuid, and xgetbv for the registers that the
// operating system keeps.

#if defined(__x86_64__)

#include "x86.h"

const char *sedge_x86_lacks_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? NULL : "AVX2";
}

const char *sedge_x86_lacks_avxvnni(void) {
    const char *lacks = sedge_x86_lacks_avx2();
    return lacks != NULL ? lacks : __builtin_cpu_supports("avxvnni") ? NULL : "AVX-VNNI";
}

const char *sedge_x86_lacks_avx512vnni(void) {
    const char *lacks = sedge_x86_lacks_avx2();
    if (lacks != NULL) return lacks;
    if (!__builtin_cpu_supports("avx512f")) return "AVX512F";
    if (!__builtin_cpu_supports("avx512bw")) return "AVX512BW";
    return __builtin_cpu_supports("avx512vnni") ? NULL : "AVX512-VNNI";
}

#endif
