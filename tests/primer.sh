#!/bin/sh
# SPDX-License-Identifier: MIT
# primer.sh SOURCE: every row of the tables of docs/primer.md (but for the glossary) names a file that is there: an example by its name, a
# program or a part of the library by its path, a document by a link. Names in backticks in front of it are in one of the row's files.
cd "$1" || exit 2
bad=0 rows=0
files_of() { # of a row: paths, one per line
    echo "$1" | grep -o '`[^`]*`' | tr -d '`' | tr ' ' '\n' | while read -r word; do
        for folder in "$word" "examples/$word"; do
            case $folder in */*) [ -d "$folder" ] && ls "$folder"/*.nn ;; esac
        done
        case $word in */*.nn) ls "$word" ;; esac
    done
    echo "$1" | grep -o ']([a-z_-]*\.md' | sed 's,](,docs/,'
}
names_of() { # of a row: what is no file, each word up to a bracket, without its module
    echo "$1" | grep -o '`[^`]*`' | tr -d '`' | tr ' …' '\n\n' | sed 's/^\(seq\|vision\|sound\|volume\)\.//; s/[^A-Za-z0-9_.].*//; s/\.$//' |
        grep '^[A-Za-z]' | while read -r word; do
        [ -d "examples/$word" ] || case $word in examples* | stdlib* | tests*) ;; *) echo "$word" ;; esac
    done
}
body=$(sed '/^## Glossary/,$d' docs/primer.md | grep '^| ' | grep -v '^|---' | awk -F'|' '{ row = $3; for (i = 4; i < NF; i++) row = row "|" $i; print row }')
while IFS= read -r row; do
    case $row in " where "* | " name"* | " how "* | " loss "* | " examples "*) continue ;; esac
    rows=$((rows + 1))
    files=$(files_of "$row")
    [ "$files" ] || { echo "primer: no file that is there:$row" && bad=1 && continue; }
    for name in $(names_of "$row"); do
        # shellcheck disable=SC2086
        grep -qw -- "$name" $files || { echo "primer: $name is not in" $files && bad=1; }
    done
done <<TEXT
$body
TEXT
[ $rows -gt 70 ] || { echo "primer: only $rows rows are found" && bad=1; }
exit $bad
