#include "cpeak.h"

extern const struct sedge_peak sedge_peak_scalar;
#if defined(__x86_64__)
extern const struct sedge_peak sedge_peak_avx2, sedge_peak_avxvnni, sedge_peak_avx512vnni;
#elif defined(__aarch64__)
extern const struct sedge_peak sedge_peak_neon, sedge_peak_neon_a72, sedge_peak_neondot, sedge_peak_neoni8mm;
#endif

static const struct sedge_peak *const peaks[] = {
    &sedge_peak_scalar,
#if defined(__x86_64__)
    &sedge_peak_avx2,
    &sedge_peak_avxvnni,
    &sedge_peak_avx512vnni,
#elif defined(__aarch64__)
    &sedge_peak_neon,
    &sedge_peak_neon_a72,
    &sedge_peak_neondot,
    &sedge_peak_neoni8mm,
#endif
};

const struct sedge_peak *sedge_peak_at(size_t index) {
    return index < sizeof peaks / sizeof peaks[0] ? peaks[index] : NULL;
}
