/* SPDX-License-Identifier: MIT
 * driver.c: what every stage of a compilation says: messages, times, dumps. */
#include "driver.h"

#include <string.h>
#include <time.h>

void driver_put(Nnc *cx, NncStream stream, const char *text)
{
    cx->o->write(cx->o->user, stream, text, strlen(text));
}

int driver_fail(Nnc *cx, int status, const char *text)
{
    Text clean = {.arena = &cx->arena};
    text_add(&clean, "nnc: ");
    diag_clean(&clean, text);
    text_add(&clean, "\n");
    driver_put(cx, NNC_ERR, text_c(&clean));
    return cx->status = status;
}

void driver_messages(Nnc *cx)
{
    allow_apply(&cx->diags, cx->looked);
    diag_merge(&cx->diags);
    if (cx->o->messages && cx->sources.files.n) cx->o->messages(cx->o->user, &cx->diags); /* the program was read */
    if (!cx->diags.list.n || cx->o->messages) return;
    Text out = {.arena = &cx->arena};
    diag_render(&cx->diags, &out, cx->o->colour);
    driver_put(cx, NNC_ERR, text_c(&out));
}

double driver_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void driver_stage_done(Nnc *cx, const char *stage)
{
    double t = driver_now();
    if (cx->o->time) driver_put(cx, NNC_ERR, arena_print(&cx->arena, "%8.2f ms  %s\n", 1e3 * (t - cx->clock), stage));
    cx->clock = t;
    if (cx->o->stop_after && strcmp(cx->o->stop_after, stage) == 0) cx->stopped = true;
}

static bool wanted(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *c = list; c && *c; c = *c ? strchr(c, ',') : NULL) {
        if (*c == ',') c++;
        if (strncmp(c, name, n) == 0 && (c[n] == ',' || c[n] == 0)) return true;
    }
    return false;
}

bool driver_shares(const Nnc *cx)
{
    return cx->o->mode == NNC_SHARED || cx->o->mode == NNC_PYTHON;
}

bool driver_dumps(const Nnc *cx, const char *stage)
{
    return wanted(cx->o->dump, stage);
}
