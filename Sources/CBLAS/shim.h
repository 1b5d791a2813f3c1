#include <cblas.h>
// mallopt; Swift's Glibc module leaves it out.
#include <malloc.h>
