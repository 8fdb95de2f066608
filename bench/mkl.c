/* SPDX-License-Identifier: MIT
 * mkl.c: preloaded before a peer: its MKL takes the widest vectors that the processor has, whoever made the processor. Without it a PyTorch
 * that is linked with MKL has half the speed on some of them. */
int mkl_serv_intel_cpu_true(void);

int mkl_serv_intel_cpu_true(void)
{
    return 1;
}
