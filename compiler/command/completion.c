/* SPDX-License-Identifier: MIT
 * completion.c: what completes command lines of nnc, for bash, zsh and fish. */
#include "command/command.h"

#include <string.h>

typedef enum { GIVES_NOTHING, GIVES_WORDS, GIVES_FILES, GIVES_FOLDERS, GIVES_COMMANDS, GIVES_ANY } Gives; /* what an argument can be */

static Gives gives(const char *word)
{
    if (!*word) return GIVES_NOTHING;
    if (strchr(word, '|') && !strstr(word, "FILE")) return GIVES_WORDS;
    if (strstr(word, "FILE") || strstr(word, "MODEL") || strstr(word, "LOG")) return GIVES_FILES;
    if (strcmp(word, "DIR") == 0) return GIVES_FOLDERS;
    return strstr(word, "COMMAND") && word[0] == '[' ? GIVES_COMMANDS : GIVES_ANY;
}

/* Endings of the files that a command takes. */
static const char *endings(const char *arguments)
{
    return strstr(arguments, "LOG") ? "jsonl|csv" : strstr(arguments, "FOLDER") ? "json|jsonl|csv" : "nn|tir|o|a|so";
}

/* a|b|c as a b c. */
static const char *choices(Arena *arena, const char *word)
{
    char *text = arena_copy(arena, word, strlen(word));
    for (char *c = text; *c; c++)
        if (*c == '|') *c = ' ';
    return text;
}

static const char *commands(Arena *arena, const char *between)
{
    Text t = {.arena = arena};
    for (int i = 0; i < N_VERBS; i++)
        text_add(&t, "%s%s", i ? between : "", command_verbs[i].name);
    return text_c(&t);
}

static bool is_letter(const FlagRow *f)
{
    return strlen(f->spelling) == 2;
}

/* For each flag: f, and whether the command takes it; the rows of headings are left out. */
#define EACH_FLAG(F) \
    for (const FlagRow *F = command_flags; F->group || F->spelling; F++) \
        if (F->spelling)

/* ---- bash: two `case`s, for the value of a flag and for a new word. It cuts --flag=value into three words. */

static void bash_values(Text *out)
{
    EACH_FLAG(f)
    {
        Gives g = gives(f->word);
        if (g == GIVES_NOTHING) continue;
        text_add(out, "    %s) ", f->spelling);
        if (g == GIVES_WORDS)
            text_add(out, "mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\"); return ;;\n", choices(out->arena, f->word));
        if (g == GIVES_FILES) text_add(out, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n");
        if (g == GIVES_FOLDERS) text_add(out, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); return ;;\n");
        if (g == GIVES_ANY) text_add(out, "return ;;\n");
    }
}

static void bash_words(Text *out)
{
    for (int i = 0; i < N_VERBS; i++) {
        const Verb *v = &command_verbs[i];
        text_add(out, "    %s) flags='", v->name);
        const char *space = "";
        EACH_FLAG(f)
        if (f->verbs >> i & 1) {
            text_add(out, "%s%s%s", space, f->spelling, *f->word && !is_letter(f) ? "=" : "");
            space = " ";
        }
        text_add(out, "'");
        Gives g = gives(v->arguments);
        if (g == GIVES_WORDS) text_add(out, " words='%s'", choices(out->arena, v->arguments));
        if (g == GIVES_COMMANDS) text_add(out, " words='%s'", commands(out->arena, " "));
        if (g == GIVES_FILES) text_add(out, " files='%s'%s", endings(v->arguments), i == VERB_build ? " words=$commands" : "");
        text_add(out, " ;;\n");
    }
}

static void put_bash(Text *out)
{
    text_add(out,
             "# bash completion of nnc; made by `nnc completion bash`\n"
             "_nnc() {\n"
             "    local commands='%s' command=build flags= words= files= i\n"
             "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        case ${COMP_WORDS[i]} in %s) command=${COMP_WORDS[i]}; break ;; esac\n"
             "    done\n"
             "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
             "    [[ $word == = ]] && word=\n"
             "    COMPREPLY=()\n"
             "    case $before in\n",
             commands(out->arena, " "), commands(out->arena, "|"));
    bash_values(out);
    text_add(out, "    esac\n    case $command in\n");
    bash_words(out);
    text_add(out, "    esac\n"
                  "    if [[ $word == -* ]]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\")\n"
                  "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
                  "        return\n"
                  "    fi\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\"; [[ $files ]] && compgen -d -- \"$word\";\n"
                  "        [[ $files ]] && compgen -f -X \"!*.@($files)\" -- \"$word\")\n"
                  "    [[ $files ]] && compopt -o filenames\n"
                  "}\n"
                  "shopt -s extglob\n"
                  "complete -F _nnc nnc\n");
}

/* ---- zsh: specifications for _arguments, those of the command. */

/* Inside of '...[...]': quotes end it, brackets and colons mean something. */
static void zsh_text(Text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            text_add(out, "'\\''");
        else
            text_add(out, strchr("[]:\\", *text) ? "\\%c" : "%c", *text);
    }
}

static void zsh_flag(Text *out, const FlagRow *f)
{
    Gives g = gives(f->word);
    bool many = f->kind == FLAG_LIST || f->kind == FLAG_LIBRARY;
    text_add(out, " \\\n        '%s%s%s[", many ? "*" : "", f->spelling, g == GIVES_NOTHING ? "" : is_letter(f) ? "+" : "=");
    zsh_text(out, f->help);
    text_add(out, "]");
    if (g != GIVES_NOTHING) {
        text_add(out, ":");
        zsh_text(out, f->word);
    }
    if (g == GIVES_WORDS) text_add(out, ":(%s)", choices(out->arena, f->word));
    if (g == GIVES_FILES) text_add(out, ":_files");
    if (g == GIVES_FOLDERS) text_add(out, ":_files -/");
    if (g == GIVES_ANY) text_add(out, ": ");
    text_add(out, "'");
}

static void put_zsh(Text *out)
{
    text_add(out, "#compdef nnc\n# zsh completion of nnc; made by `nnc completion zsh`\n"
                  "_nnc_words() {\n    local -a commands=(");
    for (int i = 0; i < N_VERBS; i++) {
        text_add(out, "\n        '%s:", command_verbs[i].name);
        zsh_text(out, command_verbs[i].help);
        text_add(out, "'");
    }
    text_add(out,
             ")\n    [[ $1 == no ]] || _describe command commands\n    [[ $1 == only ]] || _files -g \"*.($2)\"\n}\n"
             "_nnc() {\n    local command=build word\n    local -a flags\n"
             "    for word in ${words[2,CURRENT-1]}; do\n"
             "        case $word in (%s) command=$word; break ;; esac\n    done\n    case $command in\n",
             commands(out->arena, "|"));
    for (int i = 0; i < N_VERBS; i++) {
        Gives g = gives(command_verbs[i].arguments);
        text_add(out, "    (%s) flags=(", command_verbs[i].name);
        EACH_FLAG(f)
        if (f->verbs >> i & 1) zsh_flag(out, f);
        if (g == GIVES_FILES)
            text_add(out, " \\\n        '*:file: _nnc_words %s \"%s\"'", i == VERB_build ? "both" : "no",
                     endings(command_verbs[i].arguments));
        if (g == GIVES_COMMANDS) text_add(out, " \\\n        '*:command: _nnc_words only'");
        if (g == GIVES_WORDS) text_add(out, " \\\n        '*:word:(%s)'", choices(out->arena, command_verbs[i].arguments));
        text_add(out, ") ;;\n");
    }
    text_add(out, "    esac\n"
                  "    [[ $command == build ]] || words[(r)$command]=() CURRENT=$((CURRENT - 1))\n"
                  "    _arguments $flags\n}\n"
                  "if [[ $funcstack[1] == _nnc ]]; then _nnc \"$@\"; else compdef _nnc nnc; fi\n");
}

/* ---- fish: a line for each flag, under the condition that its command is there. */

static void fish_text(Text *out, const char *text)
{
    text_add(out, "'");
    for (; *text; text++)
        text_add(out, strchr("'\\", *text) ? "\\%c" : "%c", *text);
    text_add(out, "'");
}

/* Of `build` is what no other command is named for. */
static void fish_condition(Text *out, unsigned verbs)
{
    bool with = verbs >> VERB_build & 1;
    const char *none = with ? "not __fish_seen_subcommand_from" : "__fish_seen_subcommand_from";
    unsigned listed = with ? ~verbs : verbs;
    if ((listed & ((1u << N_VERBS) - 1)) == 0) return;
    text_add(out, " -n '%s", none);
    for (int i = 0; i < N_VERBS; i++)
        if (listed >> i & 1) text_add(out, " %s", command_verbs[i].name);
    text_add(out, "'");
}

static void put_fish(Text *out)
{
    text_add(out, "# fish completion of nnc; made by `nnc completion fish`\ncomplete -c nnc -f\n");
    for (int i = 0; i < N_VERBS; i++) {
        const Verb *v = &command_verbs[i];
        text_add(out, "complete -c nnc -n 'not __fish_seen_subcommand_from %s' -a %s -d ", commands(out->arena, " "), v->name);
        fish_text(out, v->help);
        text_add(out, "\n");
        Gives g = gives(v->arguments);
        if (g == GIVES_WORDS || g == GIVES_COMMANDS) {
            text_add(out, "complete -c nnc -n '__fish_seen_subcommand_from %s' -a '%s'\n", v->name,
                     g == GIVES_WORDS ? choices(out->arena, v->arguments) : commands(out->arena, " "));
        }
    }
    text_add(out, "complete -c nnc -n 'not __fish_seen_subcommand_from plot report explain help version completion' -k -a "
                  "'(__fish_complete_suffix .nn)'\n"
                  "complete -c nnc -n '__fish_seen_subcommand_from plot report' -k -a '(__fish_complete_suffix .jsonl)'\n");
    EACH_FLAG(f)
    {
        Gives g = gives(f->word);
        text_add(out, "complete -c nnc");
        fish_condition(out, f->verbs);
        text_add(out, " -%c %s%s",
                 is_letter(f)            ? 's'
                 : f->spelling[1] == '-' ? 'l'
                                         : 'o',
                 f->spelling + strspn(f->spelling, "-"),
                 g == GIVES_NOTHING                       ? ""
                 : g == GIVES_FILES || g == GIVES_FOLDERS ? " -r -F"
                                                          : " -x");
        if (g == GIVES_WORDS) text_add(out, " -a '%s'", choices(out->arena, f->word));
        text_add(out, " -d ");
        fish_text(out, f->help);
        text_add(out, "\n");
    }
}

bool command_completion(Text *out, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        put_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(out);
    else if (strcmp(shell, "fish") == 0)
        put_fish(out);
    else
        return false;
    return true;
}
