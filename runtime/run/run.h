/* SPDX-License-Identifier: MIT
 * run.h: runs of train and eval entries from the command line or the convenience layer: settings,
 * reports, logs, progress. */
#ifndef NNRT_RUN_RUN_H
#define NNRT_RUN_RUN_H

#include "data/reader.h"

enum { RUN_PATH = 4096, RUN_NAME = 64 };

/* Settings that are numbers and words, in the order of setting_table (settings.c). */
typedef enum {
    SET_BATCH,
    SET_EPOCHS,
    SET_STEPS,
    SET_ACCUMULATE,
    SET_SEED,
    SET_SHUFFLE,
    SET_EMA,
    SET_ON,
    SET_LOG_EVERY,
    SET_VALIDATE,
    SET_VALIDATE_EVERY,
    SET_SAVE_EVERY,
    SET_EARLY_STOP,
    SET_MIN_DELTA,
    N_SETTINGS
} SettingIndex;

typedef struct Settings { /* head of the entry, then what flags or nnrt_run change */
    int64_t batch, epochs, steps, accumulate, log_every, validate_every, save_every, seed;
    bool shuffle, quiet,
        signals; /* signals: save and stop on SIGINT, SIGTERM, SIGUSR1; save on SIGUSR2 */
    bool given[N_SETTINGS]; /* by a flag or nnrt_run */
    bool save_given, load_given, init_given;
    int threads;
    double ema;
    char save[RUN_PATH], load[RUN_PATH], init[RUN_PATH], resume[RUN_PATH],
        log[RUN_PATH];         /* "": none */
    char part[RUN_NAME];       /* of the data block; eval: --on */
    char validate[RUN_NAME];   /* part, eval entry or "none"; "": as the head says */
    char early_stop[2 * RUN_NAME]; /* NAME:N or N; "": off */
    char decider[RUN_NAME];        /* NAME, a report of the validation, or "" */
    int64_t patience;              /* N: validations without a better value; 0: off */
    double min_delta;
    char decides[2 * RUN_NAME]; /* the value that a resumed run took its best by; "": not known */
    void (*line)(void *user, const char *text); /* NULL: standard output */
    void *user;
} Settings;

typedef enum { SETTING_INT, SETTING_BOOL, SETTING_NUMBER, SETTING_TEXT } SettingKind;
/* What --resume does with a setting: refuses another one, takes the run's unless the length is given
 * anew, takes it unless it is given, or does not know it. */
typedef enum { RESUME_SAME, RESUME_LENGTH, RESUME_UNLESS_GIVEN, RESUME_NEVER } SettingUse;
typedef struct Setting {
    const char *name; /* of the flag, and in the checkpoint */
    SettingKind kind;
    SettingUse use;
    size_t at, room; /* in Settings */
    int64_t least, most;
} Setting;
extern const Setting setting_table[N_SETTINGS];

typedef struct Values { /* one report */
    double *at;         /* n_report_values of the entry */
    int64_t examples;
} Values;

/* report.c */
int report_take(nnrt *m, int entry, bool clear, Values *v); /* v->at has room for n_report_values */
void report_scalars(FILE *f, const nnrt *m, int entry,
                    const double *values); /* "loss 0.25, accuracy 0.9" */
void report_tables(FILE *f, nnrt *m, int entry,
                   const double *values); /* confusion matrices, values per class */
void report_json(FILE *f, const nnrt *m, int entry, const double *values,
                 bool tensors); /* `,"loss":0.25` for every name */
const Json *report_at(const nnrt *m, int entry, int i);
int report_offset(const nnrt *m, int entry, int i); /* place of report i among the values */
int report_find(const nnrt *m, int entry, const char *name); /* -1 */
bool report_is_scalar(const Json *report);
int report_first_scalar(const nnrt *m, int entry);           /* -1 */
typedef enum { BETTER_UNKNOWN, BETTER_LOWER, BETTER_HIGHER } Better;
Better report_better(const nnrt *m, int entry, int i); /* as the program says */

/* log.c: NAME.ENTRY.jsonl and NAME.ENTRY.csv */
typedef struct Log {
    int json, csv; /* descriptors; -1: no log */
    int error;     /* errno of what failed last */
    nnrt *m;
    int entry, other; /* other: entry of the validation, or -1; its further names are columns too */
} Log;
typedef struct Moment { /* when something is reported */
    const char *event;
    int64_t step, epoch;
    double seconds;
} Moment;
/* resumed: appends, and drops what an interrupted run wrote beyond `step`. */
int log_open(Log *log, nnrt *m, int entry, int other, const char *stem, bool resumed, int64_t step);
int log_write(Log *log, const Moment *at, int entry, const Values *v);
void log_close(Log *log);

/* progress.c: one redrawn line on a terminal, plain lines elsewhere */
typedef struct Meter {
    bool terminal, drawn;
    double start, last; /* seconds, monotonic */
    const Settings *settings;
} Meter;
void meter_start(Meter *meter, const Settings *settings);
double meter_seconds(const Meter *meter);
bool meter_due(Meter *meter);                    /* time to redraw? */
void meter_draw(Meter *meter, const char *text); /* redraws the line */
void meter_line(Meter *meter, const char *text); /* a line that stays */
void meter_end(Meter *meter);
double run_now(void);

/* run.c */
int settings_from_head(const nnrt *m, int entry, Settings *s);
void settings_from_run(Settings *s, const nnrt_run *run);
int settings_check(const char *entry, Settings *s); /* ranges; reads early_stop */

/* resume.c: what a run was started with, in its checkpoint. */
char *resume_text(const nnrt *m, const Settings *s,
                  const char *decides); /* JSON; free() it. NULL: no memory */
/* The checkpoint s->resume: what is not given is taken from it (options of the program too), what is
 * given and would make it another run is an error. */
int resume_settings(nnrt *m, Settings *s);
int run_fit(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers,
            Values *last); /* last may be NULL */
int run_evaluate(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers,
                 Values *v); /* all rows of s->part */
int run_stopped_by(void);    /* signal that ended the last run, or 0 */

#endif
