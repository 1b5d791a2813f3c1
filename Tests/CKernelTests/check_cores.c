// Which form of ARMv8.0 a machine gets: the decision alone, over what Linux says of known boards.

#include "checks.h"

#if defined(__aarch64__) && !defined(__AARCH64EB__)

#include "arm/arm.h"

#include <stdio.h>

#define CORE(part) "processor\t: 0\nBogoMIPS\t: 38.40\nCPU implementer\t: 0x41\nCPU variant\t: 0x0\nCPU part\t: " part "\n\n"

enum { MIDR_A53 = 0x410fd034, MIDR_A72 = 0x410fd083, MIDR_N1 = 0x413fd0c1 };

static const struct {
    const char *text;
    const char *cpuinfo;
    uint64_t midr;
    bool expected;
} boards[] = {
    {"Raspberry Pi 3: A53", CORE("0xd03") CORE("0xd03") CORE("0xd03") CORE("0xd03"), MIDR_A53, true},
    {"Raspberry Pi 4: A72", CORE("0xd08") CORE("0xd08") CORE("0xd08") CORE("0xd08"), MIDR_A72, false},
    {"RK3308: A35", CORE("0xd04"), 0, true},
    {"RK3568: A55", CORE("0xd05"), 0, true},
    {"RK3399: A53 and A72", CORE("0xd03") CORE("0xd03") CORE("0xd08") CORE("0xd08"), MIDR_A53, false},
    {"an A53's part from another maker", "CPU implementer : 0x51\nCPU part : 0xd03\n", 0, false},
    {"a text that ends in a key", "CPU implementer\t: 0x41\nCPU part", MIDR_A53, true},
    {"a part without a number", "CPU implementer\t: 0x41\nCPU part\t:", MIDR_A53, false},
    {"a longer key", "CPU implementer\t: 0x41\nCPU parts\t: 0xd03\n", MIDR_N1, false},
    {"cpuinfo of another architecture", "vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n", MIDR_A53, true},
    {"no cpuinfo: A53", "", MIDR_A53, true},
    {"no cpuinfo: A72", "", MIDR_A72, false},
    {"no cpuinfo: N1", "", MIDR_N1, false},
    {"nothing known", "", 0, false},
};

void check_cores(struct checks *checks) {
    for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++) {
        const bool found = sedge_arm_are_in_order(boards[i].cpuinfo, boards[i].midr);
        count(
            checks, found == boards[i].expected, boards[i].text,
            found ? "found in order" : "found out of order or unknown");
    }
}

#else

void check_cores(struct checks *checks) { (void)checks; }

#endif
