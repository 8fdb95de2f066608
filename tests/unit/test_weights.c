/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_weights.c: files of weights: where a rule or a layout finds a tensor, what is taken from a file and what is said of one that does
 * not fit or is damaged, each as one text. */
#include "runtime_help.h"

#include "base/bytes.h"
#include "base/dtype.h"
#include "base/shape.h"
#include "model/dims.h"
#include "model/items.h"
#include "model/weight_map.h"
#include "model/weights_load.h"
#include "rows.h"

/* ---- a program with three tensors, the first of which has gaps between its rows ---- */

static const nnrt_tensor_info tensors[] = {
    {.name = "net.a.w", .rank = 2, .dim = {2, 3}, .stride = {4, 1}, .offset = 64, .padded = 16, .init = NNRT_INIT_ZERO, .dtype = NNRT_F32},
    {.name = "net.a.b", .rank = 1, .dim = {3}, .stride = {1}, .offset = 128, .padded = 16, .init = NNRT_INIT_ZERO, .dtype = NNRT_F32},
    {.name = "net.n", .rank = 0, .offset = 192, .padded = 16, .init = NNRT_INIT_ZERO, .dtype = NNRT_I32, .is_state = 1},
};

static const char manifest[] =
    "{\"program\":\"net\",\"source\":\"net.nn\",\"options\":[],\"models\":[{\"name\":\"net\",\"first\":0,\"n\":3}],"
    "\"modules\":[{\"path\":\"net.a\",\"layer\":\"Dense\"},{\"path\":\"net.f\",\"layer\":\"Dense\",\"flat\":[4,5,3]},"
    "{\"path\":\"net.u\",\"layer\":\"Dense\",\"flat\":[0]},{\"path\":\"net.v\",\"layer\":\"Norm\",\"flat\":[4,3]},"
    "{\"path\":\"net.r\",\"layer\":\"Lstm\"},{\"path\":\"net.s.0\",\"layer\":\"Conv\"}],"
    "\"torch\":[[\"Dense\",\"w\",\"weight\",\"\",\"10\",0,1],[\"Dense\",\"b\",\"bias\",\"\",\"0\",0,1],"
    "[\"Norm\",\"g\",\"weight\",\"\",\"0\",0,1],[\"Conv\",\"w\",\"weight\",\"\",\"2310\",0,1],"
    "[\"Lstm\",\"cell.#.b\",\"bias_ih_l#\",\"bias_hh_l#\",\"0\",0,1],[\"Lstm\",\"cell\",\"rnn\",\"\",\"\",0,1],"
    "[\"Lstm\",\"cell.#.wf\",\"weight_ih_l#\",\"\",\"10\",1,4]],"
    "\"data\":[{\"name\":\"d\",\"fields\":[{\"name\":\"x\",\"bound\":3},{\"name\":\"y\",\"bound\":0}]}],"
    "\"entries\":[{\"name\":\"fit\",\"kind\":\"train\",\"derived_from\":-1,\"sizes\":[\"B\",\"T2\",\"N\"],"
    "\"statements\":[{\"optimizer\":\"sgd\"}]}]}";

static nnrt_program net_program(void)
{
    nnrt_program p = line_program;
    p.name = "net", p.manifest = manifest, p.tensor = tensors, p.n_tensors = 3, p.n_entries = 1;
    p.model_bytes = p.state_offset = 256, p.param_bytes = 192;
    return p;
}

/* ---- rules and layouts ---- */

static const struct {
    const char *rules, *layout;
    const char *name; /* of a tensor of `rank` axes 2, 3, 4, .. */
    int rank;
    const char *want; /* its name there + what is added; the shape there, the axes, the part */
} maps[] = {
    {NULL, NULL, "net.a.w", 2, "net.a.w [2, 3] 01 0/1"},
    {"none", "none", "net.a.w", 2, "net.a.w [2, 3] 01 0/1"},
    {"", "", "net.a.w", 0, "net.a.w [] 0/1"},
    {NULL, "torch", "net.a.w", 2, "a.weight [3, 2] 10 0/1"},
    {NULL, "torch", "net.a.b", 1, "a.bias [2] 0 0/1"},
    {NULL, "torch", "net.x.w", 2, "x.w [2, 3] 01 0/1"},
    {NULL, "torch", "net.a.q", 1, "a.q [2] 0 0/1"},
    {NULL, "torch", "other.a.w", 2, "other.a.w [2, 3] 01 0/1"},
    {NULL, "torch", "net.a.w", 3, "a.weight [2, 3, 4] 012 0/1"}, /* the table is of others */
    {NULL, "torch", "net.s.0.w", 4, "s.0.weight [5, 4, 2, 3] 2310 0/1"},
    {NULL, "torch", "net.r.cell.0.b", 1, "r.bias_ih_l0 + r.bias_hh_l0 [2] 0 0/1"},
    {NULL, "torch", "net.r.cell.12.wf", 2, "r.weight_ih_l12 [3, 2] 10 1/4"},
    {NULL, "torch", "net.r.cell.x.wf", 2, "r.rnn.x.wf [2, 3] 01 0/1"},
    {NULL, "torch", "net.f.w", 2, "f.weight [3, 3, 4, 5] 2310 0/1 views"},
    {NULL, "torch", "net.f.b", 1, "f.bias [2] 0 0/1"},
    {NULL, "torch", "net.u.w", 2,
     "u.weight [3, 2] 10 0/1 (its input is flattened, and the order of the numbers before is not known; say it in a map, with `as` and "
     "`axes`)"},
    {NULL, "torch", "net.v.g", 1,
     "v.weight [2] 0 0/1 (its input is flattened, and the order of the numbers before is not known; say it in a map, with `as` and "
     "`axes`)"},
    {"u.w = q axes 0 1", "torch", "net.u.w", 2, "q [2, 3] 01 0/1"},
    {"a = first", "torch", "net.a.w", 2, "first.weight [3, 2] 10 0/1"},
    {"net = top", "torch", "net.a.w", 2, "top.a.weight [3, 2] 10 0/1"},
    {"net = ", "torch", "net.a.w", 2, "a.weight [3, 2] 10 0/1"},
    {"net.a = x.y, a.w = z", NULL, "net.a.w", 2, "z [2, 3] 01 0/1"},
    {"a.w = z, net = q", NULL, "net.a.w", 2, "z [2, 3] 01 0/1"},
    {"a = x, net.a = y", NULL, "net.a.w", 2, "x.w [2, 3] 01 0/1"}, /* the first of two that are as long */
    {"a.w = x.y.z", NULL, "net.a.w", 2, "x.y.z [2, 3] 01 0/1"},
    {"a = b", NULL, "net.ab.w", 2, "net.ab.w [2, 3] 01 0/1 [map \"a = b\": no tensor of this program is, or begins with, a]"},
    {"s.* = t_*.m", NULL, "net.s.7.w", 2, "t_7.m.w [2, 3] 01 0/1"},
    {"*.* = *_*", NULL, "net.s.w", 2, "net_s.w [2, 3] 01 0/1"},
    {"s.*.* = u.*", NULL, "net.s.7.w", 2, "u.7 [2, 3] 01 0/1"},
    {"a.w = z axes 1 0", NULL, "net.a.w", 2, "z [3, 2] 10 0/1"},
    {"a.w = z axes 2 0 1", NULL, "net.a.w", 3, "z [3, 4, 2] 201 0/1"},
    {"a.w = z as 4 3 2 axes 2 0 1", NULL, "net.a.w", 3, "z [4, 3, 2] 201 0/1 views"},
    {"a.w = z part 2 of 3", NULL, "net.a.w", 2, "z [2, 3] 01 2/3"},
    {"a.w = z + u axes 1 0 part 0 of 2", NULL, "net.a.w", 2, "z + u [3, 2] 10 0/2"},
    {"a.w = z part 0 of 2 + u", NULL, "net.a.w", 2, "z + u [2, 3] 01 0/2"},
    {"a = z + u", NULL, "net.a.w", 2, "+, as, axes and part are for a tensor, but more than one begins with a"},
    {"a = z part 0 of 2", NULL, "net.a.w", 2, "+, as, axes and part are for a tensor, but more than one begins with a"},
    {"a = z axes 0 1", NULL, "net.a.w", 2, "+, as, axes and part are for a tensor, but more than one begins with a"},
    {"a.w = z axes 0 1", NULL, "net.a.w", 3, "there are as many axes as the tensor has here, which is not so for net.a.w"},
    {"q = r", NULL, "net.a.w", 2, "net.a.w [2, 3] 01 0/1 [map \"q = r\": no tensor of this program is, or begins with, q]"},
    {"\n # no rule\n\ta.w  =\tz # more\r\n", NULL, "net.a.w", 2, "z [2, 3] 01 0/1"},
    {"a.w = z axes", NULL, "net.a.w", 2, "axes are the numbers from 0 on, each once, as many as the tensor has"},
    {"a.w = ", NULL, "net.a.w", 2, "no name behind = for net.a.w"},
    {"a.w", NULL, "net.a.w", 2, "a rule is written HERE = THERE, not a.w"},
    {"= z", NULL, "net.a.w", 2, "one name of the program stands in front of ="},
    {"a w = z", NULL, "net.a.w", 2, "one name of the program stands in front of ="},
    {"a.w = z +", NULL, "net.a.w", 2, "a name has to follow behind +"},
    {"a.w = z as", NULL, "net.a.w", 2, "`as` needs sizes, such as: as 10 512 7 7"},
    {"a.w = z as 0 2", NULL, "net.a.w", 2, "`as` needs sizes, such as: as 10 512 7 7"},
    {"a.w = z as 3 2", NULL, "net.a.w", 2, "`as` needs `axes` too"},
    {"a.w = z as 3 2 axes 0", NULL, "net.a.w", 2, "axes are the numbers from 0 on, each once, as many as the tensor has"},
    {"a.w = z axes 0 0", NULL, "net.a.w", 2, "axes are the numbers from 0 on, each once, as many as the tensor has"},
    {"a.w = z axes 1 2", NULL, "net.a.w", 2, "axes are the numbers from 0 on, each once, as many as the tensor has"},
    {"a.w = z axes 0 2147483647", NULL, "net.a.w", 2, "+, as, axes or part may follow a name, not 2147483647"},
    {"a.w = z axes 0 1x", NULL, "net.a.w", 2, "+, as, axes or part may follow a name, not 1x"},
    {"a.w = z u", NULL, "net.a.w", 2, "+, as, axes or part may follow a name, not u"},
    {"a.w = z part 2 of 2", NULL, "net.a.w", 2, "a part is written `part 0 of 3`, from 0 on"},
    {"a.w = z part 0 in 2", NULL, "net.a.w", 2, "a part is written `part 0 of 3`, from 0 on"},
    {"a.w = z part 0", NULL, "net.a.w", 2, "a part is written `part 0 of 3`, from 0 on"},
    {"a.* = *.*", NULL, "net.a.w", 2, "each * there stands for one here, but there are more in *.*"},
    {"a.* = z + *.*", NULL, "net.a.w", 2, "each * there stands for one here, but there are more in z"},
    {NULL, "tf", "net.a.w", 2, "--layout is torch or none, not \"tf\""},
};

static const char *origin_text(WeightMap *map, const Item *it)
{
    static char out[1000];
    char shape[100];
    Origin o;
    Safetensors f = {.n_tensors = 0};
    if (weight_map_find(map, &f, it, &o)) return nnrt_error_text();
    snprintf(out, sizeof out, "%s%s%s %s ", o.name, o.plus ? " + " : "", o.plus ? o.plus : "",
             shape_text(o.rank, o.dim, shape, sizeof shape));
    for (int i = 0; i < o.rank; i++)
        rt_append(out, sizeof out, "%d%s", o.axis[i], i + 1 < o.rank ? "" : " ");
    rt_append(out, sizeof out, "%d/%d%s", (int)o.part, (int)o.parts, o.views ? " views" : "");
    if (o.unsure) rt_append(out, sizeof out, " (%s)", o.unsure);
    if (weight_map_check(map)) rt_append(out, sizeof out, " [%s]", nnrt_error_text());
    origin_free(&o);
    return out;
}

Test(weights, rules_and_layouts)
{
    static const int64_t dim[8] = {2, 3, 4, 5};
    nnrt_program program = net_program();
    nnrt *m = nnrt_new(&program, 0);
    cr_assert(m, "%s", nnrt_error_text());
    for (size_t i = 0; i < N_ROWS(maps); i++) {
        WeightMap map;
        Item it = {.name = maps[i].name, .rank = maps[i].rank, .dim = dim};
        int code = weight_map_open(&map, m, maps[i].rules, maps[i].layout);
        const char *got = code ? nnrt_error_text() : origin_text(&map, &it);
        bool error = strncmp(got, "map \"", 5) == 0; /* the rules stand in front */
        if (error) got = strstr(got + 5, "\": ") + 3;
        cr_expect_str_eq(got, maps[i].want, "row %zu, %s: %s", i, maps[i].rules ? maps[i].rules : "", got);
        weight_map_free(&map);
    }
    nnrt_free(m);
}

Test(weights, rules_in_a_file)
{
    static const struct {
        const char *text;
        size_t n;
        const char *want;
    } rows[] = {{"a.w = z\n", 8, NULL},
                {"a.w = z\n# b\n\nq.w = z", 20, "map r.map:4: no tensor of this program is, or begins with, q.w"},
                {"a.w = z,q.w = z,a", 17, "map r.map:1: a rule is written HERE = THERE, not a"},
                {"# a, b\na.w = z\nb c = d", 22, "map r.map:3: one name of the program stands in front of ="},
                {"a.w = z\0", 8, "map r.map:1: a 0 byte: this is no text"}};
    nnrt_program program = net_program();
    enter_folder();
    nnrt *m = nnrt_new(&program, 0);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        WeightMap map;
        Origin o;
        Safetensors f = {.n_tensors = 0};
        Item it = {.name = "net.a.w", .rank = 0};
        write_file("r.map", rows[i].text, rows[i].n);
        int code = weight_map_open(&map, m, "r.map", NULL);
        if (!code && !(code = weight_map_find(&map, &f, &it, &o))) origin_free(&o);
        if (!code) code = weight_map_check(&map);
        cr_expect_eq(!code, !rows[i].want, "row %zu: %s", i, code ? nnrt_error_text() : "is read");
        if (code) cr_expect_str_eq(nnrt_error_text(), rows[i].want);
        weight_map_free(&map);
    }
    nnrt_free(m);
}

/* ---- files ---- */

static void put_number(int dtype, double v, unsigned char *to)
{
    _Alignas(8) unsigned char bytes[8];
    if (dtype < 0) return;
    cr_assert(dtype_store(dtype, bytes, 0, v));
    memcpy(to, bytes, dtype_bytes(dtype));
}

/* "NAME TYPE DIMS NUMBERS; ..": the file f with these tensors, and the notes in front. DIMS: 2,3 or - */
static void write_tensors(const char *notes, const char *text)
{
    static unsigned char data[4000];
    char header[4000] = "{", copy[2000];
    size_t at = 0;
    memset(data, 0, sizeof data);
    if (notes) rt_append(header, sizeof header, "\"__metadata__\":{%s}", notes);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *end, *one = strtok_r(copy, ";", &end); one; one = strtok_r(NULL, ";", &end)) {
        char name[100], type[20], dims[40], numbers[400] = "", small[20];
        cr_assert(sscanf(one, " %99s %19s %39s %399s", name, type, dims, numbers) >= 3);
        for (size_t i = 0; i < sizeof small; i++)
            small[i] = (char)(type[i] | (type[i] ? 32 : 0));
        int dtype = dtype_find(small);
        size_t from = at, width = dtype < 0 ? 1 : dtype_bytes(dtype);
        char *rest, *number = strtok_r(numbers, ",", &rest);
        for (; number; number = strtok_r(NULL, ",", &rest), at += width)
            put_number(dtype, strtod(number, NULL), data + at);
        rt_append(header, sizeof header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}", header[1] ? "," : "",
                  name, type, strcmp(dims, "-") ? dims : "", from, at);
    }
    rt_append(header, sizeof header, "}");
    FILE *f = fopen("f", "wb");
    bytes_put_le(f, strlen(header), 8);
    fputs(header, f);
    fwrite(data, 1, at, f);
    fclose(f);
}

/* The tensors' numbers, or the error. */
static const char *loaded(const nnrt *m, int code)
{
    static char out[600];
    const float *w = (const float *)(const void *)((const char *)m->model + 64), *b = w + 16;
    int32_t n;
    if (code) return nnrt_error_text();
    memcpy(&n, w + 32, sizeof n);
    snprintf(out, sizeof out, "%g %g %g  %g %g %g, %g %g %g, %d", (double)w[0], (double)w[1], (double)w[2], (double)w[4], (double)w[5],
             (double)w[6], (double)b[0], (double)b[1], (double)b[2], n);
    cr_assert(w[3] == 0 && w[7] == 0 && b[3] == 0);
    return out;
}

#define N ";net.n I32 - 5"
static const struct {
    const char *tensors, *rules, *layout;
    bool partial;
    const char *want;
} loads[] = {
    {"net.a.w F32 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, NULL, NULL, false, "1 2 3  4 5 6, 7 8 9, 5"},
    {"a.w F32 2,3 1,2,3,4,5,6; a.b F32 3 7,8,9; n I32 - 5", NULL, NULL, false, "1 2 3  4 5 6, 7 8 9, 5"},
    {"net.a.w F64 2,3 1,2,3,4,5,6; net.a.b BF16 3 7,8,9" N, NULL, NULL, false, "1 2 3  4 5 6, 7 8 9, 5"},
    {"net.a.w F16 2,3 1,2,3,4,5,-6; net.a.b F32 3 7,8,9" N "; z F32 1 1", NULL, NULL, false, "1 2 3  4 5 -6, 7 8 9, 5"},
    {"net.a.w F32 3,2 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, NULL, NULL, false,
     "f: net.a.w is [3, 2] but this program has [2, 3]. Not taken from the file: net.a.w [3, 2]"},
    {"net.a.w F32 2,3 1,2,3,4,5,6" N, NULL, NULL, false, "f: net.a.b [3] is missing"},
    {"net.a.w F32 2,3 1,2,3,4,5,6" N, NULL, NULL, true, "1 2 3  4 5 6, 0 0 0, 5"},
    {"z F32 2,3 1,2,3,4,5,6", NULL, NULL, true,
     "f: no tensor of this file fits: net.a.w [2, 3] is missing; net.a.b [3] is missing; net.n [] is missing. The file has z [2, 3]"},
    {"net.a.w I32 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, NULL, NULL, false,
     "f: net.a.w is I32 but this program has F32. Not taken from the file: net.a.w [2, 3]"},
    {"net.a.w F8 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, NULL, NULL, false,
     "f: net.a.w is F8 but this program has F32. Not taken from the file: net.a.w [2, 3]"},
    {"net.a.w F32 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9; net.n I64 - 5", NULL, NULL, false,
     "f: net.n is I64 but this program has I32. Not taken from the file: net.n []"},
    {"net.a.w F32 2,3 1,2,3,4,5; net.a.b F32 3 7,8,9" N, NULL, NULL, false,
     "f: net.a.w is damaged: the number of its bytes is wrong. Not taken from the file: net.a.w [2, 3]"},
    {"net.a.w F64 2,3 1,2,3,4,5,1e39; net.a.b F32 3 7,8,9" N, NULL, NULL, false,
     "f: a number of net.a.w is 1e+39, which is too large for single precision"},
    {"a.weight F32 3,2 1,4,2,5,3,6; a.bias F32 3 7,8,9; n I32 - 5", NULL, "torch", false, "1 2 3  4 5 6, 7 8 9, 5"},
    {"a.weight F32 2,3 1,4,2,5,3,6; a.bias F32 3 7,8,9; n I32 - 5", NULL, "torch", false,
     "f: a.weight is [2, 3], as net.a.w here, but with layout=torch it would lie the other way round: this is no weight of nn.Linear; "
     "say so in a map, `net.a.w = a.weight axes 0 1`, also of those whose shape does not tell"},
    {"a.weight F32 3,4 1,4,2,5,3,6,0,0,0,0,0,0; n I32 - 5", NULL, "torch", false,
     "f: a.weight is [3, 4] but [3, 2] is needed for net.a.w [2, 3]; net.a.b [3] is missing: there is no a.bias [3]. Not taken from the "
     "file: a.weight [3, 4]"},
    {"q F32 3,2 1,4,2,5,3,6; net.a.b F32 3 7,8,9" N, "a.w = q axes 1 0", NULL, false, "1 2 3  4 5 6, 7 8 9, 5"},
    {"q F32 2,3 1,2,3,4,5,6; u F32 2,3 10,20,30,40,50,60; net.a.b F32 3 7,8,9" N, "a.w = q + u", NULL, false,
     "11 22 33  44 55 66, 7 8 9, 5"},
    {"q F32 2,3 1,2,3,4,5,6; u F32 2,2 10,20,30,40; net.a.b F32 3 7,8,9" N, "a.w = q + u", NULL, false,
     "f: u is [2, 2] but [2, 3] is needed for net.a.w [2, 3]. Not taken from the file: q [2, 3], u [2, 2]"},
    {"q F32 2,6 1,2,3,4,5,6,7,8,9,10,11,12; p F32 6 1,2,3,4,5,6; net.n I32 - 5", "a.w = q part 1 of 2, a.b = p part 1 of 2", NULL, false,
     "4 5 6  10 11 12, 4 5 6, 5"},
    {"q F32 6,2 1,2,3,4,5,6,7,8,9,10,11,12; p F32 6 1,2,3,4,5,6; net.n I32 - 5", "a.w = q axes 1 0 part 1 of 2, a.b = p part 0 of 2", NULL,
     false, "7 9 11  8 10 12, 1 2 3, 5"},
    {"q F32 6 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, "a.w = q as 3 2 axes 1 0", NULL, false, "1 3 5  2 4 6, 7 8 9, 5"},
    {"q F32 6,1 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, "a.w = q as 3 2 axes 1 0", NULL, false, "1 3 5  2 4 6, 7 8 9, 5"},
    {"q F32 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, "a.w = q as 3 2 axes 1 0", NULL, false,
     "f: q is [2, 3] but what can be read as [3, 2] is needed for net.a.w [2, 3]. Not taken from the file: q [2, 3]"},
    {"q F32 6 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, "a.w = q as 3 2 axes 0 1", NULL, false,
     "f: net.a.w [2, 3] does not come from q what can be read as [3, 2] with these axes. Not taken from the file: q [6]"},
    {"q F32 1,3,2 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N, "a.w = q as 3 2 1 axes 1 2 0", NULL, false, "1 3 5  2 4 6, 7 8 9, 5"},
};

Test(weights, what_a_file_gives)
{
    nnrt_program program = net_program();
    enter_folder();
    for (size_t i = 0; i < N_ROWS(loads); i++) {
        nnrt *m = nnrt_new(&program, 0);
        write_tensors(NULL, loads[i].tensors);
        const char *got = loaded(m, weights_load_mapped(m, "f", loads[i].partial, loads[i].rules, loads[i].layout));
        cr_expect_str_eq(got, loads[i].want, "row %zu: %s", i, got);
        nnrt_free(m);
    }
}

/* ---- notes ---- */

#define FIT "\"entry\":\"fit\","
static const struct {
    const char *notes, *want;
} notes[] = {
    {"", "-1: 0 0 0 0 0 0 0, no"},
    {FIT "\"step\":\"7\"", "0: 7 0 0 0 0 0 0, no"},
    {FIT
     "\"step\":\"7\",\"epoch\":\"7\",\"batch\":\"3\",\"stale\":\"2\",\"unchecked\":\"1\",\"steps\":\"9\",\"seed\":\"18446744073709551615\"",
     "0: 7 7 3 2 1 9 18446744073709551615, no"},
    {"\"entry\":\"gone\",\"step\":\"7\"", "-1: 7 0 0 0 0 0 0, no"},
    {FIT "\"step\":\"9007199254740992\",\"best\":\"-2.5\"", "0: 9007199254740992 0 0 0 0 0 0, -2.5"},
    {FIT "\"step\":\"9007199254740993\"", "f: \"step\" is \"9007199254740993\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"step\":\"\"", "f: \"step\" is \"\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"step\":\"-1\"", "f: \"step\" is \"-1\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"step\":\"1:\"", "f: \"step\" is \"1:\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"step\":\"18446744073709551617\"", "f: \"step\" is \"18446744073709551617\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"step\":\"7\",\"epoch\":\"8\"", "f: \"epoch\" is \"8\", but must be a number from 0 to 7"},
    {FIT "\"step\":\"7\",\"stale\":\"8\"", "f: \"stale\" is \"8\", but must be a number from 0 to 7"},
    {FIT "\"unchecked\":\"2\"", "f: \"unchecked\" is \"2\", but must be a number from 0 to 1"},
    {FIT "\"batch\":\"9007199254740993\"", "f: \"batch\" is \"9007199254740993\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"steps\":\"x\"", "f: \"steps\" is \"x\", but must be a number from 0 to 9007199254740992"},
    {FIT "\"seed\":\"18446744073709551616\"",
     "f: \"seed\" is \"18446744073709551616\", but must be a number from 0 to 18446744073709551615"},
    {FIT "\"seed\":\"1/\"", "f: \"seed\" is \"1/\", but must be a number from 0 to 18446744073709551615"},
    {FIT "\"best\":\"inf\"", "f: \"best\" is \"inf\", but must be a finite number"},
    {FIT "\"best\":\"\"", "f: \"best\" is \"\", but must be a finite number"},
    {FIT "\"best\":\"1x\"", "f: \"best\" is \"1x\", but must be a finite number"},
    {"\"vocabularies\":\"[{\\\"block\\\":\\\"d\\\",\\\"name\\\":\\\"x\\\",\\\"words\\\":[\\\"a\\\",\\\"b\\\",\\\"c\\\"]}]\"",
     "-1: 0 0 0 0 0 0 0, no, 0.0 a b c"},
    {"\"vocabularies\":\"[{\\\"data\\\":0,\\\"field\\\":1,\\\"words\\\":[\\\"a\\\",\\\"b\\\",\\\"c\\\",\\\"d\\\"]}]\"",
     "-1: 0 0 0 0 0 0 0, no, 0.1 a b c d"},
    {"\"vocabularies\":\"[{\\\"block\\\":\\\"d\\\",\\\"name\\\":\\\"x\\\",\\\"words\\\":[\\\"a\\\",\\\"b\\\",\\\"c\\\",\\\"d\\\"]}]\"",
     "f: d.x has 4 texts there, but is int<3> in this program"},
    {"\"vocabularies\":\"[{\\\"block\\\":\\\"e\\\",\\\"name\\\":\\\"x\\\",\\\"words\\\":[\\\"a\\\"]}]\"", "-1: 0 0 0 0 0 0 0, no"},
    {"\"vocabularies\":\"[{\\\"data\\\":0,\\\"field\\\":2,\\\"words\\\":[\\\"a\\\"]}]\"", "-1: 0 0 0 0 0 0 0, no"},
    {"\"vocabularies\":\"[{\\\"data\\\":1,\\\"field\\\":0,\\\"words\\\":[\\\"a\\\"]}]\"", "-1: 0 0 0 0 0 0 0, no"},
    {"\"vocabularies\":\"[{]\"", "f: damaged vocabularies: a text expected"},
};

static const char *noted(const nnrt *m, int code)
{
    static char out[600];
    const Progress *p = &m->progress;
    if (code) return nnrt_error_text();
    snprintf(out, sizeof out, "%d: %lld %lld %lld %lld %lld %lld %llu, ", p->entry, (long long)p->step, (long long)p->epoch,
             (long long)p->batch, (long long)p->stale, (long long)p->unchecked, (long long)p->steps, (unsigned long long)p->seed);
    if (p->has_best)
        rt_append(out, sizeof out, "%g", p->best);
    else
        rt_append(out, sizeof out, "no");
    for (int i = 0; i < m->n_vocabs; i++) {
        rt_append(out, sizeof out, ", %d.%d", m->vocab[i].data, m->vocab[i].field);
        for (int k = 0; k < m->vocab[i].n; k++)
            rt_append(out, sizeof out, " %s", m->vocab[i].word[k]);
    }
    return out;
}

Test(weights, notes)
{
    nnrt_program program = net_program();
    enter_folder();
    for (size_t i = 0; i < N_ROWS(notes); i++) {
        nnrt *m = nnrt_new(&program, 0);
        write_tensors(notes[i].notes, "net.a.w F32 2,3 1,2,3,4,5,6; net.a.b F32 3 7,8,9" N);
        const char *got = noted(m, weights_load(m, "f", false, -1));
        cr_expect_str_eq(got, notes[i].want, "row %zu: %s", i, got);
        cr_expect_str_eq(loaded(m, 0), *got == 'f' ? "0 0 0  0 0 0, 0 0 0, 0" : "1 2 3  4 5 6, 7 8 9, 5", "row %zu", i);
        nnrt_free(m);
    }
}

/* ---- headers ---- */

#define X(FROM, TO) "{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[" FROM "," TO "]}"
#define Y(FROM, TO) ",\"y\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[" FROM "," TO "]}"
static const struct {
    const char *header;
    long more; /* bytes behind the header */
    const char *want;
} headers[] = {
    {X("0", "2") "}", 2, "x 0 2;"},
    {X("0", "2") Y("2", "4") "}", 4, "x 0 2;y 2 2;"},
    {X("2", "4") Y("0", "2") "}", 4, "x 2 2;y 0 2;"},
    {X("0", "2") Y("2", "2") "}", 2, "x 0 2;y 2 0;"},
    {X("0", "0") Y("0", "2") "}", 2, "x 0 0;y 0 2;"},
    {"{}", 0, ""},
    {"{} ", 0, ""},
    {X("0", "2") "}", 3, "f is damaged: it has 3 bytes of tensors, but its header tells 2"},
    {X("0", "2") "}", 1, "f is damaged: x has the bytes 0 to 2, but 0 to at most 1 are left for it"},
    {X("1", "3") "}", 3, "f is damaged: x has the bytes 1 to 3, but 0 to at most 3 are left for it"},
    {X("0", "2") Y("3", "5") "}", 5, "f is damaged: y has the bytes 3 to 5, but 2 to at most 5 are left for it"},
    {X("0", "2") Y("1", "3") "}", 3, "f is damaged: y has the bytes 1 to 3, but 2 to at most 3 are left for it"},
    {X("2", "1") "}", 3, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[2]}}", 2, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0]}}", 2, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2,3]}}", 2, "f: damaged header: a tensor without type, shape or place"},
    {"{\"x\":{\"dtype\":\"U8\",\"more\":{\"a\":[1]},\"shape\":[2],\"data_offsets\":[0,2]}}", 2, "x 0 2;"},
    {"{\"x\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,2]}}", 2, "x 0 2;"},
    {"{\"__metadata__\":{\"b\":\"2\",\"a\":\"1\"}}", 0, ""},
    {"{\"__metadata__\":{\"b\":[2],\"a\":\"1\"}}", 0, ""},
    {"{\"__metadata__\":{\"a\":\"2\",\"b\":\"\",\"a\":\"1\"}}", 0, "f: damaged header: a key stands twice"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "f: damaged header: a key stands twice"},
    {X("0", "2") ",\"x\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4, "f: damaged header: a tensor stands twice"},
    {"{\"__metadata__\":{\"format\":\"pt\"}}", 0, ""},
    {"{\"__metadata__\":{\"format\":\"nnc 2\"}}", 0,
     "f has the format \"nnc 2\", which this program does not know: it reads \"nnc 1\"; compile the program with the nnc that wrote the "
     "file"},
    {"{\"__metadata__\":{\"format\":\"nnc 1\"}}", 0,
     "f is damaged: it has the format \"nnc 1\" but not the checksum of its header; if another tool wrote it, leave \"format\" out of its "
     "metadata"},
    {"{\"__metadata__\":{\"format\":\"nncx\"}}", 0,
     "f is damaged: it has the format \"nncx\" but not the checksum of its header; if another tool wrote it, leave \"format\" out of its "
     "metadata"},
    {"{\"__metadata__\":{\"crc32c\":\"00000000\"}}", 0,
     "f is damaged: it has the format \"?\" but not the checksum of its header; if another tool wrote it, leave \"format\" out of its "
     "metadata"},
    {"{\"__metadata__\":{\"format\":\"nnc 1\",\"crc32c\":\"00000000\"}}", 0, "f: the header is damaged (checksum)"},
    {"[]       ", 0, "f is no checkpoint: its header does not begin with {"},
};

static const char *header_text(const char *header, long more)
{
    static char out[400];
    Safetensors t;
    FILE *f = fopen("f", "wb");
    bytes_put_le(f, strlen(header), 8);
    fputs(header, f);
    for (long i = 0; i < more; i++)
        fputc('x', f);
    fclose(f);
    *out = 0;
    int code = safetensors_open(&t, "f");
    if (code) rt_append(out, sizeof out, "%s", nnrt_error_text());
    for (size_t i = 0; i < t.n_tensors && !code; i++)
        rt_append(out, sizeof out, "%s %d %d;", t.tensor[i].name, (int)t.tensor[i].from, (int)t.tensor[i].bytes);
    safetensors_close(&t);
    return out;
}

Test(weights, headers)
{
    enter_folder();
    for (size_t i = 0; i < N_ROWS(headers); i++) {
        const char *got = header_text(headers[i].header, headers[i].more);
        cr_expect_str_eq(got, headers[i].want, "row %zu: %s", i, got);
    }
}

/* ---- sizes as texts ---- */

static const struct {
    const char *text;
    int64_t value; /* with B = 7, T2 = 3, N not known */
} sizes[] = {
    {"B", 7},
    {"T2", 3},
    {"N", -1},
    {"12", 12},
    {"B+T2", 10},
    {"B - T2 - 1", 3},
    {"2*B", 14},
    {"B*T2 + 1", 22},
    {"1 + B*T2", 22},
    {"B//2", 3},
    {"(B + 1)//2", 4},
    {"B%4", 3},
    {"(T2-B)//3", -2},
    {"(T2 - B)%3", 2},
    {"2**T2", 8},
    {"2**0", 1},
    {"B*2**T2", 2744},
    {"-B + 9", 2},
    {"9 - (T2 + 1)*2", 1},
    {"B//0", 0},
    {"B*N", -1},
    {"N*0", -1},
    {"B2", -1},
    {"T", -1},
    {"B*9223372036854775807", -1},
    {"10**19", -1},
    {"( ( B ) )", 7},
    {"?", -1},
    {"B//2*2", 6},
    {"B%4%2", 1},
};

Test(sizes, texts)
{
    nnrt_program program = net_program();
    nnrt *m = nnrt_new(&program, 0);
    for (size_t i = 0; i < N_ROWS(sizes); i++) {
        Json dim = {.kind = JSON_STRING, .text = (char *)(uintptr_t)sizes[i].text};
        int64_t v = dims_value(m, 0, &dim, (int64_t[]){7, 3, -1});
        cr_expect_eq(v, sizes[i].value, "%s: %lld", sizes[i].text, (long long)v);
    }
    cr_expect_eq(dims_value(m, 0, &(Json){.kind = JSON_NUMBER, .integer = 5}, NULL), 5);
    nnrt_free(m);
}
