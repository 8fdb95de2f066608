# SPDX-License-Identifier: MIT
# m_stop in C: a run ends behind its step and is saved, from `line` or from another thread; a later run is not touched by it.
printf '1,2\n2,4\n3,6\n' >t.csv
cat >m.nn <<'END'
data rows {
    x: float[1] = csv("t.csv", columns=0..1)
    y: float[1] = csv("t.csv", columns=1..2)
}
model net = Dense(1, 1)
train fit[B](ex in rows.all, batch=3, epochs=1, log="none", save="m.safetensors") {
    loss = mse(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=0.001)
    report loss
}
eval test[B](ex in rows.all) { report mse(net(ex.x), ex.y) }
END
"$NNC" -c m.nn || broken "m.nn does not compile"
cat >main.c <<'END'
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "m.h"
static int lines;
static char last[400];
static void at_third_line(void *model, const char *text)
{
    if (++lines == 3) m_stop(model);
    snprintf(last, sizeof last, "%s", text);
}
static void *soon(void *model)
{
    const struct timespec wait = {0, 100000000};
    for (int i = 0; i < 3; i++, nanosleep(&wait, NULL))
        m_stop(model); /* the first one may come too early */
    return NULL;
}
int main(void)
{
    pthread_t thread;
    m_fit_report report;
    m_test_report all;
    m *model = m_new(1);
    if (!model) return 1;
    nnrt_run run = {.epochs = 1000000000, .line = at_third_line, .user = model};
    if (m_fit(model, &run, &report) || lines != 4 || !strstr(last, "stopped as asked for at step 3")) return 2;
    nnrt_run more = {.epochs = 6, .resume = "m.safetensors", .line = at_third_line, .user = model};
    lines = 100;
    if (m_fit(model, &more, &report) || lines != 104 || !strstr(last, "saved")) return 3; /* epochs 4 to 6, and the end */
    m_stop(model);
    if (m_test(model, NULL, &all) || all.examples != 3) return 4;
    nnrt_run endless = {.epochs = 1000000000, .save = "none"};
    if (pthread_create(&thread, NULL, soon, model) || m_fit(model, &endless, &report)) return 5;
    pthread_join(thread, NULL);
    m_free(model);
    return 0;
}
END
cc -std=c11 -Wall -Wextra -Werror main.c m.o -I"$SOURCE/runtime" -L"$(dirname "$NNC")/runtime" -lnnrt -lm -lpthread $sanitize -o main 2>out || broken "main.c does not link"
gives "" timeout 60 ./main
sed 's/^eval test/eval stop/' m.nn >taken.nn
fails 1 "E0110" "$NNC" check taken.nn
