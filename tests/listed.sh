#!/bin/sh
# SPDX-License-Identifier: MIT
# listed.sh SOURCE: what tables of the source have is told of in the document for it: the arguments of readers, of split and of heads,
# the flags of a run, the commands, the warnings.
cd "$1" || exit 2
bad=0
section() { # FILE HEADING: up to the next heading of that rank
    awk -v heading="$2" '
        /^```/ { code = !code }
        !code && /^#+ / { rank = index($0, " ") - 1; if (on && rank <= own) exit; if (substr($0, rank + 2) == heading) { on = 1; own = rank } }
        on' "$1"
}
told() { # WHAT LEAST NAMES TEXT PATTERN: the pattern, with the name in place of @, stands in the text for each name
    [ "$(echo "$3" | wc -w)" -ge "$2" ] || { echo "listed: found only these $1: $3"; bad=1; }
    for name in $3; do
        echo "$4" | grep -qE -e "$(echo "$5" | sed "s/@/$name/g")" || { echo "documents do not tell of $name, one of the $1"; bad=1; }
    done
}
told "arguments of readers and split" 30 "$(sed -n '/^static const Argument/,/^};/s/^    [A-Z({]*"\([a-z]*\)".*/\1/p' compiler/sema/data_args.c | grep -vx path)" \
    "$(section docs/language.md Data)" '(`|[ ,(])@='
told "arguments of heads" 15 "$(sed -n '/head_names\[\] = {/,/NULL}/p' compiler/sema/base/taken.c | grep -o '"[a-z_]*"' | tr -d '"')" \
    "$(section docs/language.md 'The head of a train')" '^\|.*`@`.*\|.*\|'
told "flags of a run" 14 "$(sed -n 's/^SETTING(\([a-z_]*\),.*/\1/p' runtime/run/settings.def | grep -vx on | sed 's/early_stop/early-stop/; s/min_delta/min-delta/; s/max_time/max-time/; s/keep_best/keep-best/')" \
    "$(section docs/running.md Training)" '`--@'
told "commands" 10 "$(sed -n '/^static const Verb verbs/,/^};/s/^    {"\([a-z-]*\)", .*/\1/p' runtime/command/main.c)" \
    "$(section docs/running.md 'Running a compiled program')" '`@( |`)'
told "warnings" 25 "$(sed -n 's/^EXPLAIN(\(W0[0-9]*\).*/\1/p' compiler/support/explain.def | grep -vx W0301)" \
    "$(cat docs/messages.md docs/language.md)" '@'
told "flags of nnc" 28 "$(sed -n 's/^FLAG("\(-[^"]*\)".*/\1/p' compiler/command/commands.def)" "$(section docs/language.md 'The compiler')" '^\\|.*`@(`|[ =])'
told "commands of nnc" 8 "$(sed -n 's/^VERB(\([a-z]*\),.*/\1/p' compiler/command/commands.def)" "$(section docs/language.md 'The compiler')" '^- `@`'
exit $bad
