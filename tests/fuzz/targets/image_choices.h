/* SPDX-License-Identifier: MIT
 * image_choices.h: the arguments of `image_dir` and the fields that the targets of picture files read with. */
#ifndef FUZZ_IMAGE_CHOICES_H
#define FUZZ_IMAGE_CHOICES_H

#include "own_words.h"

#define OWN_WORDS(text) own_words(text)
#include "loader.h"

static const Choice choices[] = {
    {"", 3, {2, 2, 3}, 0},
    {"", 3, {-1, -1, 1}, 0},
    {"", 3, {-1, -1, 4}, 0},
    {"{\"key\":\"gray\",\"bool\":true}", 3, {-1, -1, 1}, 0},
    {"{\"key\":\"raw\",\"bool\":true}", 2, {-1, -1, 0}, 256},
    {"{\"key\":\"raw\",\"bool\":true}", 3, {-1, -1, 3}, 256},
    {"{\"key\":\"resize\",\"ints\":[3,5]}", 3, {3, 5, 3}, 0},
    {"{\"key\":\"resize\",\"ints\":[1,1]},{\"key\":\"raw\",\"bool\":true}", 2, {1, 1, 0}, 4},
    {"{\"key\":\"labels\",\"bool\":true}", 0, {0}, 2},
    {"{\"key\":\"labels\",\"bool\":true},{\"key\":\"name\",\"string\":\"{label}_*\"}", 0, {0}, 2},
};

#endif
