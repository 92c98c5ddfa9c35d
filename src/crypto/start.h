#ifndef CRYPTO_START_H
#define CRYPTO_START_H

#include "base/failure.h"

/*
 * Makes OpenSSL ready; called once, first thing in main, before any other call
 * into OpenSSL and before the role locks itself in.
 *
 * - No configuration file: neither the machine's openssl.cnf nor OPENSSL_CONF
 *   may load a provider or an engine into a process that holds keys, or change
 *   what "SHA256" means (OPENSSL_INIT_NO_LOAD_CONFIG).
 * - The library's version: see libcrypto_check.
 * - Everything that is fetched or seeded on first use is used once: digests,
 *   ECDSA, Ed25519, RSA, PBKDF2, AES-256-CBC, random numbers.  A role that can
 *   open no file any more can do all of them.
 */
MUST_CHECK bool crypto_start(struct failure *why);

/* FAILURE_UNAVAILABLE for a libcrypto older than 3.0.21 among 3.0, naming it
 * and the one that is wanted (incident 25: CVE-2026-45447). */
MUST_CHECK bool libcrypto_check(unsigned int major, unsigned int minor,
    unsigned int patch, struct failure *why);

#endif
