// Selection of the largest dot products: the same code for every variant, over whose `dot` it runs.

#include "ckernels.h"

enum { BLOCK = 64 };

size_t sedge_top_k(
    const struct sedge_kernels *kernels, size_t width, size_t count, const int8_t *query, const int8_t *rows, size_t k,
    size_t *indices, int32_t *dots) {
    size_t found = 0;
    for (size_t first = 0; first < count && k > 0; first += BLOCK) {
        int32_t block[BLOCK];
        const size_t length = count - first < BLOCK ? count - first : BLOCK;
        kernels->dot(width, length, query, rows + first * width, block);
        for (size_t i = 0; i < length; i++) {
            // Equal to the last one that is kept means later than it, so it stays out.
            if (found == k && block[i] <= dots[k - 1]) continue;
            size_t place = found < k ? found++ : k - 1;
            for (; place > 0 && dots[place - 1] < block[i]; place--) {
                dots[place] = dots[place - 1];
                indices[place] = indices[place - 1];
            }
            dots[place] = block[i];
            indices[place] = first + i;
        }
    }
    return found;
}
