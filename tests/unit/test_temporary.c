/* links: nnc_support */
/* SPDX-License-Identifier: MIT
 * test_temporary.c: no temporary file stays behind a process that ends while another thread of it makes one. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/temporary.h"

static char path[64];
static atomic_bool has_begun;

static void rest(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

static void *make_file(void *user)
{
    (void)user;
    temporary_open_begin();
    has_begun = true;
    rest(20);
    close(open(path, O_WRONLY | O_CREAT, 0666));
    temporary_open_end();
    return NULL;
}

static void remove_while_opening(pthread_t *other)
{
    pthread_create(other, NULL, make_file, NULL);
    while (!has_begun)
        rest(1);
    temporary_remove_all();
}

static void remove_before_opening(pthread_t *other)
{
    temporary_remove_all();
    pthread_create(other, NULL, make_file, NULL);
}

static void check(void (*end)(pthread_t *other))
{
    snprintf(path, sizeof path, "temporary.%ld.tmp", (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        pthread_t other;
        temporary_add(path);
        end(&other);
        rest(60); /* what might be made is made by now */
        _exit(0);
    }
    int status;
    cr_assert(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    cr_expect(access(path, F_OK) != 0, "%s is left", path);
    unlink(path);
}

Test(temporary, of_a_thread_that_opens_it)
{
    check(remove_while_opening);
}

Test(temporary, of_a_thread_that_would_open_it)
{
    check(remove_before_opening);
}
