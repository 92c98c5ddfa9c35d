#include "x509/ocsp_writer.h"

#include <string.h>

#include <openssl/evp.h>

#include "crypto/digest.h"
#include "x509/crl.h"
#include "x509/der_writer.h"
#include "x509/ocsp_parts.h"
#include "x509/time.h"

#define KEY_HASH_BYTES 20
/* Of one certificate, its CertID apart: heads, a status with time and reason,
 * two times.  Of the whole, the singles apart. */
#define SINGLE_ROOM 80
#define AROUND_ROOM 256
#define BODY_MAX \
    (OCSP_QUESTION_MAX + OCSP_QUESTION_IDS_MAX * SINGLE_ROOM + AROUND_ROOM)

/* --- CertID --------------------------------------------------------------- */

struct digest {
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned int length;
};

static bool digest_of(const char *name, struct bytes bytes,
    struct digest *digest, struct failure *why)
{
    const EVP_MD *algorithm = NULL;

    if (!digest_named(name, &algorithm, why))
        return false;
    return EVP_Digest(bytes.start, bytes.length, digest->bytes, &digest->length,
               algorithm, NULL) == 1 ||
           fail_because(why, FAILURE_INTERNAL, "%s can't be computed", name);
}

static struct bytes digest_view(const struct digest *digest)
{
    return (struct bytes){digest->bytes, digest->length};
}

/* AlgorithmIdentifier: the NULL stands there as in what others send; responders
 * exist that compare the bytes. */
static void write_algorithm(struct der_writer *writer, const char *digest)
{
    const size_t mark = der_writer_mark(writer);

    der_write_element(writer, DER_NULL, (struct bytes){0});
    der_write_oid(writer,
        strcmp(digest, "SHA1") == 0 ? ocsp_sha1_type() : ocsp_sha256_type());
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* RFC 6960, 4.1.1: the name is the issuer's as the certificate has it, the key
 * its bits without tag, length and count of unused bits. */
bool ocsp_certificate_id_write(const char *digest, struct bytes issuer_name,
    struct bytes issuer_key_bits, struct bytes serial, struct buffer *id,
    struct failure *why)
{
    uint8_t room[OCSP_ID_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    struct digest name = {0}, key = {0};
    struct bytes encoding = {0};
    const size_t mark = der_writer_mark(&writer);

    if (strcmp(digest, "SHA1") != 0 && strcmp(digest, "SHA256") != 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a CertID is made with SHA1 or SHA256, not with %.40s", digest);
    if (!digest_of(digest, issuer_name, &name, why) ||
        !digest_of(digest, issuer_key_bits, &key, why))
        return false;
    der_write_element(&writer, DER_INTEGER, serial);
    der_write_element(&writer, DER_OCTET_STRING, digest_view(&key));
    der_write_element(&writer, DER_OCTET_STRING, digest_view(&name));
    write_algorithm(&writer, digest);
    der_write_head(&writer, DER_SEQUENCE, mark);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(id, encoding, why);
}

/* --- ResponseData --------------------------------------------------------- */

/* 4.2.2.1: GeneralizedTime whatever the year. */
static void write_time(struct der_writer *writer, int64_t time)
{
    uint8_t text[TIME_DIGITS_MAX];

    (void)time_put_digits(text, time, true);
    der_write_element(
        writer, DER_GENERALIZED_TIME, (struct bytes){text, sizeof(text)});
}

/* 0 says nothing, and no list may have it either (RFC 5280, 5.3.1). */
static void write_revoked(
    struct der_writer *writer, const struct ocsp_answer_single *single)
{
    const size_t mark = der_writer_mark(writer);

    if (single->reason > CRL_UNSPECIFIED) {
        const uint8_t reason = (uint8_t)single->reason;

        der_write_element(writer, DER_ENUMERATED, (struct bytes){&reason, 1});
        der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    }
    write_time(writer, single->revoked_at);
    der_write_head(writer, DER_CONTEXT_HOLDING(1), mark);
}

static void write_status(
    struct der_writer *writer, const struct ocsp_answer_single *single)
{
    switch (single->status) {
    case OCSP_GOOD:
        der_write_element(writer, DER_CONTEXT(0), (struct bytes){0});
        break;
    case OCSP_REVOKED:
        write_revoked(writer, single);
        break;
    case OCSP_UNKNOWN:
        der_write_element(writer, DER_CONTEXT(2), (struct bytes){0});
        break;
    }
}

static void write_single(
    struct der_writer *writer, const struct ocsp_answer_single *single)
{
    const size_t mark = der_writer_mark(writer);

    write_time(writer, single->next_update);
    der_write_head(writer, DER_CONTEXT_HOLDING(0), mark);
    write_time(writer, single->this_update);
    write_status(writer, single);
    der_write_raw(writer, single->id);
    der_write_head(writer, DER_SEQUENCE, mark);
}

static bool has_encoding(int64_t time)
{
    return time >= TIME_FIRST && time <= TIME_WITHOUT_END;
}

static bool is_whole_id(struct bytes id)
{
    struct der_reader reader = der_reader_of(id);
    struct ocsp_certificate_id read = {0};
    struct failure ignored = {0};

    return ocsp_read_id(&reader, &read, &ignored) && der_at_end(&reader);
}

/* removeFromCRL takes something out of a list; an answer says good instead. */
static bool has_meaning(int reason)
{
    return reason == CRL_REASON_ABSENT ||
           (crl_reason_name(reason) != NULL && reason != CRL_REMOVE_FROM_CRL);
}

/* What is wrong with what is told of one certificate, or NULL. */
static const char *fault_of_single(const struct ocsp_answer_single *single)
{
    if (!is_whole_id(single->id))
        return "a CertID is none";
    if (!has_encoding(single->this_update) ||
        !has_encoding(single->next_update))
        return "a time lies outside the years 1 to 9999";
    if (single->next_update <= single->this_update)
        return "it ends before it begins";
    if (single->status != OCSP_REVOKED)
        return NULL;
    if (!has_encoding(single->revoked_at))
        return "a time lies outside the years 1 to 9999";
    return has_meaning(single->reason)
               ? NULL
               : "a reason for revocation has no meaning here (RFC 5280, "
                 "5.3.1)";
}

static const char *fault_of_plan(const struct ocsp_answer_plan *plan)
{
    const char *fault = NULL;

    if (plan->responder_key.length != KEY_HASH_BYTES)
        return "the responder's key is not named by a SHA-1 (RFC 6960, 4.2.1)";
    if (!has_encoding(plan->produced_at))
        return "a time lies outside the years 1 to 9999";
    if (plan->nonce.length > OCSP_NONCE_MAX)
        return "its nonce has more than 128 octets (RFC 9654, 2.1)";
    if (plan->single_count == 0 || plan->single_count > OCSP_QUESTION_IDS_MAX)
        return "it tells of no certificate, or of more than 32";
    for (size_t i = 0; i < plan->single_count && fault == NULL; i++)
        fault = fault_of_single(&plan->singles[i]);
    return fault;
}

bool ocsp_answer_body(const struct ocsp_answer_plan *plan, struct buffer *body,
    struct failure *why)
{
    uint8_t room[BODY_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    const size_t end = der_writer_mark(&writer);
    const char *fault = fault_of_plan(plan);
    struct bytes encoding = {0};

    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the OCSP answer cannot be written: %s", fault);
    /* RFC 9654, 2.1: the nonce comes back as it was sent. */
    ocsp_write_nonce(&writer, 1, plan->nonce);

    const size_t mark = der_writer_mark(&writer);
    for (size_t i = plan->single_count; i > 0; i--)
        write_single(&writer, &plan->singles[i - 1]);
    der_write_head(&writer, DER_SEQUENCE, mark);
    write_time(&writer, plan->produced_at);

    const size_t responder = der_writer_mark(&writer);
    der_write_element(&writer, DER_OCTET_STRING, plan->responder_key);
    der_write_head(&writer, DER_CONTEXT_HOLDING(2), responder);
    der_write_head(&writer, DER_SEQUENCE, end);
    return der_writer_take(&writer, &encoding, why) &&
           buffer_append(body, encoding, why);
}
