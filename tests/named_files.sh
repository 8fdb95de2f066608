#!/bin/sh
# SPDX-License-Identifier: MIT
# named_files.sh REPOSITORY FILE.md...: what the documents for those who change nnc name is there. A path stands from the top or from
# compiler/ or runtime/; `*` stands for anything; X, NAME and words in capitals for a name; {...} is left alone.
cd "$1" || exit 2
shift
missing=$(grep -o -H '[A-Za-z_.*-]*[a-z]/[A-Za-z0-9_./*-]*\.\(c\|h\|re\|y\|def\|nn\|py\|sh\|txt\|cmake\|md\)\b' "$@" | sort -u | while IFS=: read -r doc path; do
    pattern=$(echo "$path" | sed 's/[A-Z][A-Z]*\b/*/g; s,^std/,stdlib/,')
    for top in . compiler runtime docs; do # std/ is what stdlib/ is to a program
        # shellcheck disable=SC2086
        set -- $top/$pattern
        [ -e "$1" ] && continue 2
    done
    echo "$doc: there is no $path"
done)
[ -z "$missing" ] || { echo "$missing"; exit 1; }
