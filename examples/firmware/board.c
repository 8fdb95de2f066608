/* SPDX-License-Identifier: MIT
 * board.c: Arm's MPS2 board with a Cortex-M4 (AN386), as qemu has it: start, console by semihosting, and the two functions of a C library
 * that an object of nnc needs. */
#include "board.h"

#include <stdint.h>

extern unsigned char data_start[], data_end[], data_saved[], bss_start[], bss_end[], stack_top[];
int main(void);
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

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

enum { SYS_OPEN = 1, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026, READS = 0, WRITES = 4 };
static intptr_t input, output;

static intptr_t semihost(intptr_t operation, const void *argument)
{
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* The console, for reading or writing. */
static intptr_t console(uintptr_t mode)
{
    static const char name[] = ":tt";
    const uintptr_t open[3] = {(uintptr_t)name, mode, sizeof name - 1};
    return semihost(SYS_OPEN, open);
}

void board_say(const char *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    const uintptr_t block[3] = {(uintptr_t)output, (uintptr_t)text, n};
    semihost(SYS_WRITE, block);
}

bool board_line(char *to, size_t room)
{
    char c = 0;
    const uintptr_t block[3] = {(uintptr_t)input, (uintptr_t)&c, 1};
    size_t n = 0;
    while (semihost(SYS_READ, block) == 0 && c != '\n')
        if (n + 1 < room) to[n++] = c;
    if (n == 0 && c != '\n') return false;
    to[n] = 0;
    return true;
}

static void stop(int code)
{
    const uint32_t exit[2] = {APPLICATION_EXIT, (uint32_t)code};
    semihost(SYS_EXIT_EXTENDED, exit);
}

static void start(void)
{
    *(volatile uint32_t *)0xE000ED88 |= 0xF << 20; /* CPACR: the floating-point unit is on */
    __asm__ volatile("dsb\n isb");
    memcpy(data_start, data_saved, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    input = console(READS), output = console(WRITES);
    stop(main());
}

static void fault(void)
{
    stop(100);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {stack_top,     (void *)start, (void *)fault, (void *)fault,
                                                                             (void *)fault, (void *)fault, (void *)fault};
