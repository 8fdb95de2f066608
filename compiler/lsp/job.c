/* SPDX-License-Identifier: MIT
 * job.c: work in a process of its own. */
#include "lsp/job.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SECONDS = 20, MOST_BYTES = 64 << 20 };

static _Noreturn void child(int to, void (*work)(const void *data, Text *out), const void *data)
{
    Arena arena = {0};
    Text out = {.arena = &arena};
    signal(SIGALRM, SIG_DFL);
    alarm(MOST_SECONDS);
    work(data, &out);
    for (size_t at = 0; at < out.n;) {
        ssize_t put = write(to, out.at + at, out.n - at);
        if (put < 0 && errno != EINTR) _exit(1);
        if (put > 0) at += (size_t)put;
    }
    _exit(0);
}

const char *job_run(Arena *arena, void (*work)(const void *data, Text *out), const void *data, size_t *n)
{
    int ends[2], status = 0;
    if (pipe(ends)) return NULL;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(ends[1], work, data);
    }
    close(ends[1]);
    Text text = {.arena = arena};
    char buffer[1 << 16];
    for (ssize_t got; pid > 0 && (got = read(ends[0], buffer, sizeof buffer)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 || text.n > MOST_BYTES) break;
        text_bytes(&text, buffer, (size_t)got);
    }
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return NULL;
    *n = text.n;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text_c(&text) : NULL;
}
