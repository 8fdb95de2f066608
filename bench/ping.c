/* SPDX-License-Identifier: MIT
 * ping.c: what a message costs between two ranks: "LATENCY BANDWIDTH" in seconds and bytes per second. Bandwidth is that of each
 * direction where both send, as in exchanges of gradients. Medians. For bench/ranks. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TRIPS = 200, REPEATS = 15, LARGE = 1 << 20 };
static char *out, *in;

/* As the ranks of a run wait (runtime/dist/mpi.c): they look for 2 ms, then sleep in between. */
static void wait_for_both(MPI_Request *request)
{
    const struct timespec nap = {.tv_nsec = 20000};
    double start = MPI_Wtime();
    for (int done = 0; !done;) {
        MPI_Testall(2, request, &done, MPI_STATUSES_IGNORE);
        if (!done && MPI_Wtime() - start > 2e-3) nanosleep(&nap, NULL);
    }
}

static double swap(int partner, int bytes, int trips)
{
    double start = MPI_Wtime();
    for (int i = 0; i < trips; i++) {
        MPI_Request request[2];
        MPI_Irecv(in, bytes, MPI_BYTE, partner, 0, MPI_COMM_WORLD, &request[0]);
        MPI_Isend(out, bytes, MPI_BYTE, partner, 0, MPI_COMM_WORLD, &request[1]);
        wait_for_both(request);
    }
    return (MPI_Wtime() - start) / trips;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int rank;
    double little[REPEATS] = {0}, large[REPEATS] = {0};
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    out = calloc(1, LARGE);
    in = calloc(1, LARGE);
    for (int k = 0; out && in && rank < 2 && k < REPEATS; k++)
        little[k] = swap(1 - rank, 8, TRIPS), large[k] = swap(1 - rank, LARGE, 2);
    qsort(little, REPEATS, sizeof *little, compare);
    qsort(large, REPEATS, sizeof *large, compare);
    if (rank == 0) printf("%.9f %.0f\n", little[REPEATS / 2], LARGE / (large[REPEATS / 2] - little[REPEATS / 2]));
    free(out);
    free(in);
    return MPI_Finalize();
}
