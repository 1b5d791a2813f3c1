// Chooses a variant once, by what the processor can do. Vector variants live in x86/ and arm/, one file each, and
// take a line in `variants`, best first, with the check that says whether they run here.

#include "ckernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool always(void) { return true; }

static const struct {
    const struct sedge_kernels *kernels;
    bool (*runs_here)(void);
} variants[] = {
    {&sedge_kernels_scalar, always},
};

const struct sedge_kernels *sedge_kernels_at(size_t index) {
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        if (variants[i].runs_here() && index-- == 0) return variants[i].kernels;
    return NULL;
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

    size_t used = (size_t)snprintf(
        error->text, sizeof error->text, "kernel%s: found \"%.40s\", expected auto", source, name);
    for (size_t i = 0; (kernels = sedge_kernels_at(i)) != NULL && used < sizeof error->text; i++)
        used += (size_t)snprintf(error->text + used, sizeof error->text - used, ", %s", kernels->name);
    return NULL;
}
