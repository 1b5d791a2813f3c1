// The most multiply-accumulates a second that this core can do: loops over registers, of the very instructions that
// the kernels multiply with. What a kernel reaches of them is how well it is fed.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sedge_peak {
    const char *kernels;       // the variant of the kernels that multiplies like this
    const char *instructions;  // for a reader
    size_t macs;               // multiply-accumulates of a round
    void (*run)(size_t rounds);
};

// Every loop that was built, whether or not this processor runs it: ask the kernels. NULL past the end.
const struct sedge_peak *sedge_peak_at(size_t index);

#ifdef __cplusplus
}
#endif
