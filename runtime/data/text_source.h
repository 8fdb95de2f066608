/* SPDX-License-Identifier: MIT
 * text_source.h: texts as a source of examples. */
#ifndef NNRT_DATA_TEXT_SOURCE_H
#define NNRT_DATA_TEXT_SOURCE_H

#include "data/reader.h"
#include "data/texts.h"

int text_open(const Spec *spec, const Texts *texts, int64_t *number, nnrt_source *out); /* takes the numbers over */
/* The class of each of n files, its folder's name, as a source of labels; takes the paths. */
int text_classes(const Spec *spec, char **path, int n, nnrt_source *out);

#endif
