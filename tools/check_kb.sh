#!/bin/sh
# Keeps docs/kb.md and the tests together: every row from 1 to 123 stands there
# once with a known state; a test it names exists; what is proven names a test;
# and a test with kbNNN in its name is named by that row.
#   tools/check_kb.sh [TREE]
set -eu
cd "${1:-$(dirname "$0")/..}"

names=$(mktemp)
trap 'rm -f "$names"' EXIT
find tests -name '*.c' -o -name '*.py' | sort | xargs -r grep -ohE \
    '^(static void|def|    def) +[a-z0-9_]+' | sed 's/.* //; s/^test_//' |
    sort -u >"$names"

awk -v names="$names" -v page=docs/kb.md '
function complain(sentence) {
    printf "%s:%d: %s\n", page, NR, sentence
    status = 1
}
BEGIN {
    while ((getline name < names) > 0)
        tests[name] = 1
    close(names)
    rows = 123
}
!/^\| *[0-9]+ *\|/ { next }
{
    split($0, column, /[ \t]*\|[ \t]*/)
    row = column[2] + 0
    state = column[4]
    if (row in seen)
        complain("row " row " stands here twice")
    if (row < 1 || row > rows)
        complain("row " row " doesn\047t exist")
    seen[row] = 1
    if (state !~ /^(proven|partly|later|deferred|not applicable)$/)
        complain("row " row " has the unknown state \"" state "\"")
    named = 0
    rest = column[5]
    while (match(rest, /`[^`]*`/)) {
        test = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        sub(/^test_/, "", test)
        if (!(test in tests))
            complain("row " row " names the test " test ", which doesn\047t exist")
        named++
        says[row, test] = 1
    }
    if (state ~ /^(proven|partly)$/ && named == 0)
        complain("row " row " is " state " but names no test")
    if (state !~ /^(proven|partly)$/ && named > 0)
        complain("row " row " names a test but is " state)
    if (column[5] == "")
        complain("row " row " says nothing of tests, part or reason")
}
END {
    for (row = 1; row <= rows; row++)
        if (!(row in seen))
            complain("row " row " is missing")
    for (test in tests) {
        rest = test
        while (match(rest, /kb[0-9][0-9][0-9]/)) {
            row = substr(rest, RSTART + 2, 3) + 0
            rest = substr(rest, RSTART + RLENGTH)
            if (!((row, test) in says))
                complain("row " row " doesn\047t name its test " test)
        }
    }
    exit status
}' docs/kb.md
