/* SPDX-License-Identifier: MIT
 * temporary.c: the list of temporary names. */
#include "support/temporary.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 64 };
static char list[MOST][TEMPORARY_PATH];
static atomic_uint n_list;

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

void temporary_remove_all(void)
{
    for (unsigned i = n_list; i-- > 0;) /* what is in a folder goes before it */
        if (unlink(list[i])) rmdir(list[i]);
}
