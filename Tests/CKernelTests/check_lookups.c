// gather, dot, and the selection of the largest dots above it.

#include "checks.h"

#include <stdio.h>

struct lookup {
    struct outcome outcome;
    size_t width, count, k;
    const int32_t *indices;
    const int8_t *query, *rows;
};

static void gather(const struct sedge_kernels *kernels, void *argument) {
    struct lookup *l = argument;
    kernels->gather(l->width, l->count, l->indices, l->rows, l->outcome.output);
}

static void dot(const struct sedge_kernels *kernels, void *argument) {
    struct lookup *l = argument;
    kernels->dot(l->width, l->count, l->query, l->rows, l->outcome.output);
}

// (k) of what was found, its dots and its indices; unused places are 0.
struct places {
    int32_t dots[8];
    int32_t indices[8];
    int32_t found;
};

static void top_k(const struct sedge_kernels *kernels, void *argument) {
    struct lookup *l = argument;
    struct places *places = l->outcome.output;
    size_t indices[8] = {0};
    memset(places, 0, sizeof *places);
    places->found =
        (int32_t)sedge_top_k(kernels, l->width, l->count, l->query, l->rows, l->k, indices, places->dots);
    for (size_t i = 0; i < 8; i++) places->indices[i] = (int32_t)indices[i];
}

static int32_t plain_dot(const struct lookup *l, size_t row) {
    int32_t sum = 0;
    for (size_t i = 0; i < l->width; i++) sum += l->query[i] * l->rows[row * l->width + i];
    return sum;
}

// Whether each place holds the best row that no place before it holds, the earliest of equals: the definition itself,
// since all variants share one selection.
static bool is_selection(const struct lookup *l, const struct places *places) {
    bool taken[256] = {false};
    for (size_t place = 0; place < l->k && place < l->count; place++) {
        size_t best = l->count;
        for (size_t row = 0; row < l->count; row++)
            if (!taken[row] && (best == l->count || plain_dot(l, row) > plain_dot(l, best))) best = row;
        if ((size_t)places->indices[place] != best || places->dots[place] != plain_dot(l, best)) return false;
        taken[best] = true;
    }
    return (size_t)places->found == (l->k < l->count ? l->k : l->count);
}

static void check_selection(struct checks *checks, struct lookup *l, const char *text) {
    struct places places;
    l->outcome.output = &places;
    top_k(checks->kernels, l);
    count(checks, is_selection(l, &places), text, "the selection is not what its definition asks for");
}

static void check_gather(struct checks *checks, size_t width, size_t table_rows, size_t count) {
    struct random *random = &checks->random;
    struct lookup l = {.width = width, .count = table_rows == 0 ? 0 : count};
    int8_t *rows = place_anywhere(checks, LEFT, width * table_rows, 1);
    random_bytes(random, width * table_rows, -128, rows);
    int32_t *indices = place_anywhere(checks, POINTERS, l.count * sizeof *indices, sizeof *indices);
    for (size_t i = 0; i < l.count; i++) indices[i] = (int32_t)random_below(random, table_rows);
    l.rows = rows, l.indices = indices;

    char text[96];
    snprintf(text, sizeof text, "gather of %zu rows of %zu out of %zu", l.count, width, table_rows);
    check(checks, gather, &l.outcome, l.count * width, 1, text);
}

static void check_dot(struct checks *checks, size_t width, size_t count) {
    struct random *random = &checks->random;
    struct lookup l = {.width = width, .count = count};
    int8_t *query = place_anywhere(checks, RIGHT, width, 1), *rows = place_anywhere(checks, LEFT, width * count, 1);
    random_bytes(random, width, -128, query);
    random_bytes(random, width * count, -128, rows);
    l.query = query, l.rows = rows, l.k = random_below(random, 9);

    char text[96];
    snprintf(text, sizeof text, "dot of %zu rows of %zu", count, width);
    check(checks, dot, &l.outcome, count * sizeof(int32_t), sizeof(int32_t), text);
    snprintf(text, sizeof text, "top %zu of %zu rows of %zu", l.k, count, width);
    check(checks, top_k, &l.outcome, sizeof(struct places), sizeof(int32_t), text);
    check_selection(checks, &l, text);
}

void check_lookups(struct checks *checks) {
    struct random *random = &checks->random;
    for (size_t width = 0; width <= 140; width++) {
        const size_t table_rows = random_below(random, 9), count = random_below(random, 20);
        check_gather(checks, width, table_rows, count);
        check_dot(checks, width, count);
    }
    for (size_t count = 0; count <= 70; count++) check_dot(checks, 3, count);
    check_dot(checks, 64, 200);
    check_dot(checks, SEDGE_DOT_LIMIT - 1, 3);
    check_dot(checks, SEDGE_DOT_LIMIT, 2);
}
