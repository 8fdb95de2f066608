/* SPDX-License-Identifier: MIT
 * budget.h: how much memory a compilation may take, and for what it took it.
 *
 * Time follows memory: what a program of any size makes of the compiler ends with a message that names the entry point and
 * the stage, instead of filling the machine. Arenas count here; the process has one budget, as it has one memory. */
#ifndef NNC_SUPPORT_BUDGET_H
#define NNC_SUPPORT_BUDGET_H

#include <stddef.h>
#include <stdint.h>

enum { BUDGET_MB = 800 };

void budget_begin(const char *input);  /* the file that messages name */
void budget_stage(const char *stage);  /* a name of --time; nothing in particular is treated */
/* What is treated from here on, until the next one or stage: its place, in what `sources` is (source.h), which is printed
 * only for the message; and the entry point: "export", "f". */
typedef void BudgetPlace(const void *sources, uint32_t file, uint32_t offset, char *to, size_t room);
void budget_at(BudgetPlace *print, const void *sources, uint32_t file, uint32_t offset);
void budget_entry(const char *kind, const char *name);
void budget_take(size_t bytes);        /* ends the process with status 1 where there is no more */
void budget_give_back(size_t bytes);
_Noreturn void budget_no_memory(void); /* the system has no more: says so, ends the process with status 5 */

#endif
