/* SPDX-License-Identifier: MIT
 * budget.h: how much memory a compilation may take, and for what it took it.
 *
 * Time follows memory: what a program of any size makes of the compiler ends with a message that names the entry point and
 * the stage, instead of filling the machine. Arenas count here; the process has one budget, as it has one memory. */
#ifndef NNC_SUPPORT_BUDGET_H
#define NNC_SUPPORT_BUDGET_H

#include <stddef.h>

enum { BUDGET_MB = 800 };

void budget_begin(const char *input);  /* the file that messages name */
void budget_stage(const char *stage);  /* a name of --time; nothing in particular is treated */
/* What is treated from here on: at "model.nn:3", or NULL for the file alone; "export", "f". */
void budget_entry(const char *at, const char *kind, const char *name);
void budget_take(size_t bytes);        /* ends the process with status 1 where there is no more */
void budget_give_back(size_t bytes);
_Noreturn void budget_no_memory(void); /* the system has no more: says so, ends the process with status 5 */

#endif
