#ifndef AUTHORITY_COMPOSE_EXTENSIONS_H
#define AUTHORITY_COMPOSE_EXTENSIONS_H

#include "authority/compose.h"

/* The extensions that are the same in every certificate of a profile below an
 * issuer, encoded once.  Length 0: the certificates don't have it. */
#define ENCODED_EXTENSION_MAX 2048

struct encoded_extension {
    uint8_t bytes[ENCODED_EXTENSION_MAX];
    size_t length;
};

struct bytes encoded_extension_view(const struct encoded_extension *extension);

MUST_CHECK bool encode_key_usage(
    uint32_t bits, struct encoded_extension *extension, struct failure *why);
/* For authorities alone: RFC 5280, 4.2.1.9 lets leaves do without. */
MUST_CHECK bool encode_basic_constraints(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why);
MUST_CHECK bool encode_purposes(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why);
MUST_CHECK bool encode_authority_identifier(struct bytes identifier,
    struct encoded_extension *extension, struct failure *why);
/* RFC 6960, 4.2.2.2.1 */
MUST_CHECK bool encode_ocsp_no_check(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why);
/* url/crl/NAME.crl; none for a certificate that is never asked about. */
MUST_CHECK bool encode_lists(const struct profile *profile,
    const struct issuer *issuer, struct encoded_extension *extension,
    struct failure *why);
/* What stands before the shard in the address: url/crl/NAME/ */
#define ADDRESS_MAX 768
MUST_CHECK bool print_shards_address(const struct issuer *issuer,
    char address[static ADDRESS_MAX], struct failure *why);
/* Do the certificates of the profile name revocation lists, and one of
 * several? */
bool names_one_list(const struct profile *profile, const struct issuer *issuer);
bool names_shard(const struct profile *profile, const struct issuer *issuer);
/* url/ca/NAME.cer, and url/ocsp where a responder answers. */
MUST_CHECK bool encode_authority_access(const struct profile *profile,
    const struct issuer *issuer, struct encoded_extension *extension,
    struct failure *why);
/* Do the certificates of the profile name a responder? */
bool names_responder(
    const struct profile *profile, const struct issuer *issuer);

#endif
