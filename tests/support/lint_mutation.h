#ifndef TESTS_SUPPORT_LINT_MUTATION_H
#define TESTS_SUPPORT_LINT_MUTATION_H

#include "support/lint_draft.h"

/*
 * A draft told in words: a good one and what is changed in it, steps behind
 * one another with "; " between them.
 *
 *   leaf, root, subordinate   the good ones of lint_draft.h
 *   server, authority, mail, code, responder
 *                             with what the CA/Browser Forum wants as well
 *   drop EXT | critical EXT | plain EXT | false EXT
 *                             plain: not critical; false: written out so
 *   ext EXT HEX               its value; EXT is a name or an OID
 *   san NAMES | ian NAMES     "dns:a|uri:b|3:HEX": kind or number
 *   eku PURPOSES | ku BITS | aia LIST | cdp URIS | policies OIDS
 *   subject DN | issuer DN | attr NAME TAG TEXT (one more; TEXT or hex:HEX)
 *   issuer-attr NAME TAG TEXT
 *   attrs N                   so many alone
 *   from YYYYMMDD | days N | validity HEX
 *   serial HEX | version N | algorithm HEX | beside HEX | key HEX | unique HEX
 *   rsa MODULUS EXPONENT      an RSA key of these contents of INTEGERs
 */
struct draft mutated(const char *words);

/* The bytes of hexadecimal. */
struct bytes of_hex(const char *hex);

#endif
