/* SPDX-License-Identifier: MIT
 * vae.c: reconstructions, and samples of a seed. */
#include "vae.h"

#include "object.h"

enum { N = 6, PIXELS = 28 * 28 };

int main(void)
{
    vae *m = vae_new(7);
    nnrt_run run = { .steps = 12, .seed = 7, .threads = 1, .save = "c.safetensors", .log = "none" };
    TRY(!m, vae_error());
    TRY(vae_fit(m, &run, NULL), vae_error());
    TRY(vae_load(m, "c.safetensors"), vae_error());
    vae_test_report report;
    nnrt_run once = { .threads = 1 };
    TRY(vae_test(m, &once, &report), vae_error());
    printf("bound %.5f\n", report.bound);

    const float *x = npy_data("x.npy", sizeof(float) * N * PIXELS);
    static float out[2 * N * PIXELS], core[2 * N * PIXELS];
    TRY(vae_reconstruct(m, N, x, out), vae_error());
    nnrt_call call = { .size = sizeof call, .work_bytes = vae_core_reconstruct_work(N, 1) };
    call.work = aligned(call.work_bytes);
    TRY(vae_core_reconstruct(vae_model(m), &call, N, x, core), "core");
    same("reconstruct", out, core, sizeof core);
    put("c.raw", out, sizeof out);
    free(call.work);

    TRY(vae_sample(m, 5, N, out), vae_error());
    call = (nnrt_call){ .size = sizeof call, .work_bytes = vae_core_sample_work(N, 1), .seed = 5 };
    call.work = aligned(call.work_bytes);
    TRY(vae_core_sample(vae_model(m), &call, N, core), "core");
    same("sample", out, core, sizeof core / 2);
    put("c2.raw", out, sizeof out / 2);
    free(call.work), free((void *)x);
    vae_free(m);
    return 0;
}
