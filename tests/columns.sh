#!/bin/sh
# SPDX-License-Identifier: MIT
# columns.sh SOURCE: no line of a document, tables and code included, is over 120 columns; nor of the programs that readers are shown,
# examples and the library. Generated ones too: their tools wrap.
cd "$1" || exit 2
list=$(find . -name '*.md' -not -path './build*' -not -path './.git/*' | sort)
[ "$(echo "$list" | wc -l)" -gt 40 ] || { echo "columns: found only: $list"; exit 1; }
programs=$(find examples stdlib -name '*.nn' | sort)
[ "$(echo "$programs" | wc -l)" -gt 40 ] || { echo "columns: found only: $programs"; exit 1; }
# shellcheck disable=SC2086
long=$(LC_ALL=C.UTF-8 grep -nE '^.{121,}' $list $programs | cut -c1-100)
[ -z "$long" ] || { echo "over 120 columns:"; echo "$long"; exit 1; }
