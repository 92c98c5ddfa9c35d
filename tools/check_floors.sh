#!/bin/sh
# The law of the floors (ARCHITECTURE.md): a file may include headers of its
# own floor and of the floors below it.
#   tools/check_floors.sh [TREE]   the tree that holds src/ (default: this one)
# One awk reads all files; each complaint is "file:line: sentence".
set -eu
cd "${1:-$(dirname "$0")/..}"

find src include -name '*.[ch]' 2>/dev/null | sort | xargs -r awk '
function complain(sentence) {
    printf "%s:%d: %s\n", FILENAME, FNR, sentence
    status = 1
}
function is_authority_side(floor) {
    return floor == "store" || floor == "authority"
}
function is_machine_side(floor) {
    return floor == "agent" || floor == "trust"
}
BEGIN {
    count = split("base crypto x509 trust agent store authority protocols" \
        " server cli", floors, " ")
    for (i = 1; i <= count; i++)
        level[floors[i]] = i
}
FNR == 1 {
    parts = split(FILENAME, path, "/")
    from = path[1] == "src" && parts > 2 ? path[2] : ""
    adapter = from == "protocols" && parts > 3 ? path[3] : ""
    if (path[1] == "src" && !(from in level))
        complain("not on a known floor (" (from == "" ? path[parts] : from) ")")
}
!/^[ \t]*#[ \t]*include/ || !(from in level) { next }
/^[ \t]*#[ \t]*include[ \t]*</ {
    if (from == "base" && $0 ~ /<(openssl\/|sqlite3)/)
        complain("base must not include " substr($0, index($0, "<")) \
            ": it knows no OpenSSL and no SQL")
    next
}
{
    if (!match($0, /"[^"]*"/)) {
        complain("an include that names no header")
        next
    }
    header = substr($0, RSTART + 1, RLENGTH - 2)
    if (header ~ /\.\./ || header !~ /\//) {
        complain("include \"" header "\" does not carry its floor")
        next
    }
    split(header, target, "/")
    to = target[1]
    if (to == "chancery") # the public headers, for the floors that offer them
        next
    if (!(to in level))
        complain("include \"" header "\" names no known floor")
    else if (level[to] > level[from])
        complain(from " must not include " header ", which is above it")
    else if (is_authority_side(from) && is_machine_side(to) ||
        is_machine_side(from) && is_authority_side(to))
        complain(from " never meets " to ", so it must not include " header)
    else if (to == "protocols" && from == "protocols" && target[2] != adapter &&
        target[3] != "")
        complain("adapter " adapter " must not include adapter " target[2])
}
END { exit status }
'
