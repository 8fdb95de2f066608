/* SPDX-License-Identifier: MIT
 * inject.c: runs a command again and again; each time another allocation or system call of it fails.
 *
 *   inject alloc|calls [--sparse N] [--only K] LIBRARY FOLDER COMMAND...
 *
 * Every run begins in a copy of FOLDER (plain files only). Wanted: no signal and no internal error; exit status 5 for memory and 3 for
 * the system, or 0 with the results of an undisturbed run; an error is told; every file is as it was before or as an undisturbed run
 * leaves it, be it gone (logs: begin with what they were), and no other file is left. Without --sparse every place fails once, with it
 * about N times as many as there are factors of e in their number. A system call fails with every error that suits it.
 *
 *   inject divide LIBRARY FOLDER COMMAND...
 *
 * does the same for allocations in one run, which divides at each; the copy mostly ends at once, so that hundreds of thousands are
 * minutes. What ends otherwise than expected is run again alone, and so are the allocations after the first file that is written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

/* ---- folders as lists of files --------------------------------------------------------------------------- */

enum { MOST_FILES = 64, NAME = 256 };
typedef struct Files {
    int n;
    char name[MOST_FILES][NAME];
    char *data[MOST_FILES];
    size_t size[MOST_FILES];
    mode_t mode[MOST_FILES];
} Files;

static char *read_whole(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st)) die(path);
    char *data = malloc((size_t)st.st_size + 1);
    *n = fread(data, 1, (size_t)st.st_size, f);
    data[*n] = 0;
    fclose(f);
    return data;
}

/* When a run began is another moment each time. */
static void blank_time(char *text)
{
    static const char key[] = "\"time\": \"";
    char *at = strstr(text, key);
    if (at) memset(at + sizeof key - 1, '0', strcspn(at + sizeof key - 1, "\""));
}

static void list_into(const char *folder, const char *prefix, Files *files)
{
    DIR *d = opendir(folder);
    if (!d) die(folder);
    for (struct dirent *e; (e = readdir(d));) {
        char path[2 * NAME + 4096], name[2 * NAME];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        snprintf(name, sizeof name, "%s%s", prefix, e->d_name);
        if (stat(path, &st) || e->d_name[0] == '.') {
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        }
        if (S_ISDIR(st.st_mode)) {
            strcat(name, "/");
            list_into(path, name, files);
            continue;
        }
        if (files->n == MOST_FILES || strlen(name) >= NAME) die("too many files");
        strcpy(files->name[files->n], name);
        files->mode[files->n] = st.st_mode;
        files->data[files->n] = read_whole(path, &files->size[files->n]);
        blank_time(files->data[files->n]);
        files->n++;
    }
    closedir(d);
}

static void list_files(const char *folder, Files *files)
{
    *files = (Files){0};
    list_into(folder, "", files);
}

static void free_files(Files *files)
{
    for (int i = 0; i < files->n; i++)
        free(files->data[i]);
    files->n = 0;
}

static int find_file(const Files *files, const char *name)
{
    for (int i = 0; i < files->n; i++)
        if (strcmp(files->name[i], name) == 0) return i;
    return -1;
}

static void empty_folder(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d) die(folder);
    for (struct dirent *e; (e = readdir(d));) {
        char path[NAME + 4096];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (unlink(path)) empty_folder(path), rmdir(path);
    }
    closedir(d);
}

static void fill_folder(const char *folder, const Files *files)
{
    empty_folder(folder);
    for (int i = 0; i < files->n; i++) {
        char path[NAME + 4096];
        snprintf(path, sizeof path, "%s/%s", folder, files->name[i]);
        for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
            *slash = 0;
            mkdir(path, 0777);
        }
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, files->mode[i] & 0777);
        if (file < 0 || write(file, files->data[i], files->size[i]) != (ssize_t)files->size[i]) die(path);
        close(file);
    }
}

/* ---- one run --------------------------------------------------------------------------------------------- */

typedef struct Test {
    bool calls;
    int sparse;
    uint64_t only;
    const char *library, *page_path, *folder, *stage, *out; /* stage: where the run that divides stands */
    char **command;
    Page *page;
    Files before, after; /* before: the template; after: what an undisturbed run leaves */
    size_t said;
    long runs, wrong;
} Test;

typedef struct Place { /* a system call of the run, and the error it gets (0: the next call of that kind is only looked at) */
    uint64_t at;
    int error;
    long number;       /* which system call stands there */
    bool reached;
} Place;

static _Noreturn void child(const Test *t, const char *folder, const char *out_path)
{
    int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    dup2(out, 1);
    dup2(out, 2);
    close(out);
    if (chdir(folder)) die(folder);
    setenv("LD_PRELOAD", t->library, 1);
    setenv("INJECT_PAGE", t->page_path, 1);
    if (t->calls && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))) die("ptrace");
    execvp(t->command[0], t->command);
    die(t->command[0]);
}

/* Errors that a system call can be given; 0 ends the list. Calls that are not in it are left alone. */
static const struct {
    long number;
    int error[4];
} table[] = {
    /* clang-format off */
    { SYS_openat, { EIO, EINTR, ENOSPC } }, { SYS_read, { EIO, EINTR } }, { SYS_pread64, { EIO, EINTR } },
    { SYS_write, { ENOSPC, EIO, EINTR } }, { SYS_writev, { ENOSPC, EIO, EINTR } }, { SYS_pwrite64, { ENOSPC, EIO, EINTR } },
    { SYS_fsync, { EIO, ENOSPC, EINTR } }, { SYS_fdatasync, { EIO, ENOSPC, EINTR } }, { SYS_close, { EIO, ENOSPC, EINTR } },
    { SYS_ftruncate, { EIO, EINTR } }, { SYS_renameat2, { EIO, ENOSPC } }, { SYS_renameat, { EIO, ENOSPC } },
    { SYS_mkdirat, { EIO, ENOSPC } }, { SYS_getdents64, { EIO } }, { SYS_lseek, { EIO } }, { SYS_mmap, { EIO } },
    { SYS_newfstatat, { EIO } }, { SYS_fstat, { EIO } }, { SYS_unlinkat, { EIO } }, { SYS_clone3, { EAGAIN } },
    /* clang-format on */
#ifdef SYS_open
    {SYS_open, {EIO, EINTR, ENOSPC}},
    {SYS_rename, {EIO, ENOSPC}},
    {SYS_mkdir, {EIO, ENOSPC}},
    {SYS_stat, {EIO}},
    {SYS_unlink, {EIO}},
#endif
};

static const int *errors_of(long number)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].number == number) return table[i].error;
    return NULL;
}

#ifdef __x86_64__
enum { CAN_TRACE = 1 };
typedef struct Call {
    long number;
    uint64_t first, fifth;
} Call;

static void get_call(pid_t pid, Call *call)
{
    struct user_regs_struct r = {0};
    ptrace(PTRACE_GETREGS, pid, NULL, &r);
    *call = (Call){(long)r.orig_rax, r.rdi, r.r8};
}

/* At its entry the call becomes one that does not exist, at its end it gets its result. */
static void set_call(pid_t pid, bool entry, int error)
{
    struct user_regs_struct r = {0};
    ptrace(PTRACE_GETREGS, pid, NULL, &r);
    if (entry)
        r.orig_rax = (unsigned long long)-1;
    else
        r.rax = (unsigned long long)-(long long)error;
    ptrace(PTRACE_SETREGS, pid, NULL, &r);
}
#else
enum { CAN_TRACE = 0 };
/* clang-format off */
typedef struct Call { long number; uint64_t first, fifth; } Call;
static void get_call(pid_t pid, Call *call) { (void)pid; *call = (Call){ 0 }; }
static void set_call(pid_t pid, bool entry, int error) { (void)pid, (void)entry, (void)error; }
/* clang-format on */
#endif

enum { MOST_THREADS = 64 };
typedef struct Tracer {
    Place *place;
    uint64_t seen;
    bool loaded;
    struct {
        pid_t pid;
        bool inside, failing;
    } thread[MOST_THREADS];
    int n;
} Tracer;

static int thread_of(Tracer *tr, pid_t pid)
{
    for (int i = 0; i < tr->n; i++)
        if (tr->thread[i].pid == pid) return i;
    if (tr->n == MOST_THREADS) die("too many threads");
    tr->thread[tr->n].pid = pid, tr->thread[tr->n].inside = tr->thread[tr->n].failing = false;
    return tr->n++;
}

static void at_call(Tracer *tr, pid_t pid)
{
    int i = thread_of(tr, pid);
    Call call;
    tr->thread[i].inside = !tr->thread[i].inside;
    if (!tr->thread[i].inside) {
        if (tr->thread[i].failing) set_call(pid, false, tr->place->error);
        tr->thread[i].failing = false;
        return;
    }
    get_call(pid, &call);
    if (call.number == SYS_close && (int)call.first == LOADED) tr->loaded = true;
    if (!tr->loaded || !errors_of(call.number)) return;
    if (call.number == SYS_mmap && (int)call.fifth < 0) return; /* memory: the other mode */
    if (call.number == SYS_close && (int)call.first == LOADED) return;
    if (++tr->seen != tr->place->at) return;
    tr->place->number = call.number;
    tr->place->reached = true;
    if (!tr->place->error) return;
    set_call(pid, true, 0);
    tr->thread[i].failing = true;
}

static int trace(pid_t pid, Place *place)
{
    Tracer tr = {.place = place};
    int status = 0;
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    waitpid(pid, &status, 0);
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL, options)) die("ptrace");
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    for (pid_t p; (p = waitpid(-1, &status, __WALL)) > 0;) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (p == pid) return status;
            continue;
        }
        int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) at_call(&tr, p);
        bool own = signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP;
        ptrace(PTRACE_SYSCALL, p, NULL, own ? 0 : signal);
    }
    return status;
}

static int run(Test *t, Place *place)
{
    fill_folder(t->folder, &t->before);
    t->page->calls = 0;
    t->page->fails_at = t->calls || !place ? 0 : place->at;
    Place none = {0};
    pid_t pid = fork();
    if (pid == 0) child(t, t->folder, t->out);
    int status = 0;
    t->runs++;
    if (t->calls) return trace(pid, place ? place : &none);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) die("waitpid");
    if (place) place->reached = t->page->calls >= place->at;
    return status;
}

/* ---- what is wanted -------------------------------------------------------------------------------------- */

static void complain(Test *t, const Place *place, const char *format, ...)
{
    va_list args;
    printf("%s %llu", t->calls ? "system call" : "allocation", (unsigned long long)place->at);
    if (t->calls) printf(" (number %ld, %s)", place->number, strerror(place->error));
    printf(" of `%s %s`: ", t->command[0], t->command[1] ? t->command[1] : "");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    size_t n;
    char *said = read_whole(t->out, &n);
    printf("\n    said: %.300s%s", said, n && said[n - 1] == '\n' ? "" : "\n");
    free(said);
    fflush(stdout);
    t->wrong++;
}

static bool is_log(const char *name)
{
    return strncmp(name, "log.", 4) == 0;
}

/* Is file i of `now` the same as in `list`? */
static bool same(const Files *now, int i, const Files *list)
{
    int k = find_file(list, now->name[i]);
    return k >= 0 && now->size[i] == list->size[k] && memcmp(now->data[i], list->data[k], now->size[i]) == 0;
}

static void check_files(Test *t, const Place *place, bool done)
{
    Files now;
    list_files(t->folder, &now);
    for (int i = 0; i < now.n; i++) {
        int old = find_file(&t->before, now.name[i]);
        if (is_log(now.name[i])) {
            if (old >= 0 && (now.size[i] < t->before.size[old] || memcmp(now.data[i], t->before.data[old], t->before.size[old])))
                complain(t, place, "%s has lost lines", now.name[i]);
        } else if (find_file(&t->before, now.name[i]) < 0 && find_file(&t->after, now.name[i]) < 0) {
            complain(t, place, "%s is left", now.name[i]);
        } else if (done && !same(&now, i, &t->after)) {
            complain(t, place, "%s differs, with exit status 0", now.name[i]);
        } else if (!done && !same(&now, i, &t->before) && !same(&now, i, &t->after)) {
            complain(t, place, "%s is neither what it was nor what it should be", now.name[i]);
        }
    }
    for (int i = 0; i < t->before.n; i++)
        if (find_file(&now, t->before.name[i]) < 0 && find_file(&t->after, t->before.name[i]) >= 0)
            complain(t, place, "%s is lost", t->before.name[i]);
    for (int i = 0; done && i < t->after.n; i++)
        if (find_file(&now, t->after.name[i]) < 0) complain(t, place, "%s was not made, with exit status 0", t->after.name[i]);
    free_files(&now);
}

static void check(Test *t, const Place *place, int status)
{
    int wanted = t->calls ? 3 : 5;
    size_t said;
    free(read_whole(t->out, &said));
    if (WIFSIGNALED(status))
        complain(t, place, "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != wanted)
        complain(t, place, "exit status %d, not %d", WEXITSTATUS(status), wanted);
    else if (WEXITSTATUS(status) && said == 0 && !(t->calls && (place->number == SYS_write || place->number == SYS_writev)))
        complain(t, place, "nothing was said");
    check_files(t, place, status == 0);
}

static uint64_t next(const Test *t, uint64_t k)
{
    return k + 1 + (t->sparse ? k / (uint64_t)t->sparse : 0);
}

static void every_allocation(Test *t, uint64_t from)
{
    for (Place place = {.at = from};; place.at = next(t, place.at)) {
        int status = run(t, &place);
        if (!place.reached) break;
        check(t, &place, status);
        if (t->only) break;
    }
}

static bool unchanged(const char *folder, const Files *list)
{
    Files now;
    list_files(folder, &now);
    bool is = now.n == list->n;
    for (int i = 0; i < now.n && is; i++)
        is = same(&now, i, list);
    free_files(&now);
    return is;
}

/* Did the copy end as one that has no memory should, without a trace, or as if nothing had failed? */
static bool ended_well(const Test *t)
{
    struct stat said;
    if (t->page->status == 0) return unchanged(t->folder, &t->after);
    bool ended = WIFEXITED(t->page->status) && WEXITSTATUS(t->page->status) == 5;
    return ended && stat(t->out, &said) == 0 && said.st_size > 0 && unchanged(t->folder, &t->before);
}

/* Follows the run that divides; returns the first allocation that it left. What has to be run alone goes into `again`. */
static uint64_t follow(Test *t, int told, int go, uint64_t *again, int room, int *n)
{
    uint64_t left = 1;
    for (char byte; read(told, &byte, 1) == 1;) {
        left = t->page->at + 1;
        t->runs++;
        bool well = ended_well(t);
        if (!well && *n < room) again[(*n)++] = t->page->at;
        if (!well || t->page->status == 0) fill_folder(t->folder, &t->before);
        t->page->forks_at = unchanged(t->stage, &t->before) ? left : 0;
        if (write(go, &byte, 1) != 1) break;
    }
    return left;
}

static uint64_t one_run(Test *t, uint64_t *again, int room, int *n)
{
    int told[2], go[2], status;
    if (pipe(told) || pipe(go)) die("pipe");
    fill_folder(t->folder, &t->before), fill_folder(t->stage, &t->before);
    *t->page = (Page){.forks_at = 1};
    strcpy(t->page->folder, t->folder), strcpy(t->page->out, t->out);
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(told[1], TOLD) < 0 || dup2(go[0], GO) < 0) die("dup2");
        close(told[0]), close(told[1]), close(go[0]), close(go[1]);
        child(t, t->stage, "/dev/null");
    }
    close(told[1]), close(go[0]);
    uint64_t left = follow(t, told[0], go[1], again, room, n);
    close(told[0]), close(go[1]);
    waitpid(pid, &status, 0);
    if (status) t->wrong++, printf("the run that divides ended with status %x\n", (unsigned)status);
    t->page->forks_at = 0;
    return left;
}

static void divide(Test *t)
{
    enum { ROOM = 100000 };
    uint64_t *again = malloc(ROOM * sizeof *again);
    int n = 0;
    uint64_t left = one_run(t, again, ROOM, &n);
    printf("%llu divided, %d of them run again alone\n", (unsigned long long)left - 1, n);
    for (int i = 0; i < n; i++) {
        Place place = {.at = again[i]};
        int status = run(t, &place);
        if (place.reached) check(t, &place, status);
    }
    free(again);
    every_allocation(t, left);
}

static void every_call(Test *t)
{
    for (Place place = {.at = t->only ? t->only : 1};; place.at = next(t, place.at)) {
        place.error = 0, place.reached = false;
        run(t, &place);
        const int *error = place.reached ? errors_of(place.number) : NULL;
        if (!error) break;
        for (; *error; error++) {
            place.error = *error;
            int status = run(t, &place);
            if (place.reached) check(t, &place, status);
        }
        if (t->only) break;
    }
}

static void undisturbed(Test *t)
{
    int status = run(t, NULL);
    if (!t->calls) printf("%llu allocations\n", (unsigned long long)t->page->calls);
    if (status) {
        printf("the command fails undisturbed (status %x): %s\n", (unsigned)status, read_whole(t->out, &t->said));
        exit(2);
    }
    list_files(t->folder, &t->after);
}

int main(int argc, char **argv)
{
    Test t = {.calls = argc > 1 && strcmp(argv[1], "calls") == 0};
    static char scratch[] = "/tmp/nnc-inject-XXXXXX", folder[64], stage[64], out[64], page[64];
    int at = 2;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (strcmp(argv[at], "--sparse") == 0) t.sparse = atoi(argv[at + 1]);
        if (strcmp(argv[at], "--only") == 0) t.only = strtoull(argv[at + 1], NULL, 10);
    }
    if (argc < at + 3) return puts("usage: inject alloc|divide|calls [--sparse N] [--only K] LIBRARY FOLDER COMMAND..."), 2;
    if (t.calls && !CAN_TRACE) return 77;
    if (!mkdtemp(scratch)) die(scratch);
    sprintf(folder, "%s/work", scratch), sprintf(stage, "%s/stage", scratch), sprintf(out, "%s/out", scratch),
        sprintf(page, "%s/page", scratch);
    if (mkdir(folder, 0777) || mkdir(stage, 0777)) die(folder);
    int file = open(page, O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, sizeof(Page))) die(page);
    t.page = mmap(NULL, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (t.page == MAP_FAILED) die(page);
    t.library = argv[at], t.folder = folder, t.stage = stage, t.out = out, t.page_path = page, t.command = argv + at + 2;
    list_files(argv[at + 1], &t.before);
    undisturbed(&t);
    uint64_t from = t.only ? t.only : 1;
    t.calls ? every_call(&t) : strcmp(argv[1], "divide") == 0 ? divide(&t) : every_allocation(&t, from);
    printf("%s, %s: %ld runs, %ld wrong\n", t.calls ? "system calls" : "allocations", t.command[1] ? t.command[1] : t.command[0], t.runs,
           t.wrong);
    if (!t.only)
        empty_folder(scratch), rmdir(scratch);
    else
        printf("left in %s\n", scratch);
    return t.wrong > 0;
}
