/* SPDX-License-Identifier: MIT
 * help.c: what `nnc --help` and `nnc help COMMAND` say. */
#include "command/command.h"

#include <string.h>

enum { LEFT = 20, WIDTH = 79 };

static void put_lines(Text *out, const char *text, const char *indent)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        text_add(out, "%s%.*s\n", indent, (int)n, text);
        text += n + (text[n] == '\n');
    }
}

/* Words, broken into lines from a column on. */
static void put_wrapped(Text *out, const char *text, int indent)
{
    int column = indent;
    for (size_t n; *text; text += n + (text[n] != 0)) {
        n = strcspn(text, " \n");
        bool begins = column == indent, breaks = !begins && column + 1 + (int)n > WIDTH;
        if (breaks) text_add(out, "\n%*s", indent, "");
        text_add(out, "%s%.*s", begins || breaks ? "" : " ", (int)n, text);
        column = (breaks ? indent : column + !begins) + (int)n;
    }
    text_add(out, "\n");
}

static void put_flag(Text *out, Arena *arena, const FlagRow *f)
{
    bool letter = strlen(f->spelling) == 2;
    const char *left = *f->word ? arena_print(arena, "%s%s%s", f->spelling, letter ? " " : "=", f->word) : f->spelling;
    const char *right = *f->otherwise ? arena_print(arena, "%s [%s]", f->help, f->otherwise) : f->help;
    if (strlen(left) >= LEFT)
        text_add(out, "  %s\n%*s", left, LEFT + 2, "");
    else
        text_add(out, "  %-*s", LEFT, left);
    put_wrapped(out, right, LEFT + 2);
}

/* verb -1: all flags, under their headings; else those of it. */
static void put_flags(Text *out, int verb)
{
    const char *heading = NULL;
    for (const FlagRow *f = command_flags; f->group || f->spelling; f++) {
        if (f->group) heading = f->group;
        if (f->group || (verb >= 0 && !(f->verbs >> verb & 1))) continue;
        if (heading) text_add(out, "\n%s:\n", heading);
        heading = NULL;
        put_flag(out, out->arena, f);
    }
}

static void help_all(Text *out)
{
    text_add(out, "usage: nnc [COMMAND] [FLAGS] MODEL.nn\n\nCommands:\n");
    for (int i = 0; i < N_VERBS; i++)
        text_add(out, "  %-10s %-21s %s\n", command_verbs[i].name, command_verbs[i].arguments, command_verbs[i].help);
    text_add(out, "Without a command it is build. `nnc help COMMAND`: its flags, and an example.\n");
    put_flags(out, -1);
    text_add(out, "\nExamples:\n");
    put_lines(out, command_verbs[VERB_build].example, "  ");
    put_lines(out, command_verbs[VERB_check].example, "  ");
    text_add(out, "\nExit status:\n");
    for (const StatusRow *s = command_statuses; s->when; s++)
        text_add(out, "  %-3d %s\n", s->status, s->when);
}

void command_help(Text *out, int verb)
{
    if (verb < 0) {
        help_all(out);
        return;
    }
    const Verb *v = &command_verbs[verb];
    text_add(out, "usage: nnc %s%s%s [FLAGS]\n\n%s\n", verb == VERB_build ? "[build]" : v->name, *v->arguments ? " " : "", v->arguments,
             v->help);
    if (*v->more) put_wrapped(out, v->more, 0);
    put_flags(out, verb);
    text_add(out, "\nExample:\n");
    put_lines(out, v->example, "  ");
}
