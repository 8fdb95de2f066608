/* SPDX-License-Identifier: MIT
 * main.c: four measures of a flower, three probabilities. All memory is static; the weights lie in the object. */
#define IRIS_CORE_ONLY
#include <stdio.h>
#include <stdlib.h>

#include "iris.h"

static _Alignas(NNRT_ALIGN) unsigned char work[IRIS_PREDICT_WORK(1)];

/* The shortest text that is read as the same number. */
static void print_number(float v)
{
    char text[32] = "";
    for (int digits = 1; digits < 10 && (digits == 1 || strtof(text, NULL) != v); digits++)
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
    fputs(text, stdout);
}

int main(int argc, char **argv)
{
    float x[4], p[3];
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
    if (argc != 5) return 2;
    for (int i = 0; i < 4; i++)
        x[i] = strtof(argv[i + 1], NULL);
    int code = iris_core_predict(iris_core_weights, &call, 1, x, p);
    if (code) {
        fprintf(stderr, "predict: code %d, argument %d\n", code, (int)call.error.argument);
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        print_number(p[i]);
        putchar(i < 2 ? ',' : '\n');
    }
    return 0;
}
