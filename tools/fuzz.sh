#!/bin/sh
# Runs every fuzz harness for its share of a time, two at once.
#   tools/fuzz.sh BUILD [SECONDS]   a build with -Dfuzzers=true; 120 s in all
# A harness gets at least 3 s. Finds stay in BUILD/fuzz/NAME, so a later run
# goes on where this one ended. One line for each harness: "ok NAME: ..." or
# "not ok NAME: ...", with the input that broke it.
set -eu

build=$(cd "$1" && pwd)
total=${2:-120}
cd "$(dirname "$0")/.."
harnesses=$(find "$build/tests/fuzz" -maxdepth 1 -type f -name 'fuzz-*' -perm -u+x | sort)
count=$(echo "$harnesses" | grep -c . || true)
if [ "$count" -eq 0 ]; then
    echo "no harness in $build/tests/fuzz" >&2
    exit 1
fi
seconds=$((total / count))
[ "$seconds" -ge 3 ] || seconds=3

fuzz() {
    name=$(basename "$1" | sed 's/^fuzz-//')
    finds=$build/fuzz/$name
    log=$build/fuzz/$name.log
    seeds=$PWD/tests/fuzz/corpus/$name
    mkdir -p "$finds"
    [ -d "$seeds" ] || seeds=
    if (cd "$build/fuzz" && "$1" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$build/fuzz/broke-$name-" "$finds" ${seeds:+"$seeds"}) \
        >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
        echo "ok $name: $runs inputs in $seconds s"
    else
        echo "not ok $name: $(grep -m1 -E 'ERROR|SUMMARY|runtime error|libFuzzer' "$log" | cut -c1-160)"
        sed -n 's/^.*Test unit written to /  the input: /p' "$log"
        tail -n 30 "$log" | sed 's/^/  /'
    fi
}

mkdir -p "$build/fuzz"
result=$build/fuzz/result
: >"$result"
running=0
for harness in $harnesses; do
    fuzz "$harness" >>"$result" &
    running=$((running + 1))
    if [ "$running" -eq 2 ]; then
        wait
        running=0
    fi
done
wait
cat "$result"
! grep -q '^not ok' "$result"
