/* SPDX-License-Identifier: MIT
 * temporary.c: the list of temporary names. */
#include "support/temporary.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64 };
static char list[MOST][TEMPORARY_PATH];
static atomic_uint n_list, n_opening;
static atomic_bool ending;

unsigned temporary_count(void)
{
    return n_list;
}

void temporary_add(const char *name)
{
    unsigned number = n_list;
    if (number == MOST || strlen(name) >= TEMPORARY_PATH) return;
    strcpy(list[number], name);
    n_list = number + 1; /* only a whole name is in the list */
}

void temporary_open_begin(void)
{
    n_opening++;
    if (!ending) return;
    n_opening--;
    for (;;) /* the process ends */
        pause();
}

void temporary_open_end(void)
{
    n_opening--;
}

/* Not for long: the signal may have come to the thread that opens. */
static void wait_for_opening(void)
{
    enum { MOST_WAITS = 100 };
    const struct timespec moment = {.tv_nsec = 1000000};
    for (int i = 0; i < MOST_WAITS && n_opening > 0; i++)
        nanosleep(&moment, NULL);
}

void temporary_remove_all(void)
{
    ending = true;
    wait_for_opening();
    for (unsigned i = n_list; i-- > 0;) /* what is in a folder goes before it */
        if (unlink(list[i])) rmdir(list[i]);
}
