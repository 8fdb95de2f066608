/* SPDX-License-Identifier: MIT
 * documents.h: the texts that are open in the editor. */
#ifndef NNC_LSP_DOCUMENTS_H
#define NNC_LSP_DOCUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "support/source.h"
#include "support/vec.h"

typedef struct Document {
    Arena arena;
    Sources sources;        /* the text is its only file, for places in it */
    const SourceFile *file; /* its name is the path */
    const char *uri;
    json_int_t version;
    bool changed;           /* since its messages were sent */
    VEC(const char *) told; /* addresses of other files that its messages are of */
} Document;

typedef struct Documents {
    Arena arena;
    VEC(Document *) open;
} Documents;

Document *documents_find(const Documents *documents, const char *uri); /* NULL: it is not open */
Document *documents_at(const Documents *documents, const char *path);  /* the same, by its path */
/* Opened, or with another text. False: there is no room for it. */
bool documents_set(Documents *documents, const char *uri, json_int_t version, const char *text, size_t n);
void documents_close(Documents *documents, const char *uri);
void documents_touch(Documents *documents, const Document *changed); /* those that may import it (NULL: any) have changed, too */

#endif
