#!/bin/sh
# The layout of the C files is what clang-format 14 makes of them; other
# versions differ in details, so without that one this check is left out (77).
set -eu
cd "$(dirname "$0")/.."

formatter=
for name in clang-format-14 clang-format; do
    if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
        formatter=$name
        break
    fi
done
if [ -z "$formatter" ]; then
    echo "left out: clang-format 14 is not here (Debian 12 has it)"
    exit 77
fi
find src include examples tests bench -name '*.[ch]' 2>/dev/null | sort |
    xargs -r "$formatter" --dry-run --Werror --ferror-limit=3
