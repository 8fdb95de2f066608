/* SPDX-License-Identifier: MIT
 * array_file.h: the file of an array. It is read as a whole if it is packed, a pipe, or no larger than what is left of the memory
 * for such files (share.h). Else it stays open, and what a batch wants of it is read then: by calls and not as mapped memory, since
 * a file that became shorter would end the process there. */
#ifndef NNRT_DATA_ARRAY_FILE_H
#define NNRT_DATA_ARRAY_FILE_H

#include <time.h>

#include "data/file.h"
#include "data/spec.h"

typedef struct ArrayFile {
    char *text; /* all of it, */
    size_t size;
    bool open; /* or the first FILE_HEAD bytes: more is read from fd */
    int fd;
    char *path;
    struct timespec changed; /* last, when it was opened */
    nnrt *m;
    size_t held; /* of the share */
} ArrayFile;

/* header: NULL, or as for file_read_headed, of files that are read as a whole. Close it after an error, too. */
int array_file_open(const Spec *spec, const FileHeader *header, ArrayFile *out);
int array_file_whole(ArrayFile *f); /* reads all of it, after all */
/* n bytes of an open file. One that is not what it was when it was opened is an error of the system. */
int array_file_read(const ArrayFile *f, uint64_t from, void *to, size_t n);
void array_file_close(ArrayFile *f);

#endif
