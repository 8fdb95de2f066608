/* SPDX-License-Identifier: MIT
 * know.c: the words and classes of fields that arguments and results need. */
#include "export/know.h"

#include "data/text.h"
#include "dataset/dataset.h"

/* The block whose training numbers the field: its own, or that of like=. */
static int numbered_by(const Spec *spec)
{
    const Json *like = json_get(spec_arg(spec, "like"), "field");
    return like && like->n == 2 ? (int)json_at(like, 0)->integer : spec->data;
}

int export_know(Export *x, int data, int field)
{
    Dataset *d = NULL;
    Spec spec;
    if (!spec_of_field(x->m, data, field, &spec)) return NNRT_OK;
    int code = text_known(&spec);
    if (!code || json_int(x->json, "weights", 1)) return code;
    code = cli_vocabularies(x->cli);
    if (code || !text_known(&spec)) return code;
    x->m->keeps_vocabs = false;
    code = dataset_open(x->m, numbered_by(&spec), x->cli->readers, &d);
    x->m->keeps_vocabs = true;
    dataset_close(d);
    return code ? code : text_known(&spec);
}
