/* SPDX-License-Identifier: MIT
 * line_program.h: a program as the compiler would emit it, by hand: y = w * x + b with sgd, on
 * line.csv; for the unit tests and the fuzz targets of the runtime. */
#ifndef LINE_PROGRAM_H
#define LINE_PROGRAM_H

#include "core/rules.c" /* the real core, native */
#include "core/unit.c"
#include "format/format.h"
#include "run/fit.h"

extern const nnrt_reader nnrt_reader_csv;
extern const nnrt_format nnrt_format_png_in, nnrt_format_png, nnrt_format_wav, nnrt_format_svg, nnrt_format_mid;
int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers, const nnrt_format *const *formats, int argc, char **argv);

/* What the compiler asks for (emit_commands). */
#define BRINGS(NAME, ...) \
    int NAME(__VA_ARGS__); \
    static int (*const brings_##NAME)(__VA_ARGS__) __attribute__((used)) = NAME;
struct Cli;
BRINGS(command_train, struct Cli *)
BRINGS(command_summary, struct Cli *)
BRINGS(command_graph, struct Cli *)
BRINGS(command_check_data, struct Cli *)
BRINGS(command_bench, struct Cli *)
BRINGS(command_profile, struct Cli *)
BRINGS(command_completion, struct Cli *)
BRINGS(worst_tell, struct Cli *, const Settings *, int64_t)
BRINGS(dry_run, struct Cli *, Settings *)

enum { T_B, T_ONE, T_ZERO, T_WORK, T_SCRATCH, T_LENT, T_N };
typedef struct LineOptions {
    float lr;
    int32_t pad;
    const char *file;
} LineOptions;

static int32_t line_prologue(int64_t *t, const int64_t *sizes)
{
    t[T_B] = sizes[0];
    t[T_ONE] = 1;
    t[T_ZERO] = t[T_LENT] = 0;
    t[T_WORK] = t[T_SCRATCH] = 64;
    return 0;
}

static void line_loss(const nnrt_ctx *ctx, float *grad, double *loss)
{
    const float *w = (const float *)((const char *)ctx->base[NNRT_BASE_MODEL] + 64), *b = w + 16;
    const float *x = ctx->base[NNRT_BASE_ARG], *y = ctx->base[NNRT_BASE_ARG + 1];
    int64_t n = ctx->table[T_B];
    double dw = 0, db = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double e = (double)(*w * x[i] + *b - y[i]);
        sum += e * e, dw += 2 * e * (double)x[i], db += 2 * e;
    }
    *loss = sum / (double)n;
    if (grad) grad[0] = (float)(dw / (double)n), grad[16] = (float)(db / (double)n);
}

static void line_sums(const nnrt_ctx *ctx, double *sums, double loss)
{
    sums[0] += (double)ctx->table[T_B];
    sums[1] += loss * (double)ctx->table[T_B];
}

enum { GRAD_AT = 128, SUMS_AT = 256, TRAIN_BYTES = 512 };

static void line_train(nnrt_ctx *ctx, int64_t tid)
{
    char *train = ctx->base[NNRT_BASE_TRAIN];
    const LineOptions *o = ctx->base[NNRT_BASE_OPTIONS];
    double *shared = ctx->base[NNRT_BASE_WORK];
    if (tid == 0) line_loss(ctx, (float *)(void *)(train + GRAD_AT), shared);
    nnrt_barrier(ctx);
    double loss = *shared;
    double args[6] = {loss, (double)o->lr};
    if (nnrt_update(ctx, 0, args, (int32_t)tid)) return;
    if (tid == 0) line_sums(ctx, (double *)(void *)(train + SUMS_AT), loss);
}

static void line_eval(nnrt_ctx *ctx, int64_t tid)
{
    double loss = 0;
    if (tid) return;
    line_loss(ctx, NULL, &loss);
    line_sums(ctx, ctx->base[NNRT_BASE_SUMS], loss);
}

static void line_predict(nnrt_ctx *ctx, int64_t tid)
{
    const float *w = (const float *)((const char *)ctx->base[NNRT_BASE_MODEL] + 64), *x = ctx->base[NNRT_BASE_ARG];
    float *out = ctx->base[NNRT_BASE_ARG + 1];
    for (int64_t i = 0; !tid && i < ctx->table[T_B]; i++)
        out[i] = w[0] * x[i] + w[16];
}

static int32_t report_prologue(int64_t *t, const int64_t *sizes)
{
    const int64_t one = 1;
    (void)sizes;
    return line_prologue(t, &one);
}

static void line_report(nnrt_ctx *ctx, int64_t tid)
{
    const double *sums = ctx->base[NNRT_BASE_SUMS];
    if (!tid) *(double *)ctx->base[NNRT_BASE_ARG] = sums[1] / sums[0];
}

static const nnrt_arg line_args[] = {{NNRT_F32, 0, T_B, -1, 0, 1}, {NNRT_F32, 0, T_B, -1, 0, 1}};
static const nnrt_arg predict_args[] = {{NNRT_F32, 0, T_B, -1, 0, 1}, {NNRT_F32, 1, T_B, -1, 0, 1}};
static const nnrt_code train_code = {T_N, T_WORK, T_SCRATCH, T_LENT, line_args, NULL, line_prologue, {line_train}};
static const nnrt_code eval_code = {T_N, T_WORK, T_SCRATCH, T_LENT, line_args, NULL, line_prologue, {line_eval}};
static const nnrt_code predict_code = {T_N, T_WORK, T_SCRATCH, T_LENT, predict_args, NULL, line_prologue, {line_predict}};
static const nnrt_code report_code = {T_N, T_WORK, T_SCRATCH, T_LENT, NULL, NULL, report_prologue, {line_report}};
static const nnrt_range line_range[] = {{0, 32}};
static const nnrt_statement line_statement[] = {{.update = {nnrt_rule_sgd},
                                                 .finite = {nnrt_rule_finite},
                                                 .n_args = 5,
                                                 .n_ranges = 1,
                                                 .range = line_range,
                                                 .n_unseen = 1,
                                                 .unseen = line_range,
                                                 .count_offset = 64}};
static const double sum_init[2] = {0, 0};
static const int32_t one_report[] = {1};
static const nnrt_entry fit_entry = {.name = "fit",
                                     .kind = NNRT_TRAIN_ENTRY,
                                     .index = 0,
                                     .n_sizes = 1,
                                     .n_args = 2,
                                     .n_statements = 1,
                                     .n_sums = 2,
                                     .statement = line_statement,
                                     .code = {&train_code},
                                     .n_report_values = 1,
                                     .report = &report_code,
                                     .train_bytes = TRAIN_BYTES,
                                     .grad_offset = GRAD_AT,
                                     .grad_count = 32,
                                     .sum_offset = SUMS_AT,
                                     .sum_bytes = 16,
                                     .sum_init = sum_init,
                                     .n_reports = 1,
                                     .report_count = one_report,
                                     .report_work_offset = 320};
static const nnrt_entry test_entry = {.name = "test",
                                      .kind = NNRT_EVAL_ENTRY,
                                      .index = 1,
                                      .n_sizes = 1,
                                      .n_args = 2,
                                      .n_sums = 2,
                                      .code = {&eval_code},
                                      .n_report_values = 1,
                                      .report = &report_code,
                                      .sum_bytes = 16,
                                      .sum_init = sum_init,
                                      .n_reports = 1,
                                      .report_count = one_report,
                                      .sums_area = 512,
                                      .batch_offset = 64,
                                      .report_work_offset = 128};
static const nnrt_entry predict_entry = {
    .name = "predict", .kind = NNRT_EXPORT_ENTRY, .index = 2, .n_sizes = 1, .n_args = 1, .n_results = 1, .code = {&predict_code}};
static const nnrt_entry *const entries[] = {&fit_entry, &test_entry, &predict_entry};
static const nnrt_tensor_info line_tensors[] = {
    {.name = "line.w", .rank = 0, .offset = 64, .padded = 16, .init = NNRT_INIT_NORMAL, .dtype = NNRT_F32, .a = 0.1},
    {.name = "line.b", .rank = 0, .offset = 128, .padded = 16, .init = NNRT_INIT_ZERO, .dtype = NNRT_F32},
};
static const LineOptions line_options = {0.1f, 0, "line.csv"};

#define FIELD(name, at) \
    "{\"name\":\"" name "\",\"line\":4,\"elem\":\"float\",\"bound\":0,\"dims\":[1],\"length_of\":" \
    "-1,\"present_of\":-1,\"readers\":[" \
    "{\"kind\":\"csv\",\"path\":[{\"option\":1}],\"line\":4,\"elem\":\"float\",\"dims\":[1]," \
    "\"bound\":0,\"args\":[{\"key\":\"columns\",\"range\":[" at "]}]}],\"expr\":-1}"
#define ARGS \
    "\"args\":[{\"name\":\"x\",\"role\":\"field\",\"elem\":\"float\",\"dims\":[\"B\",1]," \
    "\"bound\":0,\"data\":0,\"field\":0,\"size\":-1}," \
    "{\"name\":\"y\",\"role\":\"field\",\"elem\":\"float\",\"dims\":[\"B\",1],\"bound\":0," \
    "\"data\":0,\"field\":1,\"size\":-1}],\"results\":[]"
#define HEAD_OF(shuffle, validate) \
    "\"head\":{\"batch\":32,\"epochs\":3,\"steps\":0,\"seed\":0,\"shuffle\":" shuffle ",\"accumulate\":1,\"threads\":0,\"log_every\":5," \
    "\"validate_every\":0,\"save_every\":0,\"ema\":0,\"save\":null,\"load\":null,\"init\":null," \
    "\"log\":null,\"validate\":null,\"validate_entry\":" validate "}"
#define COMMON(name, kind, part) \
    "{\"name\":\"" name "\",\"kind\":\"" kind "\",\"line\":9,\"derived_from\":-1,\"sizes\":[\"B\"],\"n_binders\":1,\"batch_size\":0," \
    "\"data\":0,\"part\":\"" part "\",\"data_sizes\":[],"

static const char line_manifest[] =
    "{\"nnc\":\"0.1.0\",\"program\":\"line\",\"source\":\"line.nn\",\"float\":\"f32\",\"options\":["
    "{\"name\":\"lr\",\"type\":\"float\",\"default\":0.1,\"doc\":\"learning "
    "rate\",\"offset\":0,\"line\":1},"
    "{\"name\":\"file\",\"type\":\"string\",\"default\":\"line.csv\",\"doc\":\"\",\"offset\":8,"
    "\"line\":2}],"
    "\"models\":[{\"name\":\"line\",\"first\":0,\"n\":2}],\"layers\":[{\"path\":\"line\",\"type\":"
    "\"Line\",\"out\":\"float[B, 1]\",\"params\":2,\"entry\":1,\"flops\":\"2*B\",\"bytes\":\"4*B\"}],"
    "\"entry_flows\":[0,0,1],\"shapes\":[\"float[B, 1]\",\"float\"],\"flows\":[{\"ports\":2,\"back\":0,\"nodes\":["
    "[\"line\",\"Line\",-1,[0],0],[\"mse\",\"()\",-1,[1],2,1],[\"minimize\",\"=\",-1,[],3]],\"results\":[]},"
    "{\"ports\":1,\"back\":0,\"nodes\":[[\"line\",\"Line\",-1,[0],0]],\"results\":[1]}],"
    "\"data\":[{\"name\":\"points\",\"line\":3,\"symbols\":[],\"parts\":[\"train\",\"test\"],\"has_"
    "test_source\":false,"
    "\"split\":[{\"key\":\"train\",\"number\":0.8},{\"key\":\"test\",\"number\":0.2},{\"key\":"
    "\"seed\",\"int\":1}],\"fields\":[" FIELD("x", "0,1") "," FIELD("y", "1,2") "]}],"
                                                                                "\"entries\":[" COMMON("fit", "train", "train") ARGS
    ",\"reports\":[{\"name\":\"loss\",\"dims\":[],\"per_class\":false,\"metric\":false,\"better\":\"lower\",\"data\":-1,"
    "\"field\":-1}],"
    "\"statements\":[{\"optimizer\":\"sgd\",\"tensors\":2}],\"requires\":[]," HEAD_OF("true", "1") ",\"draws\":false}," COMMON(
        "test", "eval", "test") ARGS
    ",\"reports\":[{\"name\":\"loss\",\"dims\":[],\"per_class\":false,\"metric\":false,\"better\":\"lower\",\"data\":-1,"
    "\"field\":-1}],"
    "\"statements\":[],\"requires\":[]," HEAD_OF(
        "false", "-1") ",\"draws\":false},"
                       "{\"name\":\"predict\",\"kind\":\"export\",\"line\":20,\"derived_from\":-1,"
                       "\"sizes\":[\"B\"],\"n_binders\":1,\"batch_size\":-1,\"data\":-1,\"part\":"
                       "null,\"data_sizes\":[],"
                       "\"args\":[{\"name\":\"x\",\"role\":\"tensor\",\"elem\":\"float\",\"dims\":["
                       "\"B\",1],\"bound\":0,\"data\":-1,\"field\":-1,\"size\":-1}],"
                       "\"results\":[{\"elem\":\"float\",\"dims\":[\"B\",1],\"bound\":0,\"data\":-"
                       "1,\"field\":-1}],\"reports\":[],\"statements\":[],\"requires\":[]," HEAD_OF("false", "-1") ",\"draws\":false}],"
                                                                                                                   "\"field_entries\":[]}";

static const nnrt_level line_level = {"any", 0, 1, 0};
static const nnrt_program line_program = {.abi = NNRT_ABI,
                                          .float_bytes = 4,
                                          .hash = 0x1234,
                                          .name = "line",
                                          .manifest = line_manifest,
                                          .model_bytes = 192,
                                          .param_bytes = 128,
                                          .state_offset = 192,
                                          .n_tensors = 2,
                                          .n_entries = 3,
                                          .tensor = line_tensors,
                                          .entry = entries,
                                          .options_bytes = sizeof line_options,
                                          .options = &line_options,
                                          .core = &nnrt_core_functions,
                                          .level = &line_level,
                                          .n_levels = 1};
static const nnrt_reader *const line_readers[] = {&nnrt_reader_csv, NULL};
static const nnrt_format *const line_formats[] = {&nnrt_format_wav, &nnrt_format_svg, NULL};

#endif
