/* SPDX-License-Identifier: MIT
 * codes.c: wrong calls of three objects in one program: the documented code, the numbers in the
 * call record, a text from the convenience layer, and nothing written. */
#include "charlm.h"
#include "iris.h"
#include "unet.h"

#include "same.h"

enum { ROWS = 12, SIDE = 16 };
static int wrong;

static void check(const char *what, int code, int wanted)
{
    if (code == wanted) return;
    fprintf(stderr, "%s: code %d, not %d\n", what, code, wanted);
    wrong++;
}
#define CODE(call, wanted) check(#call, call, wanted)

static void says(const char *part, const char *text)
{
    if (strstr(text, part)) return;
    fprintf(stderr, "\"%s\" lacks \"%s\"\n", text, part);
    wrong++;
}

/* The numbers of the record; -2: not looked at. */
static void record(const nnrt_call *call, int argument, int64_t wanted, int64_t given)
{
    const nnrt_error *e = &call->error;
    if ((argument == -2 || e->argument == argument) && (wanted == -2 || e->wanted == wanted) && (given == -2 || e->given == given)) return;
    fprintf(stderr, "code %d: argument %d, wanted %lld, given %lld\n", e->code, e->argument, (long long)e->wanted, (long long)e->given);
    wrong++;
}

static float x[ROWS * 4], image[SIDE * SIDE];
static union {
    float number[ROWS * 3];
    int32_t map[SIDE * SIDE];
    unsigned char byte[SIDE * SIDE * 4];
} out;

static void untouched(void)
{
    for (size_t i = 0; i < sizeof out; i++)
        if (out.byte[i] != 0x5A) {
            fprintf(stderr, "a result was written\n");
            wrong++;
            return;
        }
}

static void iris_core(void)
{
    size_t need = iris_core_predict_work(ROWS, 1), size = iris_core_model_bytes();
    char *model = same_room(size), *work = same_room(need + 64);
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = need};
    memset(model, 0, size);
    CODE(iris_core_predict(model, &call, ROWS, x, out.number), NNRT_E_ABI); /* no weights */
    CODE(iris_core_check(model), NNRT_E_ABI);
    CODE(iris_core_init(NULL, 1), NNRT_E_ALIGN);
    CODE(iris_core_init(model + 4, 1), NNRT_E_ALIGN);
    CODE(iris_core_init(model, 1), NNRT_OK);
    CODE(unet_core_check(model), NNRT_E_ABI); /* of another program */
    CODE(iris_core_predict(NULL, &call, ROWS, x, out.number), NNRT_E_ALIGN);
    CODE(iris_core_predict(model, NULL, ROWS, x, out.number), NNRT_E_ABI);
    CODE(iris_core_predict(model, &call, 0, x, out.number), NNRT_E_SHAPE);
    record(&call, 0, 1, 0);
    CODE(iris_core_predict(model, &call, -7, x, out.number), NNRT_E_SHAPE);
    record(&call, 0, 1, -7);
    CODE(iris_core_predict(model, &call, INT64_MAX, x, out.number), NNRT_E_WORK);
    if (iris_core_predict_work(INT64_MAX, 1) != SIZE_MAX || iris_core_predict_work(0, 1) != SIZE_MAX)
        check("iris_core_predict_work", 0, NNRT_E_WORK);
    CODE(iris_core_predict(model, &call, ROWS, NULL, out.number), NNRT_E_ALIGN);
    record(&call, 0, -2, -2);
    CODE(iris_core_predict(model, &call, ROWS, x, NULL), NNRT_E_ALIGN);
    record(&call, 1, -2, -2);
    call.work_bytes = need - 1;
    CODE(iris_core_predict(model, &call, ROWS, x, out.number), NNRT_E_WORK);
    record(&call, -1, (int64_t)need, (int64_t)need - 1);
    call.work = NULL, call.work_bytes = need;
    CODE(iris_core_predict(model, &call, ROWS, x, out.number), NNRT_E_WORK);
    call.work = work + 4;
    CODE(iris_core_predict(model, &call, ROWS, x, out.number), NNRT_E_ALIGN);
    call = (nnrt_call){.work = work, .work_bytes = need};
    CODE(iris_core_predict(model, &call, ROWS, x, out.number), NNRT_E_ABI); /* no size */
    CODE(iris_core_fit_init(NULL, 1), NNRT_E_ALIGN);
    CODE(iris_core_test_clear(NULL), NNRT_E_ALIGN);
    untouched();
    free(model), free(work);
}

static void iris_calls(void)
{
    iris *m = iris_new(1);
    nnrt_run run = {.steps = 1, .threads = 5000, .save = "none", .log = "none"};
    nnrt_tensor view;
    SAME_TRY(!m, iris_error());
    CODE(iris_predict(m, 0, x, out.number), NNRT_E_SHAPE), says("size B is 0", iris_error());
    CODE(iris_predict(m, INT64_MAX, x, out.number), NNRT_E_WORK);
    says("B 9223372036854775807", iris_error());
    CODE(iris_predict(m, ROWS, NULL, out.number), NNRT_E_ALIGN), says("pointer x is NULL", iris_error());
    CODE(iris_predict(m, ROWS, x, NULL), NNRT_E_ALIGN), says("result 0 is NULL", iris_error());
    CODE(iris_load(m, "missing.safetensors"), NNRT_E_IO);
    says("missing.safetensors: cannot read: No such file", iris_error());
    CODE(iris_load(m, "foreign.safetensors"), NNRT_E_SHAPE), says("net.fc1.w [4, 16] is missing", iris_error());
    CODE(iris_save(m, "no/folder.safetensors"), NNRT_E_IO), says("no/folder.safetensors", iris_error());
    CODE(iris_tensor(m, "net.fc9.w", &view), NNRT_E_SHAPE), says("net.fc9.w", iris_error());
    CODE(iris_fit(m, &run, NULL), NNRT_E_RANGE), says("5000 threads", iris_error());
    run.threads = 1, run.batch = -1;
    CODE(iris_fit(m, &run, NULL), NNRT_E_RANGE), says("batch", iris_error());
    iris_opts(m)->file = "missing.csv", run.batch = 0;
    CODE(iris_fit(m, &run, NULL), NNRT_E_IO), says("missing.csv: No such file", iris_error());
    CODE(iris_test(m, NULL, NULL), NNRT_E_IO), says("missing.csv: No such file", iris_error());
    untouched();
    iris_free(m);
}

static void unet_calls(void)
{
    unet *m = unet_new(1);
    SAME_TRY(!m, unet_error());
    nnrt_call call = {.size = sizeof call};
    /* `requires` is told before the workspace, which is too small as well */
    CODE(unet_core_segment(unet_model(m), &call, SIDE, SIDE - 3, image, out.map), NNRT_E_REQUIRES);
    if (call.error.line < 1) check("line of requires", call.error.line, 1);
    CODE(unet_core_segment(unet_model(m), &call, SIDE, SIDE, image, out.map), NNRT_E_WORK);
    record(&call, -1, (int64_t)unet_core_segment_work(SIDE, SIDE, 1), 0);
    CODE(unet_segment(m, SIDE, SIDE - 3, image, out.map), NNRT_E_REQUIRES);
    says("W is 13 but must satisfy W % 4 == 0", unet_error());
    CODE(unet_segment(m, -4, SIDE, image, out.map), NNRT_E_SHAPE), says("size H is -4", unet_error());
    untouched();
    unet_free(m);
}

static void charlm_calls(void)
{
    charlm *m = charlm_new(1);
    SAME_TRY(!m, charlm_error());
    int32_t prompt[3] = {65, 256, 66}, code[4];
    size_t need = charlm_core_generate_work(3, 4, 1);
    nnrt_call call = {.size = sizeof call, .work = same_room(need), .work_bytes = need};
    CODE(charlm_core_generate(charlm_model(m), &call, 3, prompt, 4, 1, out.map), NNRT_E_RANGE);
    record(&call, 0, 256, 256);
    CODE(charlm_generate(m, 1, 3, prompt, 4, 1, out.map), NNRT_E_RANGE);
    says("prompt contains 256, but must be in 0..255", charlm_error());
    prompt[1] = -1;
    CODE(charlm_core_generate(charlm_model(m), &call, 3, prompt, 4, 1, out.map), NNRT_E_RANGE);
    record(&call, 0, 256, -1);
    CODE(charlm_generate(m, 1, 3, prompt, 0, 1, out.map), NNRT_E_SHAPE), says("size n is 0", charlm_error());
    CODE((int)charlm_text_codes(m, "text.none", "x", code, 4), -1), says("text.none", charlm_error());
    untouched();
    free(call.work);
    charlm_free(m);
}

int main(void)
{
    memset(&out, 0x5A, sizeof out);
    iris_core();
    iris_calls();
    unet_calls();
    charlm_calls();
    return wrong != 0;
}
