#!/bin/sh
# Proves that the rules of check_kb.sh bite.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/self_test.sh"

rows() { # FIRST-ROW-TEXT: the ledger with another first row
    echo "$1"
    row=2
    while [ $row -le 123 ]; do
        echo "| $row | text | later | backup |"
        row=$((row + 1))
    done
}

clean_tree() {
    rm -rf "$tree"
    file tests/unit/a_test.c 'static void kb001_holds(void **state)' \
        'static void other(void **state)'
    file tests/integration/test_a.py 'def test_kb003_too(authority):'
    file docs/kb.md "$(rows '| 1 | text | proven | `kb001_holds` |' |
        sed 's/^| 3 .*/| 3 | text | partly | `test_kb003_too`; not all |/')"
}
without_python() {
    rows "$1" | sed 's/^| 3 .*/| 3 | text | proven | `kb003_too` |/'
}

check=$here/check_kb.sh
silent
refused "names the test kb001_gone, which doesn't exist" docs/kb.md \
    "$(without_python '| 1 | text | proven | `kb001_holds`, `kb001_gone` |')"
refused "row 1 is proven but names no test" docs/kb.md \
    "$(without_python '| 1 | text | proven | backup |')"
refused "row 1 doesn't name its test kb001_holds" docs/kb.md \
    "$(without_python '| 1 | text | later | backup |')"
refused "names a test but is later" docs/kb.md \
    "$(without_python '| 1 | text | later | `kb001_holds` |')"
refused 'unknown state "done"' docs/kb.md \
    "$(without_python '| 1 | text | done | backup |')"
refused 'row 1 is missing' docs/kb.md "$(without_python '')"
refused 'row 9 stands here twice' docs/kb.md \
    "$(without_python '| 1 | text | proven | `kb001_holds` |
| 9 | text | later | backup |')"
refused 'row 1 says nothing' docs/kb.md \
    "$(without_python '| 1 | text | deferred | |')"
passed
