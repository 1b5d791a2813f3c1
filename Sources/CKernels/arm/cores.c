// What the processor can do, and whether its cores are in order.

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

// Older C libraries do not name all of these bits of Linux.
enum { CPUID = 1 << 11, ASIMDDP = 1 << 20 };  // of AT_HWCAP
enum { I8MM = 1 << 13 };                      // of AT_HWCAP2

const char *sedge_arm_lacks_dotprod(void) { return getauxval(AT_HWCAP) & ASIMDDP ? NULL : "dotprod"; }

const char *sedge_arm_lacks_i8mm(void) {
    return getauxval(AT_HWCAP2) & I8MM ? sedge_arm_lacks_dotprod() : "i8mm";
}

// Arm's in-order cores of ARMv8 that may lack the dot product, and the A55, which has it.
static bool is_in_order(unsigned long implementer, unsigned long part) {
    enum { ARM = 0x41, A34 = 0xd02, A53 = 0xd03, A35 = 0xd04, A55 = 0xd05 };
    return implementer == ARM && (part == A34 || part == A53 || part == A35 || part == A55);
}

// The number after the colon of the line at `line` if its key is `key`.
static bool reads(const char *line, const char *key, unsigned long *value) {
    const size_t length = strlen(key);
    if (strncmp(line, key, length) != 0) return false;
    line += length + strspn(line + length, " \t");
    if (*line != ':') return false;
    *value = strtoul(line + 1, NULL, 0);
    return true;
}

bool sedge_arm_are_in_order(const char *cpuinfo, uint64_t midr) {
    size_t cores = 0;
    unsigned long implementer = 0, part;
    for (const char *line = cpuinfo; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        reads(line, "CPU implementer", &implementer);
        if (!reads(line, "CPU part", &part)) continue;
        if (!is_in_order(implementer, part)) return false;
        cores++;
    }
    return cores > 0 || is_in_order(midr >> 24 & 0xff, midr >> 4 & 0xfff);
}

// Linux answers this read, of a register that is not the process's, if HWCAP_CPUID says so.
static uint64_t read_midr(void) {
    uint64_t midr = 0;
    if (getauxval(AT_HWCAP) & CPUID) __asm__("mrs %0, MIDR_EL1" : "=r"(midr));
    return midr;
}

bool sedge_arm_is_in_order(void) {
    // Room for 200 cores; on machines with more the first ones stand for all.
    static const size_t room = 1 << 16;
    char *text = malloc(room);
    if (text == NULL) return false;
    FILE *file = fopen("/proc/cpuinfo", "re");
    const size_t length = file != NULL ? fread(text, 1, room - 1, file) : 0;
    if (file != NULL) fclose(file);
    text[length] = '\0';
    const bool answer = sedge_arm_are_in_order(text, read_midr());
    free(text);
    return answer;
}

#endif
