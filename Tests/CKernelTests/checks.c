#include "checks.h"

#include <stdio.h>

void count(struct checks *checks, bool passed, const char *text, const char *reason) {
    if (passed) {
        checks->passed++;
        return;
    }
    checks->failed++;
    if (!checks->silent && checks->failed <= 20)
        printf("failed: %s: %s: %s\n", checks->kernels->name, text, reason);
}

void *place_anywhere(struct checks *checks, unsigned slot, size_t size, size_t alignment) {
    const enum placement placement = (enum placement)random_below(&checks->random, PLACEMENTS);
    const size_t offset = random_below(&checks->random, 64);
    return place(slot, size, alignment, placement, offset);
}

int32_t random_zero_point(struct random *random) {
    static const int32_t common[] = {-128, -1, 0, 1, 127};
    const size_t kind = random_below(random, 8);
    return kind < 5 ? common[kind] : random_between(random, -128, 127);
}

void check(
    struct checks *checks, void (*body)(const struct sedge_kernels *, void *), struct outcome *outcome, size_t size,
    size_t alignment, const char *text) {
    uint8_t *expected = outcome->output = place_anywhere(checks, EXPECTED, size, alignment);
    // What is not written shows: the two buffers begin with different bytes.
    memset(expected, 0x55, size);
    if (!survives(body, &sedge_kernels_scalar, outcome)) {
        count(checks, false, text, "the specification touched memory outside its buffers");
        return;
    }
    for (size_t i = 0; i < size; i++) checks->digest = (checks->digest ^ expected[i]) * 0x100000001B3u;

    uint8_t *found = outcome->output = place_anywhere(checks, OUTPUT, size, alignment);
    memset(found, 0xAA, size);
    const char *reason = NULL;
    char difference[96];
    if (!survives(body, checks->kernels, outcome)) {
        reason = "touched memory outside its buffers";
    } else if (memcmp(found, expected, size) != 0) {
        size_t at = 0;
        while (found[at] == expected[at]) at++;
        snprintf(
            difference, sizeof difference, "byte %zu of %zu is %d, expected %d", at, size, (int8_t)found[at],
            (int8_t)expected[at]);
        reason = difference;
    } else {
        for (unsigned slot = 0; slot < FRAMES + FRAME_SLOTS && reason == NULL; slot++)
            if (!surroundings_are_intact(slot)) reason = "wrote outside its buffers";
    }
    count(checks, reason == NULL, text, reason);
}

void check_all(struct checks *checks) {
    check_convolutions(checks);
    check_elementwise(checks);
    check_lookups(checks);
}
