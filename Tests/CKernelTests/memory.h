// Buffers between guard pages: what a kernel reads or writes past them is a fault that the test survives and counts.
#pragma once

#include "ckernels.h"

#include <stdbool.h>
#include <stddef.h>

// Maps the memory and installs the handler; false with a line on stderr when the system refuses.
bool memory_begin(void);

// A run of memory with an inaccessible page on either side; buffers of a case take one each.
enum {
    ROOM = 1 << 20,
    FRAME_SLOTS = 6,
};
enum slot { PACKED, BIAS, MULTIPLIER, WEIGHTS, POINTERS, LEFT, RIGHT, OUTPUT, EXPECTED, FRAMES };

// Where a buffer lies in its run.
enum placement { AT_START, AT_END, BETWEEN, PLACEMENTS };

// A buffer of `size` bytes in a slot. AT_START and AT_END touch the guard page (AT_END as nearly as the alignment
// allows), BETWEEN begins `offset` alignments after the start.
void *place(unsigned slot, size_t size, size_t alignment, enum placement placement, size_t offset);

// Whether the bytes around the buffer that was placed last in this slot are as they were.
bool surroundings_are_intact(unsigned slot);

// Calls `body`; false when it touched a guard page.
bool survives(void (*body)(const struct sedge_kernels *, void *), const struct sedge_kernels *kernels, void *argument);
