/* SPDX-License-Identifier: MIT
 * mpi.c: the exchange of a program that `nnc --dist=mpi` links, by Open MPI. A library of its own (libnnrt-mpi.a), so that only such
 * programs need MPI.
 *
 * Nothing waits within MPI: whoever waits looks whether a rank of this machine has ended, or it was told to end (mpirun does so when a
 * rank has ended on another one), and gives up if nothing has come some time after that. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dist/dist.h"
#include "dist/sum.h"
#include "run/signals.h"

static Exchange exchange;
static World world;
static MPI_Comm here = MPI_COMM_NULL; /* the ranks of this machine */
static int *place_here;               /* of a rank among them; -1: it is elsewhere */
static bool begun;

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
    const double spin = world.near.crowded ? 3e-6 : 2e-3;
    if (rt_now() - since > spin) nanosleep(&nap, NULL);
}

/* Of this machine that is known. */
static bool all_are_here(void)
{
    return world.near.meeting && world.near.count == world.ranks;
}

static int wait_for(int n, MPI_Request *request)
{
    enum { NOW_AND_THEN = 64 };
    double began = rt_now(), told = 0;
    for (unsigned k = 1;; k++) {
        int done;
        if (MPI_Testall(n, request, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS) return lost();
        if (done) return NNRT_OK;
        if (k % NOW_AND_THEN == 0 && near_lost(&world.near)) return lost();
        if (signals_told() && told == 0) told = rt_now();
        if (told != 0 && rt_now() - told > patience && !all_are_here()) return lost();
        rest(began);
    }
}

/* In pieces that go without being asked for, some of them on their way at a time: of a large message the answer of one rank waits behind
 * what the other one sends, and a network that could carry both ways at once carries one after the other. */
static int swap(int partner, const void *give, size_t give_bytes, void *get, size_t get_bytes)
{
    enum { PIECE = 60000, MOST = 64 };
    MPI_Request request[MOST];
    const char *out = give;
    char *in = get;
    int n = 0, code = NNRT_OK;
    for (size_t at = 0; (at < give_bytes || at < get_bytes) && !code; at += PIECE) {
        size_t gives = at < give_bytes ? give_bytes - at : 0, gets = at < get_bytes ? get_bytes - at : 0;
        if (MPI_Irecv(in + at, (int)(gets < PIECE ? gets : PIECE), MPI_BYTE, partner, 0, MPI_COMM_WORLD, &request[n++]) != MPI_SUCCESS ||
            MPI_Isend(out + at, (int)(gives < PIECE ? gives : PIECE), MPI_BYTE, partner, 0, MPI_COMM_WORLD, &request[n++]) != MPI_SUCCESS)
            return lost();
        if (n == MOST) code = wait_for(n, request), n = 0;
    }
    return code ? code : wait_for(n, request);
}

static int sum(const nnrt *m, void *v, size_t n, int bytes, double by, Sum *all)
{
    return sum_ranks(&world, m, v, n, bytes, by, all);
}

static int gather(const void *mine, size_t bytes, void *all)
{
    MPI_Request request;
    if (all_are_here() && world.in_order && bytes <= NEAR_WORD) return near_gather(&world.near, mine, bytes, all);
    if (MPI_Iallgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD, &request) != MPI_SUCCESS) return lost();
    return wait_for(1, &request);
}

static int share(void *v, size_t bytes)
{
    MPI_Request request;
    if (MPI_Ibcast(v, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &request) != MPI_SUCCESS) return lost();
    return wait_for(1, &request);
}

/* ---- the ranks of a machine ------------------------------------------------------------------------------------------ */

/* All of them have it, or none. */
static NearMemory new_common(size_t bytes)
{
    NearOffer offer = {.file = -1};
    int me = world.near.me, all, mine;
    if (me == 0) near_offer(&offer, bytes);
    MPI_Bcast(&offer, (int)sizeof offer, MPI_BYTE, 0, here);
    NearMemory memory = near_take(&offer, bytes);
    mine = memory.at != NULL;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, here);
    if (me == 0 && offer.file >= 0) close(offer.file);
    if (!all) near_leave(&memory);
    return memory;
}

static int room(size_t bytes, void **at)
{
    if (!world.near.meeting || !world.in_order) return NNRT_OK;
    NearMemory memory = new_common(room_bytes(&world.near, bytes));
    if (!memory.at) return NNRT_OK;
    Room *r = room_new(memory, bytes);
    if (!r) return near_leave(&memory), rt_no_memory();
    r->next = world.rooms;
    world.rooms = r;
    *at = room_of(r, world.near.me);
    return NNRT_OK;
}

static void leave(void *at)
{
    Room **r = &world.rooms;
    while (*r && room_of(*r, world.near.me) != at)
        r = &(*r)->next;
    Room *gone = *r;
    if (!gone) return;
    *r = gone->next;
    room_free(gone);
}

static int have_read(void)
{
    return world.rooms ? near_meet(&world.near) : NNRT_OK;
}

static RankIs is(int rank)
{
    int place = place_here[rank];
    return place < 0 ? RANK_FAR : near_gone(&world.near, place) ? RANK_GONE : RANK_HERE;
}

static int find_places(void)
{
    MPI_Group all, some;
    int *numbers = rt_alloc(sizeof *numbers * (size_t)world.ranks);
    place_here = rt_alloc(sizeof *place_here * (size_t)world.ranks);
    if (!numbers || !place_here) return rt_free(numbers), rt_no_memory();
    for (int rank = 0; rank < world.ranks; rank++)
        numbers[rank] = rank;
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Comm_group(here, &some);
    MPI_Group_translate_ranks(all, world.ranks, numbers, some, place_here);
    for (int rank = 0; rank < world.ranks; rank++)
        if (place_here[rank] == MPI_UNDEFINED) place_here[rank] = -1;
    MPI_Group_free(&all);
    MPI_Group_free(&some);
    rt_free(numbers);
    return NNRT_OK;
}

static bool is_power(int n)
{
    return (n & (n - 1)) == 0;
}

static int meet_neighbours(void)
{
    Near *near = &world.near;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, world.rank, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &near->count);
    MPI_Comm_rank(here, &near->me);
    near->crowded = near->count > sysconf(_SC_NPROCESSORS_ONLN);
    int mine[2] = {near->count, is_power(near->count) && world.rank % near->count == near->me ? -near->count : 0}, most[2];
    MPI_Allreduce(mine, most, 2, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    world.in_order = most[0] == -most[1];
    if (near->count > 1 && near->count <= NEAR_RANKS) near_begin(near, new_common(near_meeting_bytes()).at);
    MPI_Barrier(here); /* all have said which process they are */
    return find_places();
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------- */

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
    if (!is_started()) return NNRT_OK;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS) return rt_fail(RT_SYSTEM, "MPI does not start");
    begun = true;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    world.swap = swap;
    MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &world.ranks);
    int code = meet_neighbours();
    if (code) return code;
    exchange = (Exchange){world.rank, world.ranks, world.near.count, sum, have_read, gather, share, room, leave, is};
    if (world.ranks > 1) *out = &exchange;
    if (is_power(world.ranks)) return NNRT_OK;
    return rt_fail(RT_USAGE, "there are %d ranks, but it must be a power of two: mpirun -n 1, 2, 4, 8 ...", world.ranks);
}

void nnrt_dist_end(bool lost_one, int status)
{
    if (begun && lost_one) fflush(NULL), _exit(status); /* MPI would wait for all ranks */
    if (begun) MPI_Finalize();
}
