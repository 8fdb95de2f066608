/* SPDX-License-Identifier: MIT
 * completion.c: what completes command lines of a program. The shells ask it: `completion words` and the words so far. */
#include <string.h>

#include "command/command.h"

static void put_word(const char *name, const char *help)
{
    printf("%s\t%s\n", name, help);
}

static void command_word(Cli *cli, int i)
{
    (void)i;
    put_word(command_called(cli), command_tells(cli));
}

static void entry_words(const Cli *cli)
{
    const char *name;
    for (int i = 0; (name = command_name(cli, i)) && strcmp(name, cli->verbs->name) != 0; i++)
        put_word(name, "");
}

void completion_words(Cli *cli, int argc, char **argv)
{
    int place = -1, last = argc - 1;
    if (argc < 1) return;
    bool flag = argv[last][0] == '-';
    if (!last || line_command(cli, last, argv, &place) || place < 0) { /* of nothing it would tell the help */
        if (!flag) command_each(cli, command_word);
        return;
    }
    if (flags_take(&cli->flags, argv, last)) return; /* a value: the shell offers files */
    for (int i = 0; flag && i < cli->flags.n; i++)
        if (!cli->flags.at[i].hidden) printf("--%s\t%s\n", cli->flags.at[i].name, cli->flags.at[i].help ? cli->flags.at[i].help : "");
    if (flag || !cli->verb) return;
    if (cli->verb->need != NEEDS_NOTHING) entry_words(cli);
    if (strcmp(cli->verb->words, "SHELL") == 0) fputs("bash\t\nzsh\t\nfish\t\n", stdout);
    if (strcmp(cli->verb->words, "[COMMAND]") == 0) command_each(cli, command_word);
}

int command_completion(Cli *cli)
{
    static const char *const shells[][2] = {
        {"bash", "_nnc_program() {\n"
                 "    local IFS=$'\\n'\n"
                 "    COMPREPLY=($(compgen -W \"$(\"$1\" completion words \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null | cut -f 1)\" -- "
                 "\"$2\"))\n"
                 "}\n"
                 "complete -o default -F _nnc_program %s\n"},
        {"zsh", "#compdef %s\n"
                "_nnc_program() {\n"
                "    local -a found\n"
                "    found=(${(f)\"$($words[1] completion words \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
                "    found=(${${found//:/\\\\:}/$'\\t'/:})\n"
                "    (( $#found )) && _describe word found || _files\n"
                "}\n"
                "compdef _nnc_program %s\n"},
        {"fish", "complete -c %s -a '(set -l words (commandline -opc) (commandline -ct); $words[1] completion words $words[2..] "
                 "2>/dev/null)'\n"},
    };
    const char *shell = cli->flags.n_words ? cli->flags.word[0] : "", *name = cli->program->name;
    for (int i = 0; i < 3; i++) {
        if (strcmp(shell, shells[i][0]) != 0) continue;
        for (const char *c = shells[i][1]; *c; c++) {
            if (strncmp(c, "%s", 2) == 0)
                fputs(name, stdout), c++;
            else
                putchar(*c);
        }
        return NNRT_OK;
    }
    return rt_fail(RT_USAGE, "completion needs a shell: bash, zsh or fish");
}
