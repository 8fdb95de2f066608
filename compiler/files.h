/* SPDX-License-Identifier: MIT
 * files.h: what a compilation reads, and the names of what it writes. */
#ifndef NNC_FILES_H
#define NNC_FILES_H

#include "driver.h"

/* The program that the user names; NULL: the error is said. */
const char *files_input(Nnc *cx, size_t *n);
const char *files_input_name(const Nnc *cx); /* in messages */
/* An import (SemaOptions.read_file; user is the Nnc): what a program names is not trusted. */
const char *files_import(void *user, const char *path, size_t *n, Arena *arena, const char **refused);

int files_write(Nnc *cx, const char *path, const char *text, bool keep);
int files_depend(Nnc *cx, const char *output); /* --depfile */
const char *files_stem(Arena *arena, const char *path);                       /* "iris" of "dir/iris.nn" */
const char *files_output(Nnc *cx);                                            /* of -o, or the usual one */
const char *files_package_top(Nnc *cx);                                       /* "iris-python", the folder of a Python package, */
const char *files_package(Nnc *cx);                                           /* and "iris-python/iris", the package */
const char *files_header(Arena *arena, const char *path, bool shared);        /* "dir/iris.o" and "dir/libiris.so" -> "dir/iris.h" */
int files_check(Nnc *cx, const char *flag, const char *path, bool regular); /* of one file; the status, and what is wrong is said */
bool files_has_header(const Nnc *cx); /* is one written beside the output? */
/* Said before the work: nothing that is read, no folder, no device is written to. The status. */
int files_check_outputs(Nnc *cx);

#endif
