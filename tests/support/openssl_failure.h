#ifndef TESTS_SUPPORT_OPENSSL_FAILURE_H
#define TESTS_SUPPORT_OPENSSL_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

/* The linker puts these functions in the place of OpenSSL's, for everything of
 * ours: a program names them all with --wrap (openssl_failures in
 * tests/unit/x509/meson.build). */

/* This call of them fails as it does without memory; 0: none. */
void openssl_fails_at(size_t nth);
/* Since then. */
bool openssl_has_failed(void);

#endif
