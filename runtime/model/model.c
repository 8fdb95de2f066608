/* SPDX-License-Identifier: MIT
 * model.c: the life of a model handle, and its tensors. */
#include "model/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "base/plain.h"
#include "model/cpu.h"
#include "model/gang.h"
#include "model/vocab.h"

void rt_remark(const nnrt *m, const char *format, ...)
{
    char raw[4096];
    va_list args;
    if (!m->tells) return;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    fprintf(stderr, "%s: ", m->program->name);
    rt_put_plain(stderr, raw);
    fputc('\n', stderr);
}

nnrt *rt_new(const nnrt_program *program)
{
    const char *error = NULL;
    if (program->abi != NNRT_ABI) {
        rt_fail(NNRT_E_ABI, "the program was compiled by an nnc with ABI %u, but this libnnrt has ABI %d: use both of one version",
                program->abi, NNRT_ABI);
        return NULL;
    }
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
        if (m->manifest || json_code(error, NNRT_E_ABI) == NNRT_E_MEM)
            rt_no_memory();
        else
            rt_fail(NNRT_E_ABI, "the program's manifest is damaged: %s", error);
        nnrt_free(m);
        return NULL;
    }
    if (program->options_bytes) memcpy(m->options, program->options, program->options_bytes);
    return m;
}

int rt_blank_model(nnrt *m)
{
    int code = cpu_check(m->program);
    if (code) return code;
    char text[2][LIMIT_TEXT];
    size_t limit = limit_memory();
    if (m->program->model_bytes > limit)
        return rt_fail(NNRT_E_MEM, "the model takes %s of memory; there are %s", limit_text(text[0], m->program->model_bytes),
                       limit_text(text[1], limit));
    m->model = rt_alloc(m->program->model_bytes);
    return m->model ? m->program->core->blank(m->program, m->model) : NNRT_E_MEM;
}

void nnrt_free(nnrt *m)
{
    if (!m) return;
    const Json *options = json_get(m->manifest, "options");
    for (int i = 0; m->string && options && i < options->n; i++)
        free(m->string[i]);
    for (int i = 0; m->area && i < m->program->n_entries; i++)
        rt_free(m->area[i]);
    rt_free_vocabs(m);
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
    static const int32_t dtypes[] = {[NNRT_F32] = 0, [NNRT_F64] = 1, [NNRT_I32] = 2, [NNRT_I64] = 3, [NNRT_BOOL] = 4};
    for (int32_t i = 0; i < m->program->n_tensors; i++) {
        const nnrt_tensor_info *t = &m->program->tensor[i];
        if (strcmp(t->name, name) != 0) continue;
        *view = (nnrt_tensor){.rank = t->rank, .dtype = dtypes[t->dtype], .data = (char *)m->model + t->offset};
        memcpy(view->dim, t->dim, sizeof view->dim);
        memcpy(view->stride, t->stride, sizeof view->stride);
        return NNRT_OK;
    }
    return rt_fail(NNRT_E_SHAPE, "there is no tensor %s", name);
}
