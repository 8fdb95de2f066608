/* SPDX-License-Identifier: MIT
 * memory.c: what LLVM does where memory is short, or where it gives up.
 *
 * LLVM would abort in both cases. Its containers take memory by malloc and tell a handler of the C++ interface; the rest of it uses
 * the operators `new`, which a program may replace: here they are, under the names that they have for a linker. */
#include <llvm-c/ErrorHandling.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/codegen.h"
#include "support/budget.h"
#include "support/bug.h"

/* llvm::install_bad_alloc_error_handler */
void install_handler(void (*handler)(void *user, const char *reason, bool diagnose),
                     void *user) __asm__("_ZN4llvm31install_bad_alloc_error_handlerEPFvPvPKcbES0_");

static void no_memory(void *user, const char *reason, bool diagnose)
{
    (void)user, (void)reason, (void)diagnose;
    budget_no_memory();
}

/* Its regular expressions take memory by malloc, and say in this way that there is none. */
static void given_up(const char *reason)
{
    if (strstr(reason, "out of memory")) budget_no_memory();
    BUG("LLVM: %s", reason);
}

void codegen_start(void)
{
    static bool started; /* by the main thread */
    if (started) return;
    started = true;
    install_handler(no_memory, NULL);
    LLVMInstallFatalErrorHandler(given_up);
}

#ifndef NNC_ASAN /* the sanitizer has its own */
/* LLVM takes memory before main begins, too. */
static void before_all(void)
{
    install_handler(no_memory, NULL);
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = before_all;

static void *take(size_t bytes)
{
    void *at = malloc(bytes ? bytes : 1);
    if (!at) budget_no_memory();
    return at;
}

static void *take_aligned(size_t bytes, size_t align)
{
    void *at = NULL;
    if (posix_memalign(&at, align < sizeof(void *) ? sizeof(void *) : align, bytes ? bytes : 1)) budget_no_memory();
    return at;
}

void *operator_new(size_t bytes) __asm__("_Znwm");
void *operator_new_array(size_t bytes) __asm__("_Znam");
void *operator_new_aligned(size_t bytes, size_t align) __asm__("_ZnwmSt11align_val_t");
void *operator_new_array_aligned(size_t bytes, size_t align) __asm__("_ZnamSt11align_val_t");

void *operator_new(size_t bytes)
{
    return take(bytes);
}

void *operator_new_array(size_t bytes)
{
    return take(bytes);
}

void *operator_new_aligned(size_t bytes, size_t align)
{
    return take_aligned(bytes, align);
}

void *operator_new_array_aligned(size_t bytes, size_t align)
{
    return take_aligned(bytes, align);
}
#endif
