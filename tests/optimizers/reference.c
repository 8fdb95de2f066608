/* SPDX-License-Identifier: MIT
 * reference.c: what every optimizer does in 20 updates (formulas.h), for tests/cases/optimizers.sh.
 *
 *     reference names          the calls that are compared
 *     reference program        a program with a train block for each of them
 *     reference NAME TENSOR    the tensor after the updates */
#include "formulas.h"

enum { STEPS = 20 };

static void run(Rule *rule, const Call *a)
{
    for (int k = 0; k < TENSORS; k++) {
        state[k].n = tensors[k].n;
        for (int i = 0; i < state[k].n; i++)
            state[k].w[i] = tensors[k].start;
    }
    for (int t = 0; t < STEPS; t++) {
        set_gradients(t, a);
        step_all(rule, a);
    }
}

static void print_program(void)
{
    printf("layer Net {\n");
    for (int k = 0; k < TENSORS; k++)
        printf("    param %s: float[%s] = %g\n", tensors[k].name, tensors[k].type, tensors[k].start);
    printf("}\n"
           "model net = Net()\n"
           "fn energy[N](w: float[N], t: int) -> float {\n"
           "    i = range(N)\n"
           "    return sum((1 + float(i %% 7) / 4) * w * w / 2 + w * sin(float(i + t)))\n"
           "}\n");
    for (int k = 0; k < TENSORS; k++)
        printf("export fn %s() -> float[%d] { return reshape(net.%s, [%d]) }\n", tensors[k].name, tensors[k].n, tensors[k].name,
               tensors[k].n);
    for (int c = 0; c < CALLS; c++) {
        printf("train %s(steps=%d, save=none) {\n    loss = 0.0", calls[c].name, STEPS);
        for (int k = 0; k < TENSORS; k++)
            printf(" + energy(reshape(net.%s, [%d]), step)", tensors[k].name, tensors[k].n);
        printf("\n    minimize loss over net using %s\n    report loss\n}\n", calls[c].source);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "program")) print_program();
    for (int c = 0; c < CALLS; c++) {
        if (argc == 2 && !strcmp(argv[1], "names")) printf("%s\n", calls[c].name);
        if (argc != 3 || strcmp(argv[1], calls[c].name)) continue;
        run(calls[c].rule, &calls[c].call);
        for (int k = 0; k < TENSORS; k++)
            for (int i = 0; !strcmp(argv[2], tensors[k].name) && i < state[k].n; i++)
                printf("%.17g\n", state[k].w[i]);
    }
    return 0;
}
