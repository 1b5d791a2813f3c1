#define _GNU_SOURCE
#include "memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLOTS = FRAMES + FRAME_SLOTS, MARGIN = 128, CANARY = 0xA5 };

static struct {
    uint8_t *first;  // of ROOM bytes
    uint8_t *buffer;
    size_t size;
} slots[SLOTS];

static sigjmp_buf escape;

static void leave(int signal) { siglongjmp(escape, signal); }

bool memory_begin(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t stride = page + ROOM;  // ROOM is a multiple of every page size in use
    uint8_t *base = mmap(NULL, SLOTS * stride + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return perror("mmap"), false;
    for (size_t i = 0; i < SLOTS; i++) {
        slots[i].first = base + i * stride + page;
        if (mprotect(slots[i].first, ROOM, PROT_READ | PROT_WRITE) != 0) return perror("mprotect"), false;
        place((unsigned)i, 0, 1, AT_START, 0);
    }
    struct sigaction action = {.sa_handler = leave};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, NULL) != 0 || sigaction(SIGBUS, &action, NULL) != 0)
        return perror("sigaction"), false;
    return true;
}

// The part of a slot that the margin around its buffer covers.
static void margins(unsigned slot, uint8_t **low, uint8_t **high) {
    uint8_t *first = slots[slot].first, *buffer = slots[slot].buffer, *end = buffer + slots[slot].size;
    *low = buffer - first < MARGIN ? first : buffer - MARGIN;
    *high = first + ROOM - end < MARGIN ? first + ROOM : end + MARGIN;
}

void *place(unsigned slot, size_t size, size_t alignment, enum placement placement, size_t offset) {
    uint8_t *first = slots[slot].first;
    if (size + (offset + 1) * alignment > ROOM) {
        fprintf(stderr, "a case asks for %zu bytes, expected at most %d\n", size, ROOM);
        _exit(2);
    }
    switch (placement) {
    case AT_START: offset = 0; break;
    case AT_END: offset = (ROOM - size) / alignment; break;
    default: break;
    }
    slots[slot].buffer = first + offset * alignment;
    slots[slot].size = size;
    uint8_t *low, *high;
    margins(slot, &low, &high);
    memset(low, CANARY, (size_t)(high - low));
    return slots[slot].buffer;
}

bool surroundings_are_intact(unsigned slot) {
    uint8_t *low, *high, *buffer = slots[slot].buffer, *end = buffer + slots[slot].size;
    margins(slot, &low, &high);
    for (uint8_t *byte = low; byte < high; byte++)
        if ((byte < buffer || byte >= end) && *byte != CANARY) return false;
    return true;
}

bool survives(void (*body)(const struct sedge_kernels *, void *), const struct sedge_kernels *kernels, void *argument) {
    if (sigsetjmp(escape, 1) != 0) return false;
    body(kernels, argument);
    return true;
}
