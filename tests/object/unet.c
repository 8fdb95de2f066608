/* SPDX-License-Identifier: MIT
 * unet.c: the class map of a picture whose size is known at run time only. */
#include "unet.h"

#include "object.h"

int main(int argc, char **argv)
{
    unet *m = unet_new(7);
    nnrt_run run = { .steps = 2, .seed = 7, .threads = 1, .save = "c.safetensors", .log = "none" };
    int64_t h = argc > 2 ? atoi(argv[1]) : 0, w = argc > 2 ? atoi(argv[2]) : 0;
    TRY(!m, unet_error());
    TRY(unet_fit(m, &run, NULL), unet_error());
    TRY(unet_load(m, "c.safetensors"), unet_error());
    unet_valid_report report;
    nnrt_run once = { .threads = 1 };
    TRY(unet_valid(m, &once, &report), unet_error());
    printf("iou %.5f\n", report.iou);

    size_t n = (size_t)(h * w);
    const float *x = npy_data("x.npy", sizeof(float) * n);
    int32_t *map = malloc(sizeof *map * n), *core = malloc(sizeof *core * n);
    TRY(!map || !core, "memory");
    TRY(unet_segment(m, h, w, x, map), unet_error());
    nnrt_call call = { .size = sizeof call, .work_bytes = unet_core_segment_work(h, w, 1) };
    call.work = aligned(call.work_bytes);
    TRY(unet_core_segment(unet_model(m), &call, h, w, x, core), "core");
    same("segment", map, core, sizeof *map * n);
    put("c.raw", map, sizeof *map * n);
    free(call.work);
    call.work = aligned(call.work_bytes = unet_core_segment_work(h + 4, w, 1));
    TRY(unet_core_segment(unet_model(m), &call, h + 1, w, x, core) != NNRT_E_REQUIRES, "a height that 4 does not divide was taken");
    free(call.work), free(map), free(core), free((void *)x);
    unet_free(m);
    return 0;
}
