/* SPDX-License-Identifier: MIT
 * steps.c: what train.c does, by the functions of the header: objects of `nnc -Os` have no tables that another program could read.
 * For programs whose fit takes INPUTS numbers and a class of CLASSES, and whose predict takes the numbers. Says a hash of the weights and
 * predictions and the bits of the loss. With -DSTACK it also looks at how much of a painted stack calls take, with
 * the compiler's helpers: no more than the header says, and hardly less. */
#define NET_CORE_ONLY
#include "net.h"

void show(const char *text);

static _Alignas(NNRT_ALIGN) unsigned char model[NET_MODEL_BYTES], area[NET_FIT_TRAIN_BYTES];
static _Alignas(NNRT_ALIGN) unsigned char work[NET_FIT_WORK(ROWS) > NET_PREDICT_WORK(ROWS) ? NET_FIT_WORK(ROWS) : NET_PREDICT_WORK(ROWS)];
static nnrt_float x[ROWS * INPUTS], p[ROWS * CLASSES];
static int32_t y[ROWS];
static uint32_t state = 1;

static uint32_t draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return hash;
}

static void put_bits(char *to, uint64_t bits)
{
    for (int i = 0; i < 16; i++)
        to[i] = "0123456789abcdef"[bits >> (60 - 4 * i) & 15];
}

static int fail(int code, const char *what)
{
    show(what);
    return code;
}

static nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
static net_fit_report report;

#ifdef STACK
enum { PAINTED = 8192, SLACK = 200 }; /* what the deepest call leaves of its frame; helpers that are not called where it is deepest */

static int nothing(void)
{
    return 0;
}
static int init(void)
{
    return net_core_init(model, 1);
}
static int fit(void)
{
    return net_core_fit_step(model, area, &call, ROWS, x, y);
}
static int predict(void)
{
    return net_core_predict(model, &call, ROWS, x, p);
}

/* Bytes below this function's frame that a call writes to. */
__attribute__((noinline)) static int used(int (*function)(void))
{
    volatile unsigned char *top = (volatile unsigned char *)__builtin_frame_address(0) - 64;
    for (int i = 0; i < PAINTED; i++)
        top[-i] = 0xA5;
    function();
    for (int i = PAINTED - 1; i >= 0; i--)
        if (top[-i] != 0xA5) return i + 1;
    return 0;
}

static int within(int (*function)(void), int most)
{
    int bytes = used(function) - used(nothing);
    return bytes <= most && bytes >= most - SLACK;
}

static int check_stack(void)
{
    return within(init, NET_INIT_STACK) && within(fit, NET_FIT_STACK) && within(predict, NET_PREDICT_STACK);
}
#endif

int main(void)
{
    double first = 0;
    for (int i = 0; i < ROWS * INPUTS; i++)
        x[i] = (nnrt_float)draw() / 0x800000 - 1;
    for (int i = 0; i < ROWS; i++)
        y[i] = (int32_t)(draw() % CLASSES);
    if (net_core_init(model, 1) || net_core_fit_init(area, 1)) return fail(5, "init");
    for (int step = 0; step < STEPS; step++) {
        if (net_core_fit_step(model, area, &call, ROWS, x, y)) return fail(6, "step");
        if (net_core_fit_report(area, &report)) return fail(7, "report");
        if (step == 0) first = report.loss;
    }
    if (net_core_predict(model, &call, ROWS, x, p)) return fail(8, "predict");
    if (net_core_fit_step(model, area, &call, (int64_t)1 << 40, x, y) != NNRT_E_WORK) return fail(9, "a size that is too large");
    union {
        double d;
        uint64_t i;
    } loss = {.d = report.loss};
    static char text[] = "................ ................";
    put_bits(text, hash_bytes(hash_bytes(14695981039346656037u, model + 64, sizeof model - 64), p, sizeof p));
    put_bits(text + 17, loss.i);
    show(text);
#ifdef STACK
    if (!check_stack()) return fail(11, "a stack of another size than the header says");
#endif
    return report.loss < first ? 0 : fail(10, "it does not learn");
}
