#!/bin/sh
# Installs what is missing of the Debian packages that a task needs.
#   tools/install_packages.sh build|test [--yes]
# It names them first and asks on a terminal; --yes doesn't ask. Without root
# it uses sudo. docs/dependencies.md says what each package is for.
set -eu

task=${1:-}
answer=${2:-}
case $task in
build | test) ;;
*)
    echo "usage: tools/install_packages.sh build|test [--yes]" >&2
    exit 2
    ;;
esac

build="gcc libc6-dev meson ninja-build pkg-config libssl-dev libjansson-dev
libyaml-dev libsqlite3-dev libseccomp-dev libargon2-dev libpsl-dev libevent-dev openssl"
# clang's runtime is named by its version, and only Debian 12 has the version
# of clang-format that .clang-format was written for.
tests="ca-certificates libcmocka-dev clang strace python3 python3-pytest python3-pytest-xdist python3-cryptography
gnutls-bin libnss3-tools default-jdk-headless nodejs man-db
curl wget nginx osslsigncode e2fsprogs libgnutls28-dev golang-go chromium npm systemd"

if ! command -v apt-get >/dev/null; then
    echo "This is not Debian; install by hand what docs/dependencies.md names." >&2
    exit 0
fi

installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Commands that the machine may have from elsewhere than Debian's package.
provided() {
    case $1 in
    nodejs) command -v node ;;
    golang-go) command -v go ;;
    npm) command -v npm ;;
    default-jdk-headless) command -v keytool && command -v javac ;;
    *) false ;;
    esac >/dev/null
}

# The program refuses an OpenSSL 3.0 before 3.0.21 (src/crypto/start.h), so one
# that is there already is brought up to date. Debian 13 knows libssl3 only as
# something that is replaced.
outdated_of() {
    for package in "$@"; do
        installed "$package" || continue
        version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || continue
        if dpkg --compare-versions "$version" lt 3.0.21; then
            printf '%s ' "$package"
        fi
    done
}

missing_of() {
    for package in "$@"; do
        installed "$package" || provided "$package" || printf '%s ' "$package"
    done
}

# The packages named after the version of clang, and testssl.sh, as far as they
# exist here.
versioned() {
    version=$(apt-cache depends clang 2>/dev/null |
        sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    printf 'libclang-rt-%s-dev ' "${version:-14}"
    if [ "${version:-14}" = 14 ]; then
        printf 'clang-format-14 '
    fi
    if apt-cache show testssl.sh >/dev/null 2>&1; then
        printf 'testssl.sh '
    fi
}

missing=$(missing_of $build)$(outdated_of libssl3 libssl-dev openssl)
[ "$task" = build ] || missing="$missing$(missing_of $tests)"
if [ "$task" = test ] && [ -n "$(apt-cache depends clang 2>/dev/null)" ]; then
    missing="$missing$(missing_of $(versioned))"
fi
[ -n "$missing" ] || exit 0

echo "To be installed with apt-get: $missing"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "This needs root or sudo. As root: apt-get install $missing" >&2
    exit 8
fi
if [ "$answer" != --yes ] && [ -t 0 ]; then
    printf 'Go on? [Y/n] '
    read -r reply
    case $reply in
    [nN]*) exit 8 ;;
    esac
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! as_root apt-get update >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 8
fi
# A bare tree learns only now which clang it has.
[ "$task" = build ] || missing="$missing$(missing_of $(versioned))"
if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends $missing >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 8
fi
