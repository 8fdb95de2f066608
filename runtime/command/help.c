/* SPDX-License-Identifier: MIT
 * help.c: what a program tells of its commands: help, and a page for man(1), from the tables of flags that the commands have. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "command/command.h"
#include "export/export.h"
#include "model/manifest.h"

/* ---- an example of a command */

/* What an export needs, by the kinds of its arguments. */
static void put_arguments(FILE *f, const Json *entry)
{
    for (const Json *a = json_list(entry, "args"); a; a = a->next) {
        if (json_get(a, "default")) continue;
        bool tensor = json_is(a, "role", "tensor"), text = json_int(a, "data", -1) >= 0;
        const char *name = json_text(a, "name", "?");
        fprintf(f, tensor ? text ? " --%s \"a text\"" : " --%s %s.npy" : " --%s 1", name, name);
    }
}

static void put_example(FILE *f, const Cli *cli)
{
    const char *program = cli->program->name;
    fprintf(f, "  ./%s %s", program, command_called(cli));
    if (cli->verb) {
        const char *example = cli->verb->example;
        if (*example == '@') fprintf(f, " %s", command_name(cli, 0)), example++;
        fprintf(f, "%s%s\n", *example && *example != ' ' ? " " : "", example);
        return;
    }
    const Json *entry = rt_entry(cli->m, cli->entry);
    const char *length = json_int(entry, "data", -1) >= 0 ? "epochs 5" : "steps 1000";
    switch (cli->program->entry[cli->entry]->kind) {
    case NNRT_TRAIN_ENTRY: fprintf(f, " --%s --save %s.safetensors\n", length, program); break;
    case NNRT_EVAL_ENTRY: fprintf(f, " --load %s.safetensors\n", program); break;
    default: put_arguments(f, entry), fputc('\n', f);
    }
}

/* ---- a command */

static void flags_json(FILE *f, const Flags *flags)
{
    bool first = true;
    for (const Flag *flag = flags->at; flag < flags->at + flags->n; flag++) {
        if (flag->hidden) continue;
        json_put(f, first ? "{\"name\":" : ",{\"name\":", flag->name);
        first = false;
        json_put(f, ",\"value\":", flag->what ? flag->what : "");
        json_put(f, ",\"help\":", flag->help ? flag->help : "");
        json_put(f, ",\"default\":", flag->otherwise);
        fputc('}', f);
    }
}

void help_of(Cli *cli)
{
    if (flags_has(&cli->flags, "json")) {
        json_put(stdout, "{\"command\":", command_called(cli));
        json_put(stdout, ",\"help\":", command_tells(cli));
        fputs(",\"flags\":[", stdout);
        flags_json(stdout, &cli->flags);
        puts("]}");
        return;
    }
    printf("usage: %s %s%s%s [--flag value]\n\n", cli->program->name, command_called(cli), cli->verb && *cli->verb->words ? " " : "",
           cli->verb ? cli->verb->words : "");
    flags_help(&cli->flags, stdout);
    fputs("\nexample:\n", stdout);
    put_example(stdout, cli);
    if (!cli->verb && cli->program->entry[cli->entry]->kind == NNRT_EXPORT_ENTRY) export_notes(cli);
}

/* ---- the program */

static void line_of(Cli *cli, int i)
{
    bool first = cli->verb == cli->verbs;
    (void)i;
    if (first) puts("\nalso:");
    printf("  %-12s %s%s%s\n", command_called(cli), cli->verb ? cli->verb->words : "", cli->verb && *cli->verb->words ? ": " : "",
           command_tells(cli));
}

static void json_of(Cli *cli, int i)
{
    json_put(stdout, i ? ",{\"name\":" : "{\"name\":", command_called(cli));
    json_put(stdout, ",\"kind\":", cli->verb ? "command" : command_tells(cli));
    json_put(stdout, ",\"help\":", cli->verb ? command_tells(cli) : "");
    fputs(",\"flags\":[", stdout);
    flags_json(stdout, &cli->flags);
    fputs("]}", stdout);
}

/* ---- the page for man(1): macros of man(7); no text means anything to them */

static void put_man(const char *text)
{
    for (; *text; text++)
        printf(*text == '\\' ? "\\e" : *text == '-' ? "\\-" : *text == '\'' ? "\\(aq" : *text == '\n' ? " " : "%c", *text);
}

static void man_of(Cli *cli, int i)
{
    (void)i;
    fputs(".SS ", stdout);
    put_man(command_called(cli));
    fputs("\n\\&", stdout);
    put_man(command_tells(cli));
    for (int k = 0; k < cli->flags.n; k++) {
        const Flag *f = &cli->flags.at[k];
        if (f->hidden) continue;
        fputs("\n.TP\n\\fB\\-\\-", stdout);
        put_man(f->name);
        fputs("\\fR \\fI", stdout);
        put_man(f->what ? f->what : "");
        fputs("\\fR\n\\&", stdout);
        put_man(f->help ? f->help : "");
        if (*f->otherwise) fputs("\n[", stdout), put_man(f->otherwise), putchar(']');
    }
    fputs("\n.PP\nExample:\n.PP\n.nf\n\\&", stdout);
    put_example(stdout, cli);
    puts(".fi");
}

static void man_head(const Cli *cli)
{
    const char *name = cli->program->name;
    char today[32] = "";
    time_t now = time(NULL);
    struct tm date;
    if (localtime_r(&now, &date)) strftime(today, sizeof today, "%Y-%m-%d", &date);
    fputs(".TH \"", stdout);
    for (const char *c = name; *c; c++)
        putchar(toupper((unsigned char)*c));
    printf("\" 1 \"%s\" \"nnc %s\" \"User Commands\"\n.SH NAME\n%s \\- a program that nnc made\n", today,
           json_text(cli->m->manifest, "nnc", "?"), name);
    printf(".SH SYNOPSIS\n\\fB%s\\fR \\fICOMMAND\\fR [\\fIFLAGS\\fR]\n.SH COMMANDS\n", name);
}

static void help_all(Cli *cli)
{
    const Json *options = json_get(cli->m->manifest, "options");
    const char *program = cli->program->name;
    printf("%s COMMAND [--flag value]\n\nentry points:\n", program);
    command_each(cli, line_of);
    if (options && options->n) puts("\noptions of all commands:");
    for (const Json *o = json_first(options); o; o = o->next)
        printf("  --%-12s %s\n", json_text(o, "name", "?"), json_text(o, "doc", ""));
    printf("\n%s COMMAND --help lists the flags of a command, with an example.\n", program);
}

void help_flags(Cli *cli)
{
    flags_add(&cli->flags, "man", FLAG_SWITCH, "", "as a page for man(1)");
}

int command_help(Cli *cli)
{
    const char *topic = cli->flags.n_words ? cli->flags.word[0] : NULL;
    bool man = flags_has(&cli->flags, "man"), json = cli->json;
    if (topic) {
        if (!command_choose(cli, topic)) return unknown_name(cli, "command", topic);
        if (command_is_there(cli)) return RT_USAGE;
        if (json && flag_give(flags_find(&cli->flags, "json"), "true", NULL)) return NNRT_E_MEM;
        help_of(cli);
    } else if (man) {
        man_head(cli);
        command_each(cli, man_of);
    } else if (json) {
        json_put(stdout, "{\"program\":", cli->program->name);
        fputs(",\"commands\":[", stdout);
        command_each(cli, json_of);
        puts("]}");
    } else {
        help_all(cli);
    }
    return NNRT_OK;
}
