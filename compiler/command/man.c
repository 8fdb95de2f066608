/* SPDX-License-Identifier: MIT
 * man.c: the page nnc(1), in the macros of man(7). */
#include "command/command.h"

#include <string.h>

static void put_letter(Text *out, char c, bool starts)
{
    if (starts && (c == '.' || c == '\'')) text_add(out, "\\&"); /* there they mean something */
    switch (c) {
    case '\\': text_add(out, "\\e"); break;
    case '-': text_add(out, "\\-"); break;
    case '`': text_add(out, "\\(ga"); break;
    case '\'': text_add(out, "\\(aq"); break;
    default: text_add(out, "%c", c);
    }
}

/* Text as it stands: no letter of it means anything to the formatter. Long lines are broken, and sentences apart. */
static void put(Text *out, const char *text)
{
    enum { LONG = 60 };
    int column = 0;
    for (const char *c = text; *c; c++) {
        bool breaks = *c == '\n' || (*c == ' ' && (column > LONG || (c > text && c[-1] == '.' && c[1] >= 'A' && c[1] <= 'Z')));
        put_letter(out, breaks ? '\n' : *c, column == 0);
        column = breaks ? 0 : column + 1;
    }
}

static void put_line(Text *out, const char *before, const char *text, const char *after)
{
    text_add(out, "%s", before);
    put(out, text);
    text_add(out, "%s\n", after);
}

static void put_commands(Text *out)
{
    text_add(out, ".SH COMMANDS\n");
    for (int i = 0; i < N_VERBS; i++) {
        const Verb *v = &command_verbs[i];
        text_add(out, ".TP\n\\fB%s\\fR \\fI", v->name);
        put_line(out, "", v->arguments, "\\fR");
        put_line(out, "", arena_print(out->arena, "%c%s", v->help[0] - 'a' + 'A', v->help + 1), ".");
        if (*v->more) put_line(out, "", v->more, "");
    }
}

static void put_verbs_of(Text *out, const FlagRow *f)
{
    const char *before = "Of\n";
    for (int i = 0; i < N_VERBS; i++) {
        if (!(f->verbs >> i & 1)) continue;
        text_add(out, "%s\\fB%s\\fR", before, command_verbs[i].name);
        before = ",\n";
    }
    text_add(out, ".\n");
}

static void put_options(Text *out)
{
    text_add(out, ".SH OPTIONS\n");
    for (const FlagRow *f = command_flags; f->group || f->spelling; f++) {
        if (f->group) {
            put_line(out, ".SS ", f->group, "");
            continue;
        }
        text_add(out, ".TP\n\\fB");
        put(out, f->spelling);
        text_add(out, "\\fR");
        if (*f->word) {
            text_add(out, "%s\\fI", strlen(f->spelling) == 2 ? " " : "=");
            put(out, f->word);
            text_add(out, "\\fR");
        }
        text_add(out, "\n");
        put_line(out, "", f->help, ".");
        if (*f->otherwise) put_line(out, "The default is ", f->otherwise, ".");
        put_verbs_of(out, f);
    }
}

static void put_rest(Text *out)
{
    text_add(out, ".SH EXIT STATUS\n");
    for (const StatusRow *s = command_statuses; s->when; s++)
        text_add(out, ".TP\n%d\n%s\n", s->status, s->when);
    text_add(out, ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nIf it is set, messages have no colours.\n"
                  ".TP\n\\fBTMPDIR\\fR\nWhere \\fBgradcheck\\fR puts its program, instead of /tmp.\n.SH EXAMPLES\n.nf\n");
    for (int i = 0; i < N_VERBS; i++)
        put_line(out, "", command_verbs[i].example, "");
    text_add(out, ".fi\n.SH SEE ALSO\n.BR nnc\\-make\\-data (1),\n.BR cc (1)\n");
}

void command_man(Text *out)
{
    text_add(out, ".TH NNC 1 \"" COMMANDS_DATE "\" \"nnc %s\" \"User Commands\"\n", nnc_version());
    text_add(out, ".SH NAME\nnnc \\- compiler for a small language of neural networks\n"
                  ".SH SYNOPSIS\n\\fBnnc\\fR [\\fICOMMAND\\fR] [\\fIFLAGS\\fR] \\fIMODEL.nn\\fR\n.SH DESCRIPTION\n"
                  "A .nn file says where the data comes from, what the model is,\n"
                  "how it is trained and what it offers to C.\n"
                  "\\fBnnc\\fR makes a native program of it, or an object with a header for embedding.\n"
                  "The command and the flags stand in any order.\n");
    put_commands(out);
    put_options(out);
    put_rest(out);
}
