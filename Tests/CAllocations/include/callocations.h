// Counts the allocations of a thread, exactly, whatever other threads do.
#pragma once

#include <stddef.h>

// Allocations that the calling thread has made since it began: malloc, calloc, realloc and the aligned ones.
size_t allocations_of_this_thread(void);
