/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list input_open */
/* SPDX-License-Identifier: MIT
 * csv.c: any bytes as a CSV file, by all kinds of readers of its columns. */
#include "loader.h"

#include "data/input.h"

extern const nnrt_reader nnrt_reader_csv;

int __wrap_input_open(const Spec *spec, Input **out);
int __wrap_input_open(const Spec *spec, Input **out)
{
    (void)spec;
    return input_of((const char *)file_bytes, file_size, out);
}

static const Choice choices[] = {
    {"{\"key\":\"columns\",\"range\":[0,1]}", 1, {1}, 0},
    {"{\"key\":\"columns\",\"range\":[1,3]},{\"key\":\"header\",\"bool\":true}", 1, {2}, 0},
    {"{\"key\":\"columns\",\"range\":[0,2]},{\"key\":\"fill\",\"number\":-1}", 1, {2}, 0},
    {"{\"key\":\"columns\",\"range\":[0,2]},{\"key\":\"skip\",\"bool\":true},{\"key\":\"missing\",\"string\":\"?\"}", 1, {2}, 0},
    {"{\"key\":\"column\",\"int\":1},{\"key\":\"skip\",\"bool\":true}", 0, {0}, 0},
    {"{\"key\":\"column\",\"int\":0},{\"key\":\"labels\",\"bool\":true}", 0, {0}, 3},
    {"{\"key\":\"column\",\"string\":\"y\"},{\"key\":\"labels\",\"strings\":[\"no\",\"yes\"]}", 0, {0}, 2},
    {"{\"key\":\"columns\",\"strings\":[\"y\",\"x\"]}", 1, {2}, 0},
    {"{\"key\":\"columns\",\"ints\":[2,0]},{\"key\":\"sep\",\"string\":\";\"}", 1, {2}, 0},
    {"{\"key\":\"columns\",\"range\":[0,1]},{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}", 2, {2, 1}, 0},
    {"{\"key\":\"column\",\"int\":0},{\"key\":\"words\",\"bool\":true}", 1, {-1}, 9},
    {"{\"key\":\"column\",\"int\":0},{\"key\":\"bytes\",\"bool\":true},{\"key\":\"end\",\"bool\":true}", 1, {5}, 256},
    {"{\"key\":\"column\",\"int\":0},{\"key\":\"numbers\",\"bool\":true}", 1, {-1}, 100},
};
READER_TARGET(nnrt_reader_csv, choices)
