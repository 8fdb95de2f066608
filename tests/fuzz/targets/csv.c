/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark stat input_open */
/* SPDX-License-Identifier: MIT
 * csv.c: any bytes as a CSV file, by all kinds of readers of its columns. */
#include "piecewise.h"

extern const nnrt_reader nnrt_reader_csv;

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
    {"{\"key\":\"columns\",\"ints\":[0,2]},{\"key\":\"sep\",\"string\":\";\"},{\"key\":\"decimal\",\"string\":\",\"}", 1, {2}, 0},
    {"{\"key\":\"columns\",\"range\":[0,2]},{\"key\":\"quote\",\"bool\":false},{\"key\":\"fill\",\"int\":7},{\"key\":\"missing\","
     "\"string\":\"NA\"}",
     1,
     {2},
     0},
    {"{\"key\":\"column\",\"int\":1},{\"key\":\"labels\",\"bool\":true},{\"key\":\"skip\",\"bool\":true},{\"key\":\"missing\",\"string\":"
     "\"?\"}",
     0,
     {0},
     0},
    {"{\"key\":\"column\",\"int\":0},{\"key\":\"labels\",\"bool\":true},{\"key\":\"window\",\"int\":2},{\"key\":\"stride\",\"int\":1}",
     1,
     {2},
     0},
    {"{\"key\":\"columns\",\"range\":[0,2]},{\"key\":\"sep\",\"string\":\"\\t\"},{\"key\":\"header\",\"bool\":false}", 1, {2}, 0},
    {"{\"key\":\"column\",\"string\":\"x\"},{\"key\":\"labels\",\"strings\":[\"1\",\"4\",\"7\"]},{\"key\":\"skip\",\"bool\":true}",
     0,
     {0},
     3},
};
READER_TARGET(nnrt_reader_csv, choices, WITH_NEXT)
