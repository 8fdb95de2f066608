# SPDX-License-Identifier: MIT
# What make-data writes for tests is nothing that it writes for training.
for pair in "notes.txt notes_test.txt" "machine.csv machine_test.csv"; do
    # shellcheck disable=SC2086
    set -- $pair
    sort -u "data/$1" >seen
    sort -u "data/$2" >unseen
    [ "$(wc -l <unseen)" -gt 50 ] || broken "data/$2 is nearly empty"
    [ -z "$(comm -12 seen unseen)" ] || broken "$(comm -12 seen unseen | wc -l) lines of data/$2 are in data/$1"
done
