/* SPDX-License-Identifier: MIT
 * settings.h: what a run does: the head of its entry, then what flags or nnrt_run change. */
#ifndef NNRT_RUN_SETTINGS_H
#define NNRT_RUN_SETTINGS_H

#include "model/model.h"

enum { RUN_NAME = 64 };

typedef enum {
#define SETTING(NAME, PLACE, KIND, USE, LEAST, MOST, OTHERWISE, UNSET, OF, WORD, HELP) SET_##NAME,
#include "run/settings.def"
    N_SETTINGS
} SettingIndex;

typedef struct Given { /* who gave an option or a setting its value */
    const char *name, *from;
} Given;

typedef struct Settings { /* head of the entry, then what flags or nnrt_run change */
    int64_t batch, epochs, steps, accumulate, shards, log_every, validate_every, save_every, seed;
    bool shuffle, quiet, signals; /* signals: save and stop on SIGINT, SIGTERM, SIGUSR1; save on SIGUSR2 */
    bool given[N_SETTINGS]; /* by a flag or nnrt_run */
    const Given *given_by;  /* by name, for what the run tells of itself */
    int n_given;
    bool stream; /* standard output is a line of JSON per event */
    bool dry;    /* one update and one batch of validation, to see that it works */
    bool record; /* what the run is made with is written beside it */
    bool save_given, load_given, init_given, map_given;
    int threads;
    double ema;
    char save[RT_PATH], load[RT_PATH], init[RT_PATH], resume[RT_PATH], log[RT_PATH];         /* "": none */
    char map[RT_PATH], layout[RUN_NAME]; /* of the file of init; of load if they are given */
    int64_t keep;              /* checkpoints by their steps; 0: none */
    int64_t keep_best;         /* checkpoints of the best validations; 0: none */
    double save_seconds;       /* between checkpoints; 0: as save_every says */
    char tfevents[RT_PATH];    /* "": none */
    char max_time[RUN_NAME];   /* "": as long as it takes */
    double max_seconds;        /* the same; 0 */
    char progress[RUN_NAME];   /* auto, bar, plain or none; "": auto */
    char part[RUN_NAME];       /* of the data block; eval: --on */
    char validate[RUN_NAME];   /* part, eval entry or "none"; "": as the head says */
    char early_stop[2 * RUN_NAME]; /* NAME:N or N; "": as `patience` says */
    char decider[RUN_NAME];        /* NAME, a report of the validation, or "" */
    int64_t patience;              /* validations without a better value; 0: off */
    double min_delta;
    char decides[2 * RUN_NAME]; /* the value that a resumed run took its best by; "": not known */
    void (*line)(void *user, const char *text); /* NULL: standard output */
    void *user;
} Settings;

typedef enum { SETTING_INT, SETTING_BOOL, SETTING_NUMBER, SETTING_TEXT } SettingKind;
/* What --resume does with a setting: refuses another one, takes the run's unless the length is given
 * anew, takes it unless it is given, or does not know it. */
typedef enum { RESUME_SAME, RESUME_LENGTH, RESUME_UNLESS_GIVEN, RESUME_NEVER } SettingUse;
typedef enum { FLAG_OF_TRAIN, FLAG_OF_RUNS } SettingFlag; /* of train alone, or of eval too */
typedef struct Setting { /* texts in place: an address in a program costs 24 bytes more */
    char name[16]; /* of the flag, and in the checkpoint */
    SettingKind kind;
    SettingUse use;
    size_t at, room; /* in Settings */
    int64_t least, most, otherwise;
    char unset[12]; /* what holds where the value is 0 or no text, in words */
    SettingFlag of;
    char word[8];
    const char *help;
} Setting;
extern const Setting setting_table[N_SETTINGS];

/* A setting as text, in `number` or its own. */
const char *setting_value(const Settings *s, const Setting *set, char number[40]);
int settings_from_head(const nnrt *m, int entry, Settings *s);
int settings_from_run(Settings *s, const nnrt_run *run);
/* The name of a file, where one is given; `none` is no file. */
int settings_file(char out[RT_PATH], const char *name);
bool settings_time(const char *text, double *seconds); /* "1h30m", "10min", "90s"; false: it is none */
int settings_check(const char *entry, Settings *s); /* ranges; reads early_stop, max_time */

#endif
