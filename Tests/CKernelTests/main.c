// usage: kernel-tests [SEED]       every variant that this processor runs, against the specification
//        kernel-tests --self-test  kernels with planted faults, each of which must be caught
// Exit code 0: all passed; 1: some failed; 2: the tests could not run.

#include "checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// What the specification gives for FIXED_SEED, on every processor and from every compiler.
enum { FIXED_SEED = 1 };
static const uint64_t FIXED_DIGEST = 0x522d5bb836213242u;

static bool run(const struct sedge_kernels *kernels, uint64_t seed, size_t *passed, size_t *failed) {
    struct checks checks = {.kernels = kernels, .random = {seed}, .digest = 0xCBF29CE484222325u};
    check_all(&checks);
    if (kernels == &sedge_kernels_scalar && seed == FIXED_SEED) {
        char digest[48];
        snprintf(digest, sizeof digest, "found %016" PRIx64, checks.digest);
        count(&checks, checks.digest == FIXED_DIGEST, "digest of the specification", digest);
    }
    printf("%s: %zu passed, %zu failed\n", kernels->name, checks.passed, checks.failed);
    *passed += checks.passed;
    *failed += checks.failed;
    return checks.failed == 0;
}

static void run_cores(size_t *passed, size_t *failed) {
    struct checks checks = {.kernels = &sedge_kernels_scalar};
    check_cores(&checks);
    if (checks.passed + checks.failed == 0) return;
    printf("cores: %zu passed, %zu failed\n", checks.passed, checks.failed);
    *passed += checks.passed;
    *failed += checks.failed;
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!memory_begin()) return 2;
    if (count > 1 && strcmp(arguments[1], "--self-test") == 0) return planted_faults_are_caught(FIXED_SEED) ? 0 : 1;
    char *end = NULL;
    const uint64_t seed = count > 1 ? strtoull(arguments[1], &end, 0) : FIXED_SEED;
    if (count > 2 || (end != NULL && (*end != '\0' || end == arguments[1]))) {
        fprintf(stderr, "usage: kernel-tests [SEED | --self-test]\n");
        return 2;
    }

    printf("seed %" PRIu64 "\n", seed);
    size_t passed = 0, failed = 0;
    // The specification against itself: it stays inside its buffers, and its bytes are those of other processors.
    run(&sedge_kernels_scalar, FIXED_SEED, &passed, &failed);
    run_cores(&passed, &failed);
    const struct sedge_kernels *kernels;
    const char *lacks;
    for (size_t i = 0; (kernels = sedge_kernels_built(i, &lacks)) != NULL; i++) {
        if (lacks != NULL)
            printf("not run: %s (this processor lacks %s)\n", kernels->name, lacks);
        else if (kernels != &sedge_kernels_scalar)
            run(kernels, seed, &passed, &failed);
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
