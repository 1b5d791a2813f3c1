// The checks of one variant against the specification, case by case.
#pragma once

#include "memory.h"
#include "random.h"

struct checks {
    const struct sedge_kernels *kernels;
    struct random random;
    size_t passed;
    size_t failed;
    bool silent;      // failures are counted and not printed
    uint64_t digest;  // FNV-1a over every byte that the specification gave
};

// Runs `body` with the specification and with the variant, and compares the `size` bytes that each left behind. The
// argument's type begins with a `struct outcome`. `text` says which case it is.
struct outcome {
    void *output;  // where the next run writes
};
void check(
    struct checks *checks, void (*body)(const struct sedge_kernels *, void *), struct outcome *outcome, size_t size,
    size_t alignment, const char *text);

// Counts one case.
void count(struct checks *checks, bool passed, const char *text, const char *reason);

// A buffer anywhere in its slot.
void *place_anywhere(struct checks *checks, unsigned slot, size_t size, size_t alignment);

// Zero points: the ends, zero and any.
int32_t random_zero_point(struct random *random);

void check_convolutions(struct checks *checks);
void check_elementwise(struct checks *checks);
void check_lookups(struct checks *checks);

// All of the above.
void check_all(struct checks *checks);

// The choice between the two forms of ARMv8.0; nothing on other processors.
void check_cores(struct checks *checks);

// Runs tables with a planted fault each; false when one passes the checks.
bool planted_faults_are_caught(uint64_t seed);
