// Chooses a variant once, by what the processor and its operating system can do. Vector variants live in x86/ and
// arm/, one file each, and take a line in `variants`, best first, with the check that says whether they run here.

#include "ckernels.h"

#if defined(__aarch64__) && !defined(__AARCH64EB__)
#define SEDGE_ARM64
#include "arm/arm.h"
#elif defined(__x86_64__)
#include "x86/x86.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What the processor lacks to run a variant, or NULL.
typedef const char *lacks_function(void);

static const char *lacks_nothing(void) { return NULL; }

static const struct {
    const struct sedge_kernels *kernels;
    lacks_function *lacks;
} variants[] = {
#ifdef SEDGE_ARM64
    {&sedge_kernels_neoni8mm, sedge_arm_lacks_i8mm},
    {&sedge_kernels_neondot, sedge_arm_lacks_dotprod},
    {&sedge_kernels_neon, lacks_nothing},
    {&sedge_kernels_neon_a72, lacks_nothing},
#elif defined(__x86_64__)
    {&sedge_kernels_avx512vnni, sedge_x86_lacks_avx512vnni},
    {&sedge_kernels_avxvnni, sedge_x86_lacks_avxvnni},
    {&sedge_kernels_avx2, sedge_x86_lacks_avx2},
#endif
    {&sedge_kernels_scalar, lacks_nothing},
};

// Names that builds for other processors know.
static const char *const elsewhere[] = {
#if !defined(__x86_64__)
    "avx512vnni", "avxvnni", "avx2",
#endif
#ifndef SEDGE_ARM64
    "neoni8mm", "neondot", "neon", "neon-a72",
#endif
};

const struct sedge_kernels *sedge_kernels_built(size_t index, const char **lacks) {
    if (index >= sizeof variants / sizeof variants[0]) return NULL;
#ifdef SEDGE_ARM64
    // Both forms of ARMv8.0 run everywhere; which is better depends on the cores.
    enum { IN_ORDER = 2, OUT_OF_ORDER = 3 };
    if ((index == IN_ORDER || index == OUT_OF_ORDER) && !sedge_arm_is_in_order())
        index = IN_ORDER + OUT_OF_ORDER - index;
#endif
    *lacks = variants[index].lacks();
    return variants[index].kernels;
}

const struct sedge_kernels *sedge_kernels_at(size_t index) {
    const struct sedge_kernels *kernels;
    const char *lacks;
    for (size_t i = 0; (kernels = sedge_kernels_built(i, &lacks)) != NULL; i++)
        if (lacks == NULL && index-- == 0) return kernels;
    return NULL;
}

static bool is_known(const char *name) {
    const struct sedge_kernels *kernels;
    const char *lacks;
    for (size_t i = 0; (kernels = sedge_kernels_built(i, &lacks)) != NULL; i++)
        if (strcmp(name, kernels->name) == 0) return true;
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(name, elsewhere[i]) == 0) return true;
    return false;
}

const struct sedge_kernels *sedge_kernels_select(const char *name, struct sedge_kernel_error *error) {
    const char *source = "";
    if (name == NULL || strcmp(name, "auto") == 0) {
        name = getenv("SEDGE_KERNEL");
        if (name == NULL || *name == '\0' || strcmp(name, "auto") == 0) return sedge_kernels_at(0);
        source = " in SEDGE_KERNEL";
    }
    const struct sedge_kernels *kernels;
    for (size_t i = 0; (kernels = sedge_kernels_at(i)) != NULL; i++)
        if (strcmp(name, kernels->name) == 0) return kernels;

    const char *format = is_known(name) ? "kernel%s: this processor cannot run %.40s, expected auto"
                                        : "kernel%s: found \"%.40s\", expected auto";
    size_t used = (size_t)snprintf(error->text, sizeof error->text, format, source, name);
    for (size_t i = 0; (kernels = sedge_kernels_at(i)) != NULL && used < sizeof error->text; i++)
        used += (size_t)snprintf(error->text + used, sizeof error->text - used, ", %s", kernels->name);
    return NULL;
}
