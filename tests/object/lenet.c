/* SPDX-License-Identifier: MIT
 * lenet.c: labels of the first test digits. */
#include "lenet.h"

#include "object.h"

enum { N = 20 };

int main(void)
{
    lenet *m = lenet_new(7);
    nnrt_run run = { .steps = 12, .seed = 7, .threads = 1, .save = "c.safetensors", .log = "none" };
    TRY(!m, lenet_error());
    TRY(lenet_fit(m, &run, NULL), lenet_error());
    TRY(lenet_load(m, "c.safetensors"), lenet_error());
    lenet_test_report report;
    nnrt_run once = { .threads = 1 };
    TRY(lenet_test(m, &once, &report), lenet_error());
    printf("accuracy %.5f\n", report.accuracy);

    const float *x = npy_data("x.npy", sizeof(float) * N * 28 * 28);
    int32_t label[N], core[N];
    TRY(lenet_classify(m, N, x, label), lenet_error());
    nnrt_call call = { .size = sizeof call, .work_bytes = lenet_core_classify_work(N, 1) };
    call.work = aligned(call.work_bytes);
    TRY(lenet_core_classify(lenet_model(m), &call, N, x, core), "core");
    same("classify", label, core, sizeof core);
    put("c.raw", label, sizeof label);
    free(call.work), free((void *)x);
    lenet_free(m);
    return 0;
}
