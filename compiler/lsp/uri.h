/* SPDX-License-Identifier: MIT
 * uri.h: files and their addresses: file:///home/me/a%20b.nn. */
#ifndef NNC_LSP_URI_H
#define NNC_LSP_URI_H

#include "support/arena.h"

const char *uri_of_path(Arena *arena, const char *path); /* a relative one is beneath the current folder */
const char *uri_path(Arena *arena, const char *uri);     /* NULL: it is no file of this machine */

#endif
