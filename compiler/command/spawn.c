/* SPDX-License-Identifier: MIT
 * spawn.c: programs that nnc made and runs. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command/command.h"
#include "support/output.h"

extern char **environ;

int command_spawn(const char *const *argv, const char *output)
{
    pid_t pid = 0;
    int status = 0;
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (!error && output) error = posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!error) error = posix_spawn(&pid, argv[0], &actions, NULL, (char **)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (!error && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) error = errno;
    if (error) return fprintf(stderr, "nnc: %s: cannot run: %s\n", argv[0], strerror(error)), 3;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *command_temporary(Arena *arena, const char *name)
{
    const char *folder = getenv("TMPDIR");
    return output_temporary(arena, arena_print(arena, "%s/%s", folder && *folder ? folder : "/tmp", name), "");
}
