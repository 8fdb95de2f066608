/* SPDX-License-Identifier: MIT
 * mpi.c: the exchange of a program that `nnc --dist=mpi` links, by Open MPI. A library of its own (libnnrt-mpi.a), so that only such
 * programs need MPI.
 *
 * Vectors are added by halving and doubling: in step d ranks whose numbers differ in bit d exchange half of what they have, and add
 * the other half; then the sums go the way back. So they are the sums of the binary tree over the ranks, each rank adds no more than
 * n numbers, and sends 2 n. Nothing waits within MPI: whoever waits looks whether it was told to end (mpirun does so when a rank
 * has ended), and gives up if nothing has come some time after that. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dist/dist.h"
#include "run/signals.h"

static Exchange world;
static bool begun, crowded; /* crowded: more ranks than processors */

/* mpirun kills a second after it has told a rank to end; until then a checkpoint is to be written. */
static const double patience = 0.25;

static int lost(void)
{
    return rt_fail(RT_LOST, "another rank of the run has ended");
}

/* A rank that has a processor of its own looks all the time, for a while; others leave theirs to the ranks that they wait for. */
static void rest(double since)
{
    const struct timespec nap = {.tv_nsec = 20000};
    const double spin = crowded ? 3e-6 : 2e-3;
    if (rt_now() - since > spin) nanosleep(&nap, NULL);
}

static int wait_for(int n, MPI_Request *request)
{
    double began = rt_now(), told = 0;
    for (int done = 0;;) {
        if (MPI_Testall(n, request, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS) return lost();
        if (done) return NNRT_OK;
        if (signals_told() && told == 0) told = rt_now();
        if (told != 0 && rt_now() - told > patience) return lost();
        rest(began);
    }
}

typedef struct Part { /* numbers from .. to - 1 of a vector */
    size_t from, to;
} Part;

static char *place(void *v, size_t i, int bytes)
{
    return (char *)v + i * (size_t)bytes;
}

static int swap(int partner, void *v, Part give, void *into, Part get, int bytes)
{
    MPI_Datatype type = bytes == 8 ? MPI_DOUBLE : MPI_FLOAT;
    MPI_Request request[2];
    if (MPI_Irecv(into, (int)(get.to - get.from), type, partner, 0, MPI_COMM_WORLD, &request[0]) != MPI_SUCCESS ||
        MPI_Isend(place(v, give.from, bytes), (int)(give.to - give.from), type, partner, 0, MPI_COMM_WORLD, &request[1]) != MPI_SUCCESS)
        return lost();
    return wait_for(2, request);
}

static void add(void *v, const void *other, size_t n, int bytes)
{
    if (bytes == 8)
        for (size_t i = 0; i < n; i++)
            ((double *)v)[i] += ((const double *)other)[i];
    else
        for (size_t i = 0; i < n; i++)
            ((float *)v)[i] += ((const float *)other)[i];
}

/* Halves what this rank has: it keeps the upper half if its bit is set. */
static void halve(Part all, int upper, Part *mine, Part *other)
{
    size_t middle = all.from + (all.to - all.from) / 2;
    Part low = {all.from, middle}, high = {middle, all.to};
    *mine = upper ? high : low;
    *other = upper ? low : high;
}

static int sum(void *v, size_t n, int bytes)
{
    enum { MOST_STEPS = 32 };
    Part had[MOST_STEPS], mine = {0, n}, other;
    int steps = 0, code = NNRT_OK;
    void *room = malloc((n / 2 + 1) * (size_t)bytes);
    if (!room) return rt_no_memory();
    for (int bit = 1; bit < world.ranks && !code; bit *= 2) {
        had[steps++] = mine;
        halve(mine, world.rank & bit, &mine, &other);
        code = swap(world.rank ^ bit, v, other, room, mine, bytes);
        if (!code) add(place(v, mine.from, bytes), room, mine.to - mine.from, bytes);
    }
    free(room);
    for (int bit = world.ranks / 2; bit > 0 && !code; bit /= 2) {
        Part all = had[--steps];
        halve(all, world.rank & bit, &mine, &other);
        code = swap(world.rank ^ bit, v, mine, place(v, other.from, bytes), other, bytes);
    }
    return code;
}

static int gather(const void *mine, size_t bytes, void *all)
{
    MPI_Request request;
    if (MPI_Iallgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD, &request) != MPI_SUCCESS) return lost();
    return wait_for(1, &request);
}

static int share(void *v, size_t bytes)
{
    MPI_Request request;
    if (MPI_Ibcast(v, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &request) != MPI_SUCCESS) return lost();
    return wait_for(1, &request);
}

/* Did mpirun, or srun, start this process? Alone it needs no MPI. */
static bool is_started(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i])) return true;
    return false;
}

int nnrt_dist_begin(int *argc, char ***argv, const Exchange **out)
{
    int given;
    MPI_Comm here;
    if (!is_started()) return NNRT_OK;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS) return rt_fail(RT_SYSTEM, "MPI does not start");
    begun = true;
    world = (Exchange){.sum = sum, .gather = gather, .share = share};
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &world.ranks);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, world.rank, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &world.here);
    MPI_Comm_free(&here);
    crowded = world.here > sysconf(_SC_NPROCESSORS_ONLN);
    if (world.ranks > 1) *out = &world;
    if ((world.ranks & (world.ranks - 1)) == 0) return NNRT_OK;
    return rt_fail(RT_USAGE, "there are %d ranks, but it must be a power of two: mpirun -n 1, 2, 4, 8 ...", world.ranks);
}

void nnrt_dist_end(bool lost_one, int status)
{
    if (begun && lost_one) fflush(NULL), _exit(status); /* MPI would wait for all ranks */
    if (begun) MPI_Finalize();
}
