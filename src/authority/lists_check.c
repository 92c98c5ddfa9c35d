#include "authority/lists_parts.h"

#include <errno.h>
#include <unistd.h>

#include "authority/signer_protocol.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "crypto/openssl_scoped.h"
#include "crypto/public_key.h"
#include "crypto/signature.h"

static bool make_verification(const struct authority_issuer *issuer,
    struct signature_operation **operation, struct failure *why)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct public_key_parts parts = {0};

    return spki_parts(&issuer->certificate.tbs.key, &parts, why) &&
           public_key_make(&parts, &key, why) &&
           signature_operation_new(
               key, issuer->issuer.algorithm, SIGNATURE_VERIFY, operation, why);
}

static bool read_body(int file, const struct crl_span *body,
    struct buffer *message, struct failure *why)
{
    size_t length = (size_t)body->length;

    if (!buffer_reserve(message, length, why))
        return false;
    while (message->length < length) {
        ssize_t count = pread(file, message->start + message->length,
            length - message->length, (off_t)(body->offset + message->length));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail_in_file(why, "reading", "a revocation list");
        message->length += (size_t)count;
    }
    return true;
}

/* Of keys that take their message whole, lists are as short as the signer
 * wants them. */
static bool verify_whole(const struct signature_operation *operation, int file,
    const struct crl_span *body, struct bytes signature, struct failure *why)
{
    RELEASED(buffer) message = BUFFER("list", SIGNER_LIST_COPIED_MAX);

    return read_body(file, body, &message, why) &&
           signature_operation_verify(
               operation, buffer_view(&message), signature, why);
}

static bool verify_hashed(const struct signature_operation *operation, int file,
    const struct crl_span *body, struct bytes signature, struct failure *why)
{
    const struct signature_algorithm *algorithm =
        signature_operation_algorithm(operation);
    uint8_t digest[EVP_MAX_MD_SIZE];
    const EVP_MD *method = NULL;

    if (!digest_named(algorithm->digest, &method, why) ||
        !digest_part(method, file, body->offset, body->length, digest, why))
        return false;
    return signature_operation_verify_digest(operation,
        (struct bytes){digest, (size_t)EVP_MD_get_size(method)}, signature,
        why);
}

bool list_check(const struct authority_issuer *issuer, int file,
    const struct crl_span *body, struct bytes signature, struct failure *why)
{
    SCOPED_STRUCT(signature_operation) *operation = NULL;
    struct failure found = {0};

    if (make_verification(issuer, &operation, &found) &&
        (issuer->issuer.algorithm->digest == NULL
                ? verify_whole(operation, file, body, signature, &found)
                : verify_hashed(operation, file, body, signature, &found)))
        return true;
    return fail_because(why, FAILURE_INTERNAL,
        "a list of \"%s\" is not published: its certificate does not verify "
        "it (%.200s)",
        issuer->name, found.reason);
}
