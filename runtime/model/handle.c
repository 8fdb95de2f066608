/* SPDX-License-Identifier: MIT
 * handle.c: the model handle and the calls of the convenience layer. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/rt.h"

static _Thread_local char error_text[4096];

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Also where a file could not be opened or read because memory was short. */
static bool says_no_memory(void)
{
    return ends_in(error_text, json_no_memory) || ends_in(error_text, strerror(ENOMEM));
}

int rt_fail(int code, const char *format, ...)
{
    char raw[sizeof error_text]; /* names, cells and paths are from outside */
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    rt_plain(error_text, sizeof error_text, raw);
    return code && says_no_memory() ? NNRT_E_MEM : code;
}

void rt_remark(const nnrt *m, const char *format, ...)
{
    char raw[sizeof error_text];
    va_list args;
    if (!m->tells) return;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    fprintf(stderr, "%s: ", m->program->name);
    rt_put_plain(stderr, raw);
    fputc('\n', stderr);
}

void rt_error_prefix(const char *format, ...)
{
    char old[sizeof error_text], before[512];
    memcpy(old, error_text, sizeof old);
    va_list args;
    va_start(args, format);
    vsnprintf(before, sizeof before, format, args);
    va_end(args);
    rt_fail(NNRT_OK, "%s%s", before, old);
}

const char *nnrt_error_text(void)
{
    return error_text;
}

void *rt_alloc(size_t bytes)
{
    void *at = NULL;
    if (bytes > SIZE_MAX / 2 || posix_memalign(&at, NNRT_ALIGN, bytes ? bytes : NNRT_ALIGN)) {
        rt_fail(NNRT_E_MEM, "out of memory (%zu bytes)", bytes);
        return NULL;
    }
    memset(at, 0, bytes ? bytes : NNRT_ALIGN);
    return at;
}

void rt_free(void *at)
{
    free(at);
}

void *rt_grow(void *at, size_t old_bytes, size_t new_bytes)
{
    void *bigger = rt_alloc(new_bytes);
    if (!bigger) return NULL;
    if (old_bytes) memcpy(bigger, at, old_bytes);
    free(at);
    return bigger;
}

/* ---- life
 * ------------------------------------------------------------------------------------------- */

nnrt *rt_new(const nnrt_program *program)
{
    const char *error = NULL;
    nnrt *m = rt_alloc(sizeof *m);
    if (!m) return NULL;
    m->program = program;
    m->manifest = json_parse(program->manifest, strlen(program->manifest), &error);
    m->options = rt_alloc(program->options_bytes);
    m->pace = rt_alloc(sizeof(Pace) * (size_t)(program->n_entries + 1));
    m->area = rt_alloc(sizeof(void *) * (size_t)(program->n_entries + 1));
    const Json *options = json_get(m->manifest, "options");
    m->string = rt_alloc(sizeof(char *) * (size_t)((options ? options->n : 0) + 1));
    m->option_given = rt_alloc(sizeof(bool) * (size_t)((options ? options->n : 0) + 1));
    if (!m->manifest || !m->options || !m->pace || !m->area || !m->string || !m->option_given) {
        if (!m->manifest && error != json_no_memory) rt_fail(NNRT_E_ABI, "the program's manifest is damaged: %s", error);
        nnrt_free(m);
        return NULL;
    }
    if (program->options_bytes) memcpy(m->options, program->options, program->options_bytes);
    return m;
}

int rt_blank_model(nnrt *m)
{
    m->model = rt_alloc(m->program->model_bytes);
    return m->model ? m->program->core->blank(m->program, m->model) : NNRT_E_MEM;
}

nnrt *nnrt_new(const nnrt_program *program, uint64_t seed)
{
    nnrt *m = rt_new(program);
    if (!m) return NULL;
    m->seed = seed;
    if (!rt_blank_model(m) && !program->core->init(program, m->model, seed)) return m;
    nnrt_free(m);
    return NULL;
}

static void free_vocabs(nnrt *m)
{
    for (int i = 0; i < m->n_vocabs; i++) {
        for (int k = 0; k < m->vocab[i].n; k++)
            free(m->vocab[i].word[k]);
        free(m->vocab[i].word);
    }
    rt_free(m->vocab);
    m->vocab = NULL;
    m->n_vocabs = 0;
}

void nnrt_free(nnrt *m)
{
    if (!m) return;
    const Json *options = json_get(m->manifest, "options");
    for (int i = 0; m->string && options && i < options->n; i++)
        free(m->string[i]);
    for (int i = 0; m->area && i < m->program->n_entries; i++)
        rt_free(m->area[i]);
    free_vocabs(m);
    pool_free(m->pool);
    rt_free(m->string);
    rt_free(m->option_given);
    rt_free(m->area);
    rt_free(m->pace);
    for (Stream *s = m->streams, *next; s; s = next) {
        next = s->next;
        free(s->text);
        rt_free(s);
    }
    rt_free(m->options);
    rt_free(m->model);
    rt_free(m->work);
    rt_free(m->ema);
    json_free(m->manifest);
    rt_free(m);
}

int nnrt_load(nnrt *m, const char *path)
{
    return weights_load(m, path, false, -1);
}

int nnrt_save(const nnrt *m, const char *path)
{
    return weights_save(m, path, -1, NULL);
}

void *nnrt_model(nnrt *m)
{
    return m->model;
}

void *nnrt_options(nnrt *m)
{
    return m->options;
}

int nnrt_get_tensor(nnrt *m, const char *name, nnrt_tensor *view)
{
    static const int32_t dtypes[] = {
        [NNRT_F32] = 0, [NNRT_F64] = 1, [NNRT_I32] = 2, [NNRT_I64] = 3, [NNRT_BOOL] = 4};
    for (int32_t i = 0; i < m->program->n_tensors; i++) {
        const nnrt_tensor_info *t = &m->program->tensor[i];
        if (strcmp(t->name, name) != 0) continue;
        *view = (nnrt_tensor){
            .rank = t->rank, .dtype = dtypes[t->dtype], .data = (char *)m->model + t->offset};
        memcpy(view->dim, t->dim, sizeof view->dim);
        memcpy(view->stride, t->stride, sizeof view->stride);
        return NNRT_OK;
    }
    return rt_fail(NNRT_E_SHAPE, "there is no tensor %s", name);
}

/* ---- manifest
 * ------------------------------------------------------------------------------------------ */

const Json *rt_entry(const nnrt *m, int entry)
{
    return json_at(json_get(m->manifest, "entries"), entry);
}

int rt_find_entry(const nnrt *m, const char *name, const char *kind)
{
    const Json *entries = json_get(m->manifest, "entries");
    int i = 0;
    for (const Json *e = entries ? entries->child : NULL; e; e = e->next, i++) {
        if (json_int(e, "derived_from", -1) >= 0) continue;
        if (kind && strcmp(json_text(e, "kind", ""), kind) != 0) continue;
        if (!name || strcmp(json_text(e, "name", ""), name) == 0) return i;
    }
    return -1;
}

const char *rt_join(const nnrt *m, const Json *pieces, char *out, size_t n)
{
    size_t at = 0;
    out[0] = 0;
    for (const Json *p = pieces ? pieces->child : NULL; p; p = p->next) {
        const char *text = p->kind == JSON_STRING ? p->text : NULL;
        if (!text) {
            const Json *option =
                json_at(json_get(m->manifest, "options"), (int)json_int(p, "option", 0));
            memcpy(&text, (const char *)m->options + json_int(option, "offset", 0), sizeof text);
        }
        int wrote = snprintf(out + at, n - at, "%s", text ? text : "");
        if (wrote < 0 || (size_t)wrote >= n - at) break;
        at += (size_t)wrote;
    }
    return out;
}

int rt_set_string(nnrt *m, int option, const char *text)
{
    const Json *o = json_at(json_get(m->manifest, "options"), option);
    char *copy = strdup(text);
    if (!copy) return rt_no_memory();
    free(m->string[option]);
    m->string[option] = copy;
    memcpy((char *)m->options + json_int(o, "offset", 0), &m->string[option], sizeof(char *));
    return NNRT_OK;
}

Vocab *rt_vocab(nnrt *m, int data, int field)
{
    for (int i = 0; i < m->n_vocabs; i++)
        if (m->vocab[i].data == data && m->vocab[i].field == field) return &m->vocab[i];
    return NULL;
}

int rt_add_vocab(nnrt *m, int data, int field, char **words, int n)
{
    Vocab *old = rt_vocab(m, data, field);
    if (old) {
        for (int k = 0; k < old->n; k++)
            free(old->word[k]);
        free(old->word);
        old->word = words;
        old->n = n;
        return NNRT_OK;
    }
    Vocab *list = rt_grow(m->vocab, sizeof(Vocab) * (size_t)m->n_vocabs,
                          sizeof(Vocab) * (size_t)(m->n_vocabs + 1));
    if (!list) return NNRT_E_MEM;
    m->vocab = list;
    m->vocab[m->n_vocabs++] = (Vocab){data, field, words, n};
    return NNRT_OK;
}

/* ---- calls
 * -----------------------------------------------------------------------------------------------
 */

void *rt_area(nnrt *m, int entry)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (m->area[entry] || e->kind == NNRT_EXPORT_ENTRY) return m->area[entry];
    bool train = e->kind == NNRT_TRAIN_ENTRY;
    void *area = rt_alloc(train ? e->train_bytes : e->sums_area);
    if (!area) return NULL;
    if (train)
        m->program->core->train_init(m->program, e, area, m->seed);
    else
        m->program->core->sum_clear(m->program, e, area);
    return m->area[entry] = area;
}

int rt_threads(nnrt *m, int threads)
{
    if (threads > RT_MOST_THREADS)
        return rt_fail(NNRT_E_RANGE, "%d threads are wanted, but at most %d are possible", threads,
                       RT_MOST_THREADS);
    pool_free(m->pool);
    m->pool = pool_new(threads);
    m->threads_fixed = threads > 0;
    return m->pool ? NNRT_OK : NNRT_E_MEM;
}

/* "H is 30, W is 21": the sizes that stand in a text; without a text "H 30, W 21" of all. */
static void sizes_in(const Json *entry, const char *text, const int64_t *sizes, char *out, size_t n)
{
    const Json *names = json_get(entry, "sizes");
    size_t used = 0;
    int i = 0;
    out[0] = 0;
    for (const Json *s = names ? names->child : NULL; s; s = s->next, i++) {
        if (!text && used < n)
            used += (size_t)snprintf(out + used, n - used, "%s%s %lld", used ? ", " : "", s->text,
                                     (long long)sizes[i]);
        if (!text) continue;
        size_t length = strlen(s->text);
        for (const char *at = strstr(text, s->text); at; at = strstr(at + 1, s->text)) {
            bool inside = (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')) ||
                          isalnum((unsigned char)at[length]) || at[length] == '_';
            if (inside || used >= n) continue;
            used += (size_t)snprintf(out + used, n - used, "%s%s is %lld", used ? ", " : "",
                                     s->text, (long long)sizes[i]);
            break;
        }
    }
}

int rt_too_large(const nnrt *m, int entry, const int64_t *sizes)
{
    char have[400];
    sizes_in(rt_entry(m, entry), NULL, sizes, have, sizeof have);
    return rt_fail(NNRT_E_WORK, "%s: these sizes are too large: %s", m->program->entry[entry]->name,
                   have);
}

/* Name of pointer argument i; "?" if it has none. */
static const char *argument_name(const Json *entry, int i)
{
    const Json *args = json_get(entry, "args");
    for (const Json *a = args ? args->child : NULL; a; a = a->next)
        if (strcmp(json_text(a, "role", ""), "dim") != 0 && i-- == 0)
            return json_text(a, "name", "?");
    return "?";
}

/* Scalar i of a minimize, counted from 1 (core.h of the compiler). */
static const char *scalar_name(const char *optimizer, int64_t i)
{
    static const char *const common[] = {"loss", "lr", "decay", "clip", "clip_value"};
    static const struct {
        const char *optimizer, *name[3];
    } own[] = {{"momentum", {"mu"}},
               {"nesterov", {"mu"}},
               {"adam", {"beta1", "beta2", "eps"}},
               {"adamw", {"beta1", "beta2", "eps"}},
               {"rmsprop", {"rho", "eps", "mu"}},
               {"adagrad", {"eps"}}};
    if (i >= 0 && i < 5) return common[i];
    for (size_t k = 0; i < 8 && k < sizeof own / sizeof *own; k++)
        if (strcmp(own[k].optimizer, optimizer) == 0 && own[k].name[i - 5])
            return own[k].name[i - 5];
    return "?";
}

static void put_tensor(const nnrt *m, int tensor, const char *source, char *out, size_t n)
{
    const Json *line = json_at(json_get(m->manifest, "tensor_lines"), tensor);
    char at[300] = "";
    if (line && line->integer > 0)
        snprintf(at, sizeof at, " (%s:%lld)", source, (long long)line->integer);
    snprintf(out, n, "the gradient of %s%s is not finite", m->program->tensor[tensor].name, at);
}

/* What of a minimize was not finite, and what was changed before. */
static int explain_numeric(const nnrt *m, int entry, const nnrt_error *err, const char *source)
{
    const nnrt_entry *e = m->program->entry[entry];
    const nnrt_train *train = m->area[entry];
    const Json *statement = json_at(json_get(rt_entry(m, entry), "statements"), err->argument);
    const char *optimizer = json_text(statement, "optimizer", "?");
    char what[900];
    if (err->given == NNRT_GRADIENT && err->axis >= 0)
        put_tensor(m, err->axis, source, what, sizeof what);
    else if (err->given == NNRT_GRADIENT)
        snprintf(what, sizeof what, "the gradient is too large for its norm to be a number");
    else if (err->given > 0)
        snprintf(what, sizeof what, "%s of %s is not finite", scalar_name(optimizer, err->given),
                 optimizer);
    else
        snprintf(what, sizeof what, "loss is not finite");
    return rt_fail(NNRT_E_NUMERIC, "%s, step %lld: %s, at the minimize of %s:%d; %s", e->name,
                   (long long)train->step, what, source, err->line,
                   err->wanted > 0 ? "it updated nothing, but those before it in this step did"
                                     : "no update was made");
}

static int explain(const nnrt *m, int entry, const nnrt_call *call, const int64_t *sizes, int code)
{
    const Json *e = rt_entry(m, entry);
    const char *name = m->program->entry[entry]->name;
    const char *source = json_text(m->manifest, "source", m->program->name);
    const nnrt_error *err = &call->error;
    switch (code) {
    case NNRT_E_REQUIRES: {
        const Json *r = json_at(json_get(e, "requires"), err->argument);
        char have[200];
        sizes_in(e, json_text(r, "text", ""), sizes, have, sizeof have);
        return rt_fail(code, "%s %s: %s but must satisfy %s (%s:%d)", m->program->name, name,
                       have[0] ? have : "the sizes are known", json_text(r, "text", "?"), source,
                       err->line);
    }
    case NNRT_E_RANGE:
        if (err->wanted > 0)
            return rt_fail(code, "%s %s: %s contains %lld, but must be in 0..%lld",
                           m->program->name, name, argument_name(e, err->argument),
                           (long long)err->given, (long long)err->wanted - 1);
        return rt_fail(code, "%s: a value is outside its bound (%s:%d)", name, source, err->line);
    case NNRT_E_NUMERIC: return explain_numeric(m, entry, err, source);
    case NNRT_E_SHAPE: {
        const Json *size = json_at(json_get(e, "sizes"), err->argument);
        return rt_fail(code, "%s: size %s is %lld, but must be at least 1", name,
                       size && size->text ? size->text : "?", (long long)err->given);
    }
    case NNRT_E_WORK: return rt_too_large(m, entry, sizes);
    case NNRT_E_ALIGN:
        if (err->argument >= m->program->entry[entry]->n_args)
            return rt_fail(code, "%s %s: the pointer of result %d is NULL", m->program->name, name,
                           err->argument - m->program->entry[entry]->n_args);
        if (err->argument >= 0)
            return rt_fail(code, "%s %s: the pointer %s is NULL", m->program->name, name,
                           argument_name(e, err->argument));
        return rt_fail(code, "%s: memory is not aligned", name);
    case NNRT_E_ABI:
        return rt_fail(code, "%s: the model's memory is not of this program", name);
    default: return rt_fail(code, "%s: error %d", name, code);
    }
}

/* Why there is no size of the work memory. */
static int wrong_sizes(const nnrt *m, int entry, const int64_t *sizes)
{
    for (int i = 0; i < m->program->entry[entry]->n_sizes; i++)
        if (sizes[i] < 1)
            return explain(m, entry, &(nnrt_call){.error = {.argument = i, .given = sizes[i]}},
                           sizes, NNRT_E_SHAPE);
    return rt_too_large(m, entry, sizes);
}

/* ---- one thread or all? Results are the same; small entries are faster alone, and so is
 * everything on a busy machine. ---- */

enum { PACE_TRIALS = 3, PACE_WAIT = 256, PACE_MOST_WAIT = 1 << 15 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Where the user says how many threads, they are tried first, whatever the length of a call. */
static bool use_all(const nnrt *m, Pace *p)
{
    const double worth = m->threads_fixed ? 0 : 150e-6; /* waking the others costs some of this */
    bool tried = p->n[1] >= PACE_TRIALS || (p->n[0] && p->n[1] && p->seconds[1] > 2 * p->seconds[0]);
    if (m->threads_fixed && !tried) return true;
    if (p->n[0] < PACE_TRIALS || p->seconds[0] < worth) return false;
    if (!tried) return true;
    bool all = p->seconds[1] < 0.95 * p->seconds[0];
    if (--p->until > 0) return all;
    if (p->wait < PACE_MOST_WAIT) p->wait = p->wait ? 2 * p->wait : PACE_WAIT;
    p->until = p->wait;
    return p->wait == PACE_WAIT ? all : !all; /* the first time only starts the count */
}

static void note_pace(Pace *p, bool all, double seconds)
{
    double *mean = &p->seconds[all];
    if (p->n[all] == 0 || (p->n[all] < PACE_TRIALS && seconds < *mean))
        *mean = seconds; /* the first call may be slow */
    else
        *mean += 0.25 * (seconds - *mean);
    if (p->n[all] < PACE_TRIALS) p->n[all]++;
}

static int run_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args,
                    void *work, size_t work_bytes, const nnrt_host *host)
{
    const nnrt_program *p = m->program;
    nnrt_call call = {.size = sizeof call,
                      .work = work,
                      .work_bytes = work_bytes,
                      .options = m->options,
                      .seed = seed,
                      .host = host};
    int code = p->core->call(p, p->entry[entry], m->model, m->area[entry], &call, sizes, args);
    return code ? explain(m, entry, &call, sizes, code) : NNRT_OK;
}

/* An evaluation knows where the run stands whose weights it evaluates. */
static void set_place(const nnrt *m, int entry)
{
    const nnrt_entry *e = m->program->entry[entry];
    int64_t *place = (int64_t *)(void *)((char *)m->area[entry] + e->batch_offset);
    place[1] = m->progress.step;
    place[2] = m->progress.epoch;
    place[3] = m->progress.steps > 0 ? m->progress.steps : 1;
}

int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (!m->pool && rt_threads(m, 0)) return NNRT_E_MEM;
    if (e->kind != NNRT_EXPORT_ENTRY && !rt_area(m, entry)) return NNRT_E_MEM;
    if (e->kind == NNRT_EVAL_ENTRY) set_place(m, entry);
    int threads = pool_host(m->pool) ? pool_host(m->pool)->threads : 1;
    size_t need = m->program->core->work(e, sizes, threads);
    if (need == SIZE_MAX) return wrong_sizes(m, entry, sizes);
    if (need > m->work_bytes) {
        rt_free(m->work);
        m->work_bytes = 0;
        m->work = rt_alloc(need);
        if (!m->work) return NNRT_E_MEM;
        m->work_bytes = need;
    }
    Pace *pace = &m->pace[entry];
    bool all = pool_host(m->pool) && use_all(m, pace);
    double start = now();
    int code = run_call(m, entry, seed, sizes, args, m->work, m->work_bytes,
                        all ? pool_host(m->pool) : NULL);
    note_pace(pace, all, now() - start);
    return code;
}

/* Const and re-entrant: its own workspace, on the calling thread. */
int nnrt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes,
                     void *const *args)
{
    nnrt copy = *m;
    copy.pool = NULL;
    size_t need = m->program->core->work(m->program->entry[entry], sizes, 1);
    if (need == SIZE_MAX) return wrong_sizes(m, entry, sizes);
    void *work = rt_alloc(need);
    if (!work) return NNRT_E_MEM;
    int code = run_call(&copy, entry, seed, sizes, args, work, need, NULL);
    rt_free(work);
    return code;
}

int nnrt_step(nnrt *m, int entry, const int64_t *sizes, void *const *args, void *report)
{
    const nnrt_entry *e = m->program->entry[entry];
    int code = rt_call(m, entry, m->seed, sizes, args);
    if (code || !report) return code;
    double *values = report;
    int64_t examples = 0;
    code = m->program->core->report(m->program, e, m->area[entry], values, &examples, 1);
    memcpy(values + e->n_report_values, &examples, sizeof examples);
    return code;
}
