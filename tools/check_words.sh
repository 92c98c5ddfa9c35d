#!/bin/sh
# Words the project doesn't use, each with its reason.
#   tools/check_words.sh [TREE]   the tree to read (default: this one)
# Comments and the insides of strings are left out, except by the "text" rules.
# Each complaint is "file:line: word: reason".
set -eu
rules=$(cd "$(dirname "$0")" && pwd)/words.rules
cd "${1:-$(dirname "$0")/..}"

find src include examples tests bench -name '*.[ch]' 2>/dev/null | sort |
    xargs -r awk -v rules="$rules" '
# A rule is: scope, pattern, files in which it is allowed, reason; tabs between.
function read_rules(    line, part) {
    while ((getline line < rules) > 0) {
        if (line == "" || line ~ /^#/)
            continue
        split(line, part, /\t+/)
        count++
        scope[count] = part[1]
        pattern[count] = "(^|[^A-Za-z0-9_])(" part[2] ")"
        allowed[count] = part[3] == "-" ? "^$" : "^(" part[3] ")"
        reason[count] = part[4]
    }
    close(rules)
}

# The line without comments, strings and characters; a comment may go on.
function code_of(line,    code, i, c, two) {
    code = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote) {
                quote = ""
                code = code c
            }
        } else if (two == "/*") {
            in_comment = 1
            i++
        } else if (two == "//") {
            break
        } else {
            if (c == "\"" || c == "\047")
                quote = c
            code = code c
        }
    }
    quote = ""
    return code
}

function is_in_scope(rule) {
    if (FILENAME ~ allowed[rule])
        return 0
    if (scope[rule] == "src")
        return FILENAME ~ /^(src|include)\//
    return 1
}

function check(rule, line,    word) {
    if (!match(line, pattern[rule]))
        return
    word = substr(line, RSTART, RLENGTH)
    sub(/^[^A-Za-z0-9_]/, "", word)
    sub(/[^A-Za-z0-9_].*$/, "", word)
    printf "%s:%d: %s: %s\n", FILENAME, FNR, word, reason[rule]
    status = 1
}

BEGIN { read_rules() }
FNR == 1 { in_comment = 0 }
{
    code = code_of($0)
    for (rule = 1; rule <= count; rule++)
        if (is_in_scope(rule))
            check(rule, scope[rule] == "text" ? $0 : code)
}
END { exit status }
'
