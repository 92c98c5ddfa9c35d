#!/bin/sh
# Proves that each rule of check_floors.sh bites: on a small tree that is clean
# it is silent, and each line added to that tree is refused with its sentence.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/self_test.sh"

clean_tree() {
    rm -rf "$tree"
    for floor in base crypto x509 trust agent store authority server cli \
        protocols/acme protocols/est; do
        mkdir -p "$tree/src/$floor"
    done
    file src/base/failure.h '#include <stdbool.h>'
    file src/crypto/key.h '#include "base/failure.h"' '#include <openssl/evp.h>'
    file src/x509/der.h '#include "crypto/key.h"'
    file src/store/store.h '#include "x509/der.h"' '#include <sqlite3.h>'
    file src/authority/issue.h '#include "store/store.h"'
    file src/protocols/acme/order.c '#include "authority/issue.h"' \
        '#include "protocols/acme/order.h"' '#include "protocols/adapter.h"'
    file src/cli/main.c '#include "authority/issue.h"' '#include "chancery/view.h"'
}

check=$here/check_floors.sh
silent
refused 'not on a known floor (attic)' src/attic/a.c 'int a;'
refused 'not on a known floor (stray.c)' src/stray.c 'int a;'
refused 'base must not include crypto/key.h' src/base/a.c '#include "crypto/key.h"'
refused 'x509 must not include store/store.h' src/x509/a.c '  #  include "store/store.h"'
refused 'server must not include cli/a.h' src/server/a.c '#include "cli/a.h"'
refused 'base must not include <openssl/evp.h>' src/base/a.c '#include <openssl/evp.h>'
refused 'base must not include <sqlite3.h>' src/base/a.h '#include <sqlite3.h>'
refused 'adapter est must not include adapter acme' src/protocols/est/a.c '#include "protocols/acme/order.h"'
refused 'store never meets trust' src/store/a.c '#include "trust/a.h"'
refused 'authority never meets agent' src/authority/a.c '#include "agent/a.h"'
refused 'agent must not include store/store.h' src/agent/a.c '#include "store/store.h"'
refused 'does not carry its floor' src/x509/a.c '#include "der.h"'
refused 'does not carry its floor' src/x509/a.c '#include "../base/failure.h"'
refused 'names no known floor' src/x509/a.c '#include "attic/a.h"'
refused 'names no header' src/x509/a.c '#include HEADER'
passed
