/* Lets a program believe that it runs on a CPU whose best vectors are AVX2: no AVX-512, no AVX-VNNI, no AMX.
 *
 * Runtimes ask CPUID for what they may use and have no switch of their own. In copies of their libraries every CPUID
 * instruction has become UD2, which is as long (held_to_avx2.py does that); preloaded, this file answers the signal as
 * CPUID would have, less some bits. Nothing but the choice of kernels changes. Linux on x86-64. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

/* Leaf 7, subleaf 0. */
enum {
    AVX512_EBX = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31,
    AVX512_ECX = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14,
    AVX512_AMX_EDX = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25,
    /* Subleaf 1: AVX-VNNI, AVX512-BF16, AMX-FP16, AVX-IFMA; AVX-VNNI-INT8, AVX-NE-CONVERT, AVX-VNNI-INT16, AVX10. */
    VNNI_EAX = 1u << 4 | 1u << 5 | 1u << 21 | 1u << 23,
    VNNI_EDX = 1u << 4 | 1u << 5 | 1u << 8 | 1u << 10 | 1u << 19,
};

static void answer(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
    uint32_t leaf = (uint32_t)registers[REG_RAX], subleaf = (uint32_t)registers[REG_RCX];
    uint32_t eax, ebx, ecx, edx;

    (void)info;
    if (instruction[0] != 0x0f || instruction[1] != 0x0b) {
        signal(number, SIG_DFL); /* an illegal instruction of somebody else's: it comes again and ends the program */
        return;
    }
    __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
    if (leaf == 7 && subleaf == 0) {
        ebx &= ~(uint32_t)AVX512_EBX;
        ecx &= ~(uint32_t)AVX512_ECX;
        edx &= ~(uint32_t)AVX512_AMX_EDX;
    } else if (leaf == 7 && subleaf == 1) {
        eax &= ~(uint32_t)VNNI_EAX;
        edx &= ~(uint32_t)VNNI_EDX;
    }
    registers[REG_RAX] = eax;
    registers[REG_RBX] = ebx;
    registers[REG_RCX] = ecx;
    registers[REG_RDX] = edx;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGILL, &action, 0);
}
