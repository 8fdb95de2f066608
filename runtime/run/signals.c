/* SPDX-License-Identifier: MIT
 * signals.c: what a run is told by signals. */
#include "run/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>

#include "model/model.h"

static volatile sig_atomic_t stop_signal, save_signal;

void signals_clear(nnrt *m)
{
    stop_signal = save_signal = 0;
    m->asked_to_stop = false;
}

void nnrt_stop(nnrt *m)
{
    m->asked_to_stop = true;
}

static void on_signal(int number)
{
    if (number == SIGUSR2)
        save_signal = 1;
    else
        stop_signal = number;
}

/* Where both limits of the processor's time are the same, as `ulimit -t` sets them, SIGKILL would come before SIGXCPU. */
static void limit_time(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) || limit.rlim_max == RLIM_INFINITY || limit.rlim_cur < limit.rlim_max || limit.rlim_max < 2) return;
    rlim_t margin = limit.rlim_max / 50;
    limit.rlim_cur -= margin < 1 ? 1 : margin > 10 ? 10 : margin;
    setrlimit(RLIMIT_CPU, &limit);
}

void signals_watch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
        if (numbers[i] == SIGINT) action.sa_flags |= (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN && (numbers[i] == SIGHUP || numbers[i] == SIGPIPE))
            continue; /* nohup */
        sigaction(numbers[i], &action, NULL);
    }
    limit_time();
}

int signals_stop(const nnrt *m)
{
    return stop_signal ? stop_signal : m->asked_to_stop ? STOP_ASKED : 0;
}

bool signals_told(void)
{
    return stop_signal != 0;
}

bool signals_save(void)
{
    bool asked = save_signal;
    save_signal = 0;
    return asked;
}
