/* SPDX-License-Identifier: MIT
 * main.c: a device that learns while it runs. Rows come over the console, a line each:
 *
 *   train 5.1 3.5 1.4 0.2 0     four numbers and the class: kept until BATCH of them are there, which is a step of the training
 *   predict 5.1 3.5 1.4 0.2     the class it takes them for
 *   report                      loss and accuracy of the steps since the last report
 *
 * All memory is static: its sizes are macros of the header that nnc wrote. */
#define IRIS_CORE_ONLY
#include "iris.h"

#include "board.h"

enum { INPUTS = 4, CLASSES = 3, BATCH = 8, LINE = 128 };
static _Alignas(NNRT_ALIGN) unsigned char model[IRIS_MODEL_BYTES], training[IRIS_FIT_TRAIN_BYTES];
static _Alignas(NNRT_ALIGN) unsigned char work[IRIS_FIT_WORK(BATCH) > IRIS_PREDICT_WORK(1) ? IRIS_FIT_WORK(BATCH) : IRIS_PREDICT_WORK(1)];
static nnrt_float x[BATCH][INPUTS];
static int32_t y[BATCH];
static int rows;

/* The next number of a line; *at goes behind it. */
static nnrt_float number(const char **at)
{
    nnrt_float value = 0, unit = 1, sign = 1;
    const char *c = *at;
    for (; *c == ' '; c++) {
    }
    if (*c == '-') sign = -1, c++;
    for (; *c >= '0' && *c <= '9'; c++)
        value = value * 10 + (nnrt_float)(*c - '0');
    if (*c == '.') c++;
    for (; *c >= '0' && *c <= '9'; c++)
        value = value * 10 + (nnrt_float)(*c - '0'), unit *= 10;
    *at = c;
    return sign * value / unit;
}

static void say_number(int32_t n)
{
    char text[12], *at = text + sizeof text - 1;
    *at = 0;
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    board_say(at);
}

static int train(nnrt_call *call, const char *line)
{
    for (int i = 0; i < INPUTS; i++)
        x[rows][i] = number(&line);
    y[rows] = (int32_t)number(&line);
    if (++rows < BATCH) return 0;
    rows = 0;
    return iris_core_fit_step(model, training, call, BATCH, x[0], y);
}

static int predict(nnrt_call *call, const char *line)
{
    nnrt_float in[INPUTS], share[CLASSES];
    int best = 0;
    for (int i = 0; i < INPUTS; i++)
        in[i] = number(&line);
    int error = iris_core_predict(model, call, 1, in, share);
    for (int i = 1; !error && i < CLASSES; i++)
        if (share[i] > share[best]) best = i;
    say_number(best);
    board_say("\n");
    return error;
}

static int report(void)
{
    iris_fit_report r;
    int error = iris_core_fit_report(training, &r);
    board_say("loss 0.001 * ");
    say_number((int32_t)(r.loss * 1000));
    board_say(", accuracy ");
    say_number((int32_t)(r.accuracy * 100));
    board_say(" %\n");
    return error;
}

int main(void)
{
    static char line[LINE];
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
    int error = iris_core_init(model, 1);
    if (!error) error = iris_core_fit_init(training, 1);
    while (!error && board_line(line, LINE)) {
        switch (line[0]) {
        case 't': error = train(&call, line + sizeof "train" - 1); break;
        case 'p': error = predict(&call, line + sizeof "predict" - 1); break;
        case 'r': error = report(); break;
        default: board_say("train, predict or report\n");
        }
    }
    return error;
}
