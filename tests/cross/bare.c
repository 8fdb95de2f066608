/* SPDX-License-Identifier: MIT
 * bare.c: what train.c needs where there is no C library: a Cortex-M under qemu, by semihosting; RISC-V under qemu's Linux;
 * WebAssembly. */
#include <stddef.h>
#include <stdint.h>

int main(void);
void show(const char *text);

void *memcpy(void *to, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)to)[i] = (unsigned char)byte;
    return to;
}

#ifdef __wasm__
static const char *said = "";

void show(const char *text)
{
    said = text;
}

const char *result(void)
{
    return said;
}
#elif defined __riscv
static long ask(long call, long first, const void *second, long third) /* Linux */
{
    register long a0 __asm__("a0") = first;
    register const void *a1 __asm__("a1") = second;
    register long a2 __asm__("a2") = third, a7 __asm__("a7") = call;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

void show(const char *text)
{
    for (; *text; text++)
        ask(64, 1, text, 1); /* write */
    ask(64, 1, "\n", 1);
}

__attribute__((used)) static void run(void)
{
    ask(93, main(), NULL, 0); /* exit */
}
__asm__(".globl _start\n_start:\n.option push\n.option norelax\nla gp, __global_pointer$\n.option pop\njal run");
#else
static intptr_t semihost(intptr_t operation, const void *argument)
{
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void show(const char *text)
{
    semihost(4, text); /* SYS_WRITE0 */
    semihost(4, "\n");
}

static void stop(int code)
{
    const uint32_t exit[2] = {0x20026, (uint32_t)code}; /* ADP_Stopped_ApplicationExit */
    semihost(0x20, exit);
}

void start(void)
{
#ifdef __ARM_FP
    *(volatile uint32_t *)0xE000ED88 |= 0xF << 20; /* CPACR: the floating-point unit is on */
    __asm__ volatile("dsb\n isb");
#endif
    stop(main());
    for (;;) {
    }
}

static void fault(void)
{
    stop(100);
}

extern unsigned char stack_top[];
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {stack_top,     (void *)start, (void *)fault, (void *)fault,
                                                                             (void *)fault, (void *)fault, (void *)fault};
#endif
