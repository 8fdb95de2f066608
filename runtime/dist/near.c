/* SPDX-License-Identifier: MIT
 * near.c: the ranks of one machine (near.h).
 *
 * They meet as the threads of a gang do (core/sync.c): the last to come opens the next phase. Who waits looks for a while, where it
 * has a processor of its own, then sleeps, and looks now and then whether the others are still there. */
#include "dist/near.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"

enum { LINE = 64 };
struct Meeting {
    _Alignas(LINE) uint32_t arrived;
    _Alignas(LINE) uint32_t phase;
    uint32_t asleep;
    uint32_t odd;
    _Alignas(LINE) int32_t process[NEAR_RANKS];
    unsigned char word[2][NEAR_RANKS][NEAR_WORD]; /* in turn: the last but one has been read by all when they have met once more */
};

/* ---- memory -------------------------------------------------------------------------------------------------- */

/* The last 8 bytes of the file are a mark: where numbers of processes mean something else to another rank, it finds another file. */
static size_t file_bytes(size_t bytes)
{
    return (bytes + 7) / 8 * 8 + 8;
}

bool near_offer(NearOffer *offer, size_t bytes)
{
    size_t all = file_bytes(bytes);
    int fd = (int)syscall(SYS_memfd_create, "nnrt", 1u); /* closed by exec */
    *offer = (NearOffer){.process = (int32_t)getpid(), .file = fd, .mark = (uint64_t)(rt_now() * 1e9) ^ (uint64_t)(uintptr_t)offer};
    if (fd < 0) return false;
    if (ftruncate(fd, (off_t)all) == 0 && pwrite(fd, &offer->mark, 8, (off_t)all - 8) == 8) return true;
    close(fd);
    offer->file = -1;
    return false;
}

NearMemory near_take(const NearOffer *offer, size_t bytes)
{
    char path[64];
    struct stat stat;
    uint64_t mark = 0;
    size_t all = file_bytes(bytes);
    NearMemory none = {.file = -1};
    if (offer->file < 0) return none;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", offer->process, offer->file);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return none;
    bool right = fstat(fd, &stat) == 0 && (size_t)stat.st_size == all && pread(fd, &mark, 8, (off_t)all - 8) == 8 && mark == offer->mark;
    void *at = right ? mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (at != MAP_FAILED) return (NearMemory){at, all, fd};
    close(fd);
    return none;
}

void near_leave(NearMemory *m)
{
    if (m->at) munmap(m->at, m->bytes), close(m->file);
    *m = (NearMemory){.file = -1};
}

/* ---- who is there ---------------------------------------------------------------------------------------------- */

size_t near_meeting_bytes(void)
{
    return sizeof(Meeting);
}

void near_begin(Near *n, void *memory)
{
    n->meeting = memory;
    if (memory) n->meeting->process[n->me] = (int32_t)getpid();
}

bool near_gone(const Near *n, int rank)
{
    return n->meeting && kill(n->meeting->process[rank], 0) && errno == ESRCH;
}

bool near_lost(const Near *n)
{
    for (int rank = 0; rank < n->count; rank++)
        if (near_gone(n, rank)) return true;
    return false;
}

void near_tell_odd(const Near *n)
{
    __atomic_store_n(&n->meeting->odd, 1, __ATOMIC_RELAXED);
}

bool near_is_odd(const Near *n)
{
    return __atomic_load_n(&n->meeting->odd, __ATOMIC_RELAXED);
}

/* ---- meetings -------------------------------------------------------------------------------------------------- */

static void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static bool has_come(const Meeting *m, uint32_t phase)
{
    return __atomic_load_n(&m->phase, __ATOMIC_ACQUIRE) != phase;
}

/* Some times what sleeping and waking cost. */
static bool look(const Near *n, uint32_t phase)
{
    const double until = rt_now() + 200e-6;
    for (unsigned k = 1; !has_come(n->meeting, phase); k++) {
        if (n->crowded || (k % 64 == 0 && rt_now() > until)) return false;
        pause_cpu();
    }
    return true;
}

static void sleep_a_while(Meeting *m, uint32_t phase)
{
    const struct timespec nap = {.tv_nsec = 10000000};
    __atomic_fetch_add(&m->asleep, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &m->phase, FUTEX_WAIT, phase, &nap, NULL, 0);
    __atomic_fetch_sub(&m->asleep, 1, __ATOMIC_SEQ_CST);
}

int near_meet(const Near *n)
{
    Meeting *m = n->meeting;
    uint32_t phase = __atomic_load_n(&m->phase, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&m->arrived, 1, __ATOMIC_ACQ_REL) == (uint32_t)n->count) {
        __atomic_store_n(&m->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&m->phase, phase + 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&m->asleep, __ATOMIC_SEQ_CST)) syscall(SYS_futex, &m->phase, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
        return NNRT_OK;
    }
    for (bool come = look(n, phase); !come; come = has_come(m, phase)) {
        sleep_a_while(m, phase);
        if (near_lost(n) && !has_come(m, phase)) return rt_fail(RT_LOST, "another rank of the run has ended");
    }
    return NNRT_OK;
}

int near_gather(Near *n, const void *mine, size_t bytes, void *all)
{
    unsigned char(*word)[NEAR_WORD] = n->meeting->word[n->words++ % 2];
    memcpy(word[n->me], mine, bytes);
    int code = near_meet(n);
    for (int rank = 0; rank < n->count && !code; rank++)
        memcpy((char *)all + bytes * (size_t)rank, word[rank], bytes);
    return code;
}
