/* SPDX-License-Identifier: MIT
 * folder.h: the files of a folder. */
#ifndef NNRT_DATA_FOLDER_H
#define NNRT_DATA_FOLDER_H

#include "data/reader.h"
#include "data/texts.h"

/* Sorted paths of the files in a folder and its subfolders whose names match a pattern like
 * *.png. What begins with a dot is left out. An error if any of it cannot be read. */
int folder_list(const char *path, const char *glob, char ***list, int *n);
size_t folder_below(const char *path); /* where the listed paths go on below it */
/* A label per file, from name="{label}_*" or else the name of its subfolder (of its folder, if it lies
 * in none), or of the file without what follows the last dot (by_file). texts_free them after an error, too. */
int folder_labels(const Spec *spec, char *const *path, int n, bool by_file, Texts *label);
/* Files of two fields of a block: pictures and their masks. Names below the folders must agree but for their ends, and for
 * one text that all names of one field have in front or behind (`a.png`, `a_mask.png`). */
int folder_pair(const char *field, const nnrt_source *a, const char *other, const nnrt_source *b);

#endif
