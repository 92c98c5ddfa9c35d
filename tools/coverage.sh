#!/bin/sh
# Branch coverage of what decides a verdict: der, chain, crl and names.
#   tools/coverage.sh [FOLDER]   its build (default: build-coverage)
# Counts branches of the source, not of the object code, so it needs clang and,
# for llvm-profdata and llvm-cov, Debian's package llvm; it installs neither.
# First the unit tests of x509; where CHANCERY_SUITES_FOLDER (default:
# ../shared/suites) is a folder, the outside suites after that, as a figure of
# their own. Then each file, worst first, and each branch that was not taken:
# docs/coverage.md says why. Exits 1 when the unit tests leave a file below 95 %.
set -eu
cd "$(dirname "$0")/.."

folder=${1:-build-coverage}
for program in clang llvm-profdata llvm-cov; do
    if ! command -v $program >/dev/null; then
        echo "left out: $program is not here (packages clang and llvm)"
        exit 77
    fi
done

python=/usr/bin/python3
[ -x "$python" ] || python=python3
if [ ! -f "$folder/build.ninja" ]; then
    CC=${CC:-clang} meson setup "$folder" -Dbuildtype=plain -Doptimization=0 \
        -Dc_args='-fprofile-instr-generate -fcoverage-mapping' \
        -Dc_link_args=-fprofile-instr-generate >/dev/null
fi
folder=$(cd "$folder" && pwd)
tests=$(ninja -C "$folder" -t targets all |
    sed -n 's/^\(tests\/unit\/x509\/x509-[a-z0-9_]*_test\):.*/\1/p')
ninja -C "$folder" $tests src/cli/chancery >"$folder/build.log" 2>&1 || {
    tail -n 20 "$folder/build.log"
    exit 1
}

traces=$folder/traces
rm -rf "$traces"
mkdir -p "$traces/unit" "$traces/suites"
for test in $tests; do
    LLVM_PROFILE_FILE="$traces/unit/$(basename "$test").%p.profraw" \
        "$folder/$test" >"$folder/$(basename "$test").log" 2>&1 ||
        echo "$test fails; see $folder/$(basename "$test").log"
done
objects=
for test in $tests; do
    objects="$objects $folder/$test"
done
"$python" -B tools/coverage.py "$traces/unit" $objects || failed=1

suites=${CHANCERY_SUITES_FOLDER:-../shared/suites}
if [ -d "$suites" ]; then
    for suite in "$suites"/*.cases.xz "$suites"/openssl-verify.tar.xz; do
        "$python" -B tests/support/cases_to_batch.py "$suite" |
            LLVM_PROFILE_FILE="$traces/suites/%p.profraw" \
                "$folder/src/cli/chancery" verify --batch >/dev/null
    done
    echo
    echo "The outside suites alone:"
    "$python" -B tools/coverage.py --figures "$traces/suites" \
        "$folder/src/cli/chancery" || true
fi
exit ${failed:-0}
