#!/bin/bash
# Proves the two commands on a bare machine: makes a minimal Debian tree, clones
# the project into it, and runs ./run --once and ./check inside, with an empty
# environment.
#   tools/bare_tree.sh bookworm|trixie [--keep] [--run-only] [FOLDER]
# FOLDER (default: a temporary one) must not exist or be empty; the tree is
# removed at the end unless --keep. Needs root and debootstrap. What is cloned
# is the last commit of this checkout. The mirror is this machine's own.
set -eu

usage() {
    sed -n '5p' "$0" | sed 's/^# *//' >&2
    exit 2
}

release='' keep='' run_only='' folder=''
for argument in "$@"; do
    case $argument in
    bookworm | trixie) release=$argument ;;
    --keep) keep=yes ;;
    --run-only) run_only=yes ;;
    -*) usage ;;
    *) folder=$argument ;;
    esac
done
[ -n "$release" ] || usage
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "bare_tree.sh needs root and the package debootstrap" >&2
    exit 8
fi
checkout=$(cd "$(dirname "$0")/.." && pwd)

# Mounts live in a namespace of our own and vanish with it, so that no removal
# of the tree ever meets a mounted /proc or /dev.
if [ -z "${BARE_TREE_INSIDE:-}" ]; then
    if [ -z "$folder" ]; then
        folder=$(mktemp -d "${TMPDIR:-/var/tmp}/bare-$release.XXXXXX")
    fi
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    chmod 0755 "$folder" # it becomes /, which every user passes
    if [ -n "$(ls -A "$folder")" ]; then
        echo "$folder is not empty" >&2
        exit 2
    fi
    status=0
    BARE_TREE_INSIDE=yes unshare --mount --pid --fork --kill-child \
        "$0" "$release" ${run_only:+--run-only} "$folder" || status=$?
    if [ -n "$keep" ]; then
        echo "The tree is in $folder."
    else
        rm -rf --one-file-system "$folder"
    fi
    exit $status
fi

# "URI SUITE" of each source that this machine's apt uses, in both formats.
sources() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) \([^ ]*\) .*/\2 \3/p'
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk '/^URIs:/ { uri = $2 }
            /^Suites:/ { for (i = 2; i <= NF; i++) suites[++n] = $i }
            /^[ \t]*$/ { flush() }
            END { flush() }
            function flush(    i) {
                for (i = 1; i <= n; i++)
                    print uri, suites[i]
                n = 0
            }' "$file"
    done
}
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(sources | awk -v suite="$own" '$2 == suite { print $1; exit }')
security=$(sources | awk -v suite="$own-security" '$2 == suite { print $1; exit }')
if [ -z "$mirror" ]; then
    echo "This machine's apt names no mirror for $own" >&2
    exit 8
fi

echo "== $release from $mirror into $folder"
begin=$SECONDS
if ! debootstrap --variant=minbase "$release" "$folder" "$mirror" \
    >"$folder.log" 2>&1; then
    tail -n 20 "$folder.log" >&2
    exit 8
fi
rm -f "$folder.log"
{
    echo "deb $mirror $release main"
    echo "deb $mirror $release-updates main"
    [ -z "$security" ] || echo "deb $security $release-security main"
} >"$folder/etc/apt/sources.list"
# How this machine's apt reaches its mirror: proxies and the like.
for file in $(grep -lis '^ *acquire' /etc/apt/apt.conf.d/* || true); do
    cp "$file" "$folder/etc/apt/apt.conf.d/"
done
cp /etc/resolv.conf /etc/hosts "$folder/etc/"
mkdir -p "$folder/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt \
    "$folder/usr/local/share/ca-certificates/" 2>/dev/null || true
git -c safe.directory="$checkout" clone --quiet --no-hardlinks \
    "$checkout" "$folder/root/chancery"
echo "   made in $((SECONDS - begin)) s: commit $(git -C "$folder/root/chancery" rev-parse --short HEAD)"

mount --make-rprivate /
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mount -t sysfs -o ro sysfs "$folder/sys" 2>/dev/null || true

inside() { # LOG COMMAND
    local log=$folder/root/$1 begin=$SECONDS status=0
    shift
    echo "== $*"
    chroot "$folder" /usr/bin/env -i HOME=/root \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -c "cd /root/chancery && $*" >"$log" 2>&1 </dev/null || status=$?
    tail -n 60 "$log" | sed 's/^/   /'
    echo "   ended with $status after $((SECONDS - begin)) s"
    return $status
}

status=0
inside run.log ./run --once --yes || status=1
[ -n "$run_only" ] || inside check.log ./check || status=1
exit $status
