#!/bin/sh
# SPDX-License-Identifier: MIT
# rooms.sh SOURCE: a folder of runtime/ includes itself and those above it in the list of docs/internals.md ("The runtime"), nothing else;
# the library is made of the folders of that list.
set -eu
cd "$1"
rooms=$(awk '/^## / { here = $0 == "## The runtime" } here && /^```/ { block++; next } here && block == 1 { print $1 }' docs/internals.md)
folders=$(cd runtime && ls -d */ | tr -d / | sort)
[ "$(echo "$rooms" | sort)" = "$folders" ] || { echo "docs/internals.md lists $(echo $rooms), but runtime/ has $(echo $folders)"; exit 1; }
grep -q "set(ROOMS $(echo $rooms | sed 's/^core //'))" runtime/CMakeLists.txt || { echo "runtime/CMakeLists.txt: ROOMS is not $rooms"; exit 1; }
grep -rn '#include "' runtime --include='*.[ch]' | awk -v rooms="$(echo $rooms)" '
    BEGIN { n = split(rooms, room, " "); for (i = 1; i <= n; i++) rank[room[i]] = i }
    {
        split($0, at, ":"); split(at[1], from, "/"); split($0, quoted, "\""); header = quoted[2]
        top = header ~ /^(nnrt|nnrt_abi|nnrt_types)\.h$|^(optimizers|cpu)\.def$/
        to = header; sub("/.*", "", to)
        if (from[3] == "") good = top                                          # nnrt.h and what it stands on
        else if (from[2] == "core") good = top || header !~ "/"                # freestanding: beside the file
        else good = (top || to in rank) && to != "core" && (top || rank[to] <= rank[from[2]])
        seen++
        if (!good) { print at[1] ":" at[2] ": " from[2] "/ must not include " header; bad = 1 }
    }
    END { exit bad || seen < 100 }'
