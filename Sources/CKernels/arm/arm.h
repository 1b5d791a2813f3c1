// The NEON variants, and what decides between them.
#pragma once

#include "../include/ckernels.h"

extern const struct sedge_kernels sedge_kernels_neon;      // ARMv8.0, in-order cores
extern const struct sedge_kernels sedge_kernels_neon_a72;  // ARMv8.0, out-of-order cores
extern const struct sedge_kernels sedge_kernels_neondot;   // dot product of ARMv8.2
extern const struct sedge_kernels sedge_kernels_neoni8mm;  // matrix multiplication of ARMv8.6

// What the processor lacks to run a variant, or NULL.
const char *sedge_arm_lacks_dotprod(void);
const char *sedge_arm_lacks_i8mm(void);

// Whether the cores that this process runs on issue instructions in order.
bool sedge_arm_is_in_order(void);

// The decision alone. `cpuinfo` is the text of /proc/cpuinfo; `midr` is one core's MIDR_EL1, 0 if unknown, and counts
// when the text names no core. True only if every core is known to be in order: where there are others, long work
// runs on those.
bool sedge_arm_are_in_order(const char *cpuinfo, uint64_t midr);
