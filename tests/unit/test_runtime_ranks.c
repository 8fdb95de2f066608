/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_ranks.c: ranks of a machine as processes that are made here: memory that they see, where they meet, sums of their vectors
 * against a tree in one process. What they exchange by messages goes through sockets. */
#include "runtime_help.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "rows.h"

#include "../../runtime/dist/near.c"
#include "../../runtime/dist/room.c"
#define place place_of_number /* another one is in runtime_help.h */
#include "../../runtime/dist/sum.c"
#undef place

enum { MOST_RANKS = 8 };

/* ---- memory that others see ---- */

Test(ranks, memory)
{
    NearOffer offer;
    cr_assert(near_offer(&offer, 1000));
    NearMemory a = near_take(&offer, 1000), b = near_take(&offer, 1000);
    cr_assert(a.at && b.at && a.at != b.at && a.bytes >= 1000 && a.file != b.file);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(a.at[i], 0);
    a.at[999] = 7;
    cr_expect_eq(b.at[999], 7);
    if (fork() == 0) {
        NearMemory c = near_take(&offer, 1000);
        if (c.at) c.at[0] = c.at[999];
        _exit(0);
    }
    wait(NULL);
    cr_expect_eq(a.at[0], 7);
    int file = b.file;
    near_leave(&a), near_leave(&b), near_leave(&b);
    cr_expect(!a.at && !b.at && b.file == -1 && fcntl(file, F_GETFD) == -1);
    close(offer.file);
}

Test(ranks, another_file_is_no_memory)
{
    NearOffer offer, wrong;
    cr_assert(near_offer(&offer, 1000));
    int used = dup(0), next;
    close(used);
    wrong = offer, wrong.mark ^= 1;
    cr_expect_null(near_take(&wrong, 1000).at, "another mark");
    wrong = offer, wrong.file = -1;
    cr_expect_null(near_take(&wrong, 1000).at, "no file");
    wrong = offer, wrong.file = 1000;
    cr_expect_null(near_take(&wrong, 1000).at, "no such file");
    cr_expect_null(near_take(&offer, 2000).at, "another size");
    cr_expect_null(near_take(&offer, 992).at, "another size");
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    wrong = offer, wrong.process = child;
    cr_expect_null(near_take(&wrong, 1000).at, "a process that has ended");
    next = dup(0);
    cr_expect_eq(next, used, "a file is left open");
    close(next), close(offer.file);
}

Test(ranks, no_room_for_memory)
{
    NearOffer offer;
    int used = dup(0), next;
    close(used);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096}), 0);
    cr_expect(!near_offer(&offer, 100000) && offer.file == -1);
    next = dup(0);
    cr_expect_eq(next, used, "a file is left open");
    cr_expect_null(near_take(&offer, 100000).at);
}

/* ---- ranks ---- */

static NearMemory common; /* of a meeting and, behind it, what each of them has found: 0, or the line that is wrong */
static int channel[MOST_RANKS][MOST_RANKS][2];

static int *found(void)
{
    return (int *)(void *)(common.at + near_meeting_bytes());
}

/* There is as much as both give: what waits in a socket has room. */
static int swap_by_socket(const World *w, int partner, const void *give, size_t give_bytes, void *get, size_t get_bytes)
{
    int low = w->rank < partner ? w->rank : partner, high = w->rank < partner ? partner : w->rank;
    int file = channel[low][high][w->rank > partner];
    for (size_t given = 0, got = 0; given < give_bytes || got < get_bytes;) {
        ssize_t n = given < give_bytes ? send(file, (const char *)give + given, give_bytes - given, MSG_DONTWAIT) : 0;
        if (n > 0) given += (size_t)n;
        n = got < get_bytes ? recv(file, (char *)get + got, get_bytes - got, given < give_bytes ? MSG_DONTWAIT : 0) : 0;
        if (n > 0) got += (size_t)n;
    }
    return NNRT_OK;
}

static World world;

static int swap_with(int partner, const void *give, size_t give_bytes, void *get, size_t get_bytes)
{
    return swap_by_socket(&world, partner, give, give_bytes, get, get_bytes);
}

/* A rank ends with the line of its first failure. */
#define WANT(CONDITION) \
    if (!(CONDITION)) return __LINE__

/* Runs `ranks` processes, of `here` to a machine that see each other's memory; 0, or a line. */
static int all_ranks(int ranks, int here, int (*work)(Near *near))
{
    int status, wrong = 0;
    NearMemory meeting[MOST_RANKS];
    for (int a = 0; a < ranks; a++)
        for (int b = a + 1; b < ranks; b++)
            cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, channel[a][b]), 0);
    for (int k = 0; k < ranks / here; k++) {
        NearOffer offer;
        cr_assert(near_offer(&offer, near_meeting_bytes() + sizeof(int) * MOST_RANKS));
        meeting[k] = near_take(&offer, near_meeting_bytes() + sizeof(int) * MOST_RANKS);
        cr_assert(meeting[k].at);
        close(offer.file);
    }
    for (int rank = 0; rank < ranks; rank++)
        if (fork() == 0) {
            common = meeting[rank / here];
            world = (World){.rank = rank,
                            .ranks = ranks,
                            .in_order = true,
                            .near = {.count = here, .me = rank % here, .crowded = true},
                            .swap = swap_with};
            near_begin(&world.near, common.at);
            int line = near_meet(&world.near) ? __LINE__ : work(&world.near);
            _exit(line ? 1 + !(found()[rank % here] = line) : 0);
        }
    while (wait(&status) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status)) wrong = __LINE__;
    for (int rank = 0; rank < ranks; rank++) {
        common = meeting[rank / here];
        if (found()[rank % here]) wrong = found()[rank % here];
    }
    for (int k = 0; k < ranks / here; k++)
        near_leave(&meeting[k]);
    for (int a = 0; a < ranks; a++)
        for (int b = a + 1; b < ranks; b++)
            close(channel[a][b][0]), close(channel[a][b][1]);
    return wrong;
}

#define RUN(...) \
    do { \
        int line = all_ranks(__VA_ARGS__); \
        cr_expect_eq(line, 0, "of ranks " #__VA_ARGS__ ": line %d", line); \
    } while (0)

/* ---- meetings ---- */

static int words(Near *near)
{
    int all[MOST_RANKS][3];
    for (int k = 0; k < 500; k++) {
        int mine[3] = {near->me, k, 100 * k + near->me};
        WANT(near_gather(near, mine, sizeof mine, all) == NNRT_OK);
        for (int rank = 0; rank < near->count; rank++)
            WANT(all[rank][0] == rank && all[rank][1] == k && all[rank][2] == 100 * k + rank);
    }
    WANT(!near_lost(near) && !near_gone(near, 0));
    WANT(near_meet(near) == NNRT_OK);
    WANT(!near_is_odd(near));
    WANT(near_meet(near) == NNRT_OK);
    if (near->me == 1) near_tell_odd(near);
    WANT(near_meet(near) == NNRT_OK);
    WANT(near_is_odd(near));
    return near_meet(near) ? __LINE__ : 0;
}

static int words_of_processors(Near *near)
{
    near->crowded = false;
    return words(near);
}

static int longest_word(Near *near)
{
    static char mine[NEAR_WORD], all[MOST_RANKS * NEAR_WORD];
    for (int k = 0; k < 20; k++) {
        memset(mine, 'a' + near->me + k, sizeof mine);
        WANT(near_gather(near, mine, sizeof mine, all) == NNRT_OK);
        for (int i = 0; i < near->count * NEAR_WORD; i++)
            WANT(all[i] == 'a' + i / NEAR_WORD + k);
    }
    return 0;
}

Test(ranks, words)
{
    RUN(3, 3, words);
    RUN(2, 2, words_of_processors);
    RUN(MOST_RANKS, MOST_RANKS, words);
    RUN(4, 4, longest_word);
}

Test(ranks, one_that_has_ended)
{
    NearOffer offer;
    Near near = {.count = 2, .me = 0};
    cr_assert(near_offer(&offer, near_meeting_bytes()));
    NearMemory memory = near_take(&offer, near_meeting_bytes());
    near_begin(&near, memory.at);
    cr_expect(!near_gone(&near, 0) && !near_gone(&(Near){.count = 2}, 1));
    pid_t child = fork();
    if (child == 0) {
        Near other = {.count = 2, .me = 1};
        near_begin(&other, memory.at);
        _exit(near_meet(&other) ? 1 : 0);
    }
    cr_expect_eq(near_meet(&near), NNRT_OK);
    waitpid(child, NULL, 0);
    cr_expect(near_gone(&near, 1) && !near_gone(&near, 0) && near_lost(&near));
    cr_expect_eq(near_meet(&near), RT_LOST);
    cr_expect_str_eq(nnrt_error_text(), "another rank of the run has ended");
    near_leave(&memory), close(offer.file);
}

/* ---- rooms ---- */

static Room *new_room(const Near *near, size_t bytes)
{
    NearOffer mine, all[MOST_RANKS];
    memset(&mine, 0, sizeof mine);
    if (near->me == 0 && !near_offer(&mine, room_bytes(near, bytes))) return NULL;
    if (near_gather(&world.near, &mine, sizeof mine, all)) return NULL;
    NearMemory memory = near_take(&all[0], room_bytes(near, bytes));
    if (near_meet(near)) return NULL;
    if (near->me == 0) close(mine.file);
    return memory.at ? room_new(memory, bytes) : NULL;
}

/* Of vectors at several places: parts of all ranks are the whole, one behind the other, and a view has what each rank wrote to its own. */
static int views(Near *near)
{
    static const struct {
        size_t at, n;
        int bytes;
    } vectors[] = {{0, 5, 4},      {0, 1024, 4},    {64, 1024, 4},   {4000, 30, 4},    {128, 20000, 4},
                   {64, 12345, 8}, {8192, 4096, 4}, {8200, 4096, 4}, {90000, 2500, 4}, {0, 1, 8}};
    Room *room = new_room(near, 100000);
    WANT(room && room->stride == 102400 && room_of(room, 1) == room->memory.at + 102400);
    char *own = room_of(room, near->me);
    WANT(room_find(room, near, own, 100000) == room && !room_find(room, near, own, 100001) && !room_find(NULL, near, own, 1));
    WANT(!room_find(room, near, own - 1, 1) && room_find(room, near, own + 99999, 1) && !room_find(room, near, own + 100000, 1));
    for (size_t i = 0; i < N_ROWS(vectors); i++) {
        int bytes = vectors[i].bytes;
        size_t n = vectors[i].n;
        char *v = own + vectors[i].at;
        const View *view = room_view(room, near, v, n, bytes);
        WANT(view && view == room_view(room, near, v, n, bytes) && view != room_view(room, near, v, n + 1, bytes));
        Part all[MOST_RANKS];
        WANT(near_gather(near, &view->mine, sizeof view->mine, all) == NNRT_OK);
        WANT(all[0].from == 0 && all[near->count - 1].to == n);
        memset(own, 'A' + near->me, 100000);
        WANT(near_meet(near) == NNRT_OK);
        for (int rank = 0; rank < near->count; rank++) {
            WANT(rank == 0 || all[rank].from == all[rank - 1].to);
            for (size_t k = all[rank].from * (size_t)bytes; k < all[rank].to * (size_t)bytes; k++)
                WANT(((const char *)view->at)[k] == 'A' + rank);
        }
        WANT(near_meet(near) == NNRT_OK);
    }
    room_free(room);
    return 0;
}

Test(ranks, rooms)
{
    RUN(2, 2, views);
    RUN(3, 3, views);
    RUN(MOST_RANKS, MOST_RANKS, views);
}

/* ---- sums ---- */

static const size_t lengths[] = {1, 2, 7, 511, 512, 513, 1500, 5000, 20001};
static const double factors[] = {1, 0.25, 3};
enum { ODD_AT = 4321, MOST = 20001 };

static float number(int rank, size_t i)
{
    return (float)((i * 2654435761u + (size_t)rank * 40503u) % 2001) / 7 - 100;
}

/* In floats, as a tree over the numbers of the ranks. */
static float tree_of(int rank, int count, size_t i)
{
    return count == 1 ? number(rank, i) : tree_of(rank, count / 2, i) + tree_of(rank + count / 2, count / 2, i);
}

static double tree_of_doubles(int rank, int count, size_t i)
{
    return count == 1 ? (double)number(rank, i) : tree_of_doubles(rank, count / 2, i) + tree_of_doubles(rank + count / 2, count / 2, i);
}

static int sum_of(const nnrt *m, void *at, size_t n, int bytes, double by)
{
    Sum sum;
    float *v = at;
    double *w = at;
    for (size_t i = 0; i < n; i++)
        bytes == 4 ? (v[i] = number(world.rank, i)) : (w[i] = (double)number(world.rank, i));
    WANT(sum_ranks(&world, m, at, n, bytes, by, &sum) == NNRT_OK);
    v = sum.all, w = sum.all;
    for (size_t i = 0; i < n; i++)
        WANT(bytes == 4 ? v[i] == (float)by * tree_of(0, world.ranks, i) : w[i] == by * tree_of_doubles(0, world.ranks, i));
    WANT(sum.finite == (world.rooms && world.near.count == world.ranks));
    return near_meet(&world.near) ? __LINE__ : 0; /* all have read it */
}

static int sums_at(const nnrt *m, void *at)
{
    for (size_t i = 0; i < N_ROWS(lengths); i++)
        for (size_t k = 0; k < N_ROWS(factors); k++)
            for (int bytes = 4; bytes <= 8; bytes += 4) {
                int line = sum_of(m, at, lengths[i], bytes, factors[k]);
                if (line) return line;
            }
    return 0;
}

static int sums_by_messages(Near *near)
{
    static double at[MOST];
    nnrt *m = nnrt_new(&line_program, 0);
    (void)near;
    return sums_at(m, at);
}

static int sums_in_rooms(Near *near)
{
    Sum sum;
    nnrt *m = nnrt_new(&line_program, 0);
    world.rooms = new_room(near, (MOST + 10) * 8);
    WANT(world.rooms);
    int line = sums_at(m, room_of(world.rooms, near->me) + 24);
    if (line || near->count < world.ranks) return line;
    float *v = (float *)(void *)room_of(world.rooms, near->me); /* what is not finite in one rank is told to all */
    for (size_t i = 0; i < MOST; i++)
        v[i] = near->me == 1 && i == ODD_AT ? INFINITY : 1;
    WANT(sum_ranks(&world, m, v, MOST, 4, 1, &sum) == NNRT_OK && !sum.finite);
    WANT(isinf(((float *)sum.all)[ODD_AT]) && ((float *)sum.all)[ODD_AT - 1] == (float)world.ranks);
    return near_meet(near) ? __LINE__ : 0;
}

Test(ranks, sums)
{
    RUN(2, 1, sums_by_messages);
    RUN(4, 1, sums_by_messages);
    RUN(MOST_RANKS, 1, sums_by_messages);
    for (int ranks = 2; ranks <= MOST_RANKS; ranks *= 2)
        RUN(ranks, ranks, sums_in_rooms);
    RUN(4, 2, sums_in_rooms);
    RUN(MOST_RANKS, 2, sums_in_rooms);
    RUN(MOST_RANKS, 4, sums_in_rooms);
}
