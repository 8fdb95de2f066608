/* SPDX-License-Identifier: MIT
 * readers.c: the names of the readers of data blocks. */
#include "sema/base/readers.h"

const char *const reader_names[] = {"csv",   "idx",   "npy",       "npz",       "safetensors", "json_lines", "raw",
                                    "bytes", "lines", "lines_dir", "image_dir", "wav_dir",     NULL};

const char *readers_listed(Sema *s)
{
    Text text = {.arena = s->arena};
    for (int i = 0; reader_names[i]; i++)
        text_add(&text, "%s%s", i == 0 ? "" : reader_names[i + 1] ? ", " : " or ", reader_names[i]);
    return text_c(&text);
}
