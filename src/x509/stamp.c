#include "x509/stamp.h"

#include "base/clock.h"
#include "x509/chain/chain.h"
#include "x509/pkcs7_attribute.h"
#include "x509/pkcs7_oid.h"
#include "x509/time_stamp.h"

/* Clocks differ; beyond it a stamp is of a time that has not come. */
#define STAMP_AHEAD_SECONDS 300

/* --- whose ---------------------------------------------------------------- */

/* RFC 3161, 2.3: critical, and nothing besides. */
static bool check_purpose(
    const struct chain_certificate *authority, struct signed_notes *notes)
{
    struct der_reader purposes = authority->purposes;
    struct bytes purpose = {0};
    struct failure why = {0};

    if (!chain_has(authority, CHAIN_EXTENDED_KEY_USAGE))
        return note_fail(notes, RULE_LEAF_PURPOSE, VERDICT_USAGE_MISMATCH,
            "the stamping certificate has no extended key usage");
    if ((authority->critical >> CHAIN_EXTENDED_KEY_USAGE & 1) == 0)
        return note_fail(notes, RULE_LEAF_PURPOSE, VERDICT_USAGE_MISMATCH,
            "the stamping certificate's extended key usage is not critical "
            "(RFC 3161, 2.3)");
    if (!der_read_oid(&purposes, &purpose, &why))
        return note_failure(notes, RULE_LEAF_PURPOSE, VERDICT_MALFORMED, &why);
    return (der_at_end(&purposes) && oid_of(purpose) == OID_TIME_STAMPING) ||
           note_fail(notes, RULE_LEAF_PURPOSE, VERDICT_USAGE_MISMATCH,
               "the stamping certificate is not for timeStamping alone "
               "(RFC 3161, 2.3)");
}

static struct chain_question question_of(const struct chain_question *asked,
    const struct chain_certificate *authority, const struct chain_pool *pool)
{
    struct chain_question question = *asked;

    question.leaf = authority->certificate.whole;
    question.leaf_origin = authority->origin;
    question.untrusted = pool;
    question.purpose = CHAIN_TIME_STAMPING;
    question.purpose_count = 0;
    question.key_usage = 0;
    question.name_count = 0;
    question.status_time = 0;
    question.spares_later_revocation = false;
    return question;
}

static bool is_ahead(
    const struct stamp *stamp, const struct chain_question *question)
{
    return stamp->time > question->time + STAMP_AHEAD_SECONDS;
}

/* The stamp's own failures are notes; a path that does not hold is one too. */
static bool judge_path(const struct chain_question *asked,
    const struct chain_certificate *authority, const struct chain_pool *pool,
    bool at_its_time, struct verdict *verdict, struct stamp *stamp,
    struct failure *why)
{
    struct chain_question question = question_of(asked, authority, pool);
    char time[CLOCK_TEXT] = "";

    clock_print(stamp->time, time);
    if (is_ahead(stamp, asked)) {
        (void)note_fail(&stamp->notes, RULE_TIME_STAMP, VERDICT_NOT_YET_VALID,
            "it is stamped %s, a time that has not come", time);
        return true;
    }
    if (at_its_time) {
        question.time = stamp->time;
        question.status_time = asked->time;
    }
    if (!chain_verify(&question, verdict, why))
        return false;
    if (!verdict->valid)
        return true;
    stamp->is_valid = true;
    note_pass(&stamp->notes, RULE_TIME_STAMP, "stamped %s by %s", time,
        stamp->authority);
    return true;
}

/* --- RFC 3161 ------------------------------------------------------------- */

static bool check_imprint(const struct time_stamp *info,
    const struct cms_content *stamped, struct signed_notes *notes)
{
    const struct cms_digest *digest = cms_digest_of(info->hash_algorithm.oid);
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    struct bytes found = {.start = value};
    struct failure why = {0};
    bool is = false;

    if (digest == NULL || digest->is_broken)
        return note_fail(notes, RULE_SIGNATURE_ALGORITHM,
            VERDICT_ALGORITHM_REFUSED, "the time-stamp is over a hash of %s",
            digest == NULL ? "an unknown kind" : digest->name);
    for (size_t i = 0; i < stamped->count && !is; i++) {
        if (!cms_digest_compute(
                digest, &stamped->readings[i], 1, value, &found.length, &why))
            return note_failure(notes, RULE_CONTENT, VERDICT_MALFORMED, &why);
        is = bytes_equal(found, info->imprint);
    }
    if (!is)
        return note_fail(notes, RULE_CONTENT, VERDICT_CONTENT_ALTERED,
            "the time-stamp is of other content: its %s differs", digest->name);
    note_pass(notes, RULE_CONTENT, "the stamped %s is that of the content",
        digest->name);
    return true;
}

static bool read_info(const struct pkcs7 *pkcs7, struct time_stamp *info,
    struct signed_notes *notes)
{
    struct failure why = {0};

    if (!bytes_equal(pkcs7->content_type, TIME_STAMP_CONTENT) ||
        !pkcs7->has_content || pkcs7->content_tag != DER_OCTET_STRING)
        return note_fail(notes, RULE_TIME_STAMP, VERDICT_MALFORMED,
            "the token holds no time-stamp");
    if (!time_stamp_read(pkcs7->content, info, &why))
        return note_failure(notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &why);
    return !info->has_critical_extension ||
           note_fail(notes, RULE_TIME_STAMP, VERDICT_CRITICAL_EXTENSION_UNKNOWN,
               "the time-stamp has a critical extension");
}

/* RFC 3161, 2.4.2: exactly one signature. */
static bool read_signer(struct bytes token, struct pkcs7 *pkcs7,
    struct pkcs7_signer *signer, struct signed_notes *notes)
{
    struct failure why = {0};

    if (!pkcs7_read(token, pkcs7, &why))
        return note_failure(notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &why);
    if (der_at_end(&pkcs7->signers))
        return note_fail(notes, RULE_SIGNED, VERDICT_NO_SIGNATURE,
            "the time-stamp is not signed");
    if (!pkcs7_next_signer(&pkcs7->signers, signer, &why))
        return note_failure(notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &why);
    return der_at_end(&pkcs7->signers) ||
           note_fail(notes, RULE_TIME_STAMP, VERDICT_MALFORMED,
               "the time-stamp has more than one signature");
}

static const struct chain_certificate *check_token(const struct pkcs7 *pkcs7,
    const struct pkcs7_signer *signer, const struct cms_content *stamped,
    const struct chain_pool *pool, struct signature_cache *cache,
    struct stamp *stamp)
{
    const struct cms_content content = {
        .type = pkcs7->content_type, .readings = {pkcs7->content}, .count = 1};
    struct time_stamp info = {0};
    const struct chain_certificate *authority = NULL;

    if (!read_info(pkcs7, &info, &stamp->notes) ||
        !check_imprint(&info, stamped, &stamp->notes))
        return NULL;
    stamp->time = info.time;
    authority = cms_signer_find(signer, pool, &stamp->notes);
    if (authority == NULL)
        return NULL;
    chain_certificate_print(authority, stamp->authority);
    if (!cms_signer_check(signer, &content, authority, cache, &stamp->notes) ||
        !cms_signing_certificate_check(
            signer, authority->certificate.whole, true, &stamp->notes) ||
        !check_purpose(authority, &stamp->notes))
        return NULL;
    return authority;
}

bool stamp_token_verify(struct bytes token, const struct cms_content *stamped,
    const struct chain_question *question, bool at_its_time,
    struct verdict *verdict, struct stamp *stamp, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    const struct chain_certificate *authority = NULL;
    struct pkcs7_signer signer = {0};
    struct pkcs7 pkcs7 = {0};

    *stamp = (struct stamp){.kind = STAMP_TOKEN};
    if (!read_signer(token, &pkcs7, &signer, &stamp->notes))
        return true;
    if (!cms_pool(question->untrusted, pkcs7.certificates, "the time-stamp",
            &pool, why))
        return false;
    authority =
        check_token(&pkcs7, &signer, stamped, pool, question->cache, stamp);
    if (stamp->notes.is_undecided)
        *why = stamp->notes.undecided;
    if (authority == NULL)
        return !stamp->notes.is_undecided;
    return judge_path(
        question, authority, pool, at_its_time, verdict, stamp, why);
}

/* --- the older countersignature ------------------------------------------- */

static bool read_time(const struct pkcs7_signer *signer, struct stamp *stamp)
{
    struct failure why = {0};
    bool found = false;

    if (!cms_signing_time(signer, &stamp->time, &found, &why))
        return note_failure(
            &stamp->notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &why);
    return found || note_fail(&stamp->notes, RULE_TIME_STAMP, VERDICT_MALFORMED,
                        "the countersignature has no signing-time");
}

/* RFC 5652, 11.4: over the signature value; Authenticode's also has a
 * contentType, that of data. */
static const struct chain_certificate *check_countersignature(
    const struct pkcs7_signer *signer, struct bytes signature,
    const struct chain_question *question, struct stamp *stamp)
{
    const struct cms_content content = {.type = PKCS7_DATA,
        .readings = {signature},
        .count = 1,
        .type_may_be_unsigned = true};
    const struct chain_certificate *authority =
        cms_signer_find(signer, question->untrusted, &stamp->notes);

    if (authority == NULL)
        return NULL;
    chain_certificate_print(authority, stamp->authority);
    if (!read_time(signer, stamp) ||
        !cms_signer_check(
            signer, &content, authority, question->cache, &stamp->notes))
        return NULL;
    return authority;
}

static bool verify_countersignature(struct der_reader *values,
    struct bytes signature, const struct chain_question *question,
    struct verdict *verdict, struct stamp *stamp, struct failure *why)
{
    struct pkcs7_signer signer = {0};
    struct failure unreadable = {0};
    const struct chain_certificate *authority = NULL;

    *stamp = (struct stamp){.kind = STAMP_COUNTERSIGNATURE};
    if (!pkcs7_next_signer(values, &signer, &unreadable)) {
        *values = (struct der_reader){0};
        (void)note_failure(
            &stamp->notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &unreadable);
        return true;
    }
    authority = check_countersignature(&signer, signature, question, stamp);
    if (stamp->notes.is_undecided)
        *why = stamp->notes.undecided;
    if (authority == NULL)
        return !stamp->notes.is_undecided;
    return judge_path(
        question, authority, question->untrusted, true, verdict, stamp, why);
}

/* --- all of a signer ------------------------------------------------------ */

static bool next_token(
    struct der_reader *values, struct bytes *token, struct stamp *stamp)
{
    struct der_reader inside = {0};
    struct failure why = {0};
    uint8_t tag = 0;

    if (der_read_any(values, &tag, &inside, token, &why))
        return true;
    *values = (struct der_reader){0};
    *stamp = (struct stamp){.kind = STAMP_TOKEN};
    return note_failure(
        &stamp->notes, RULE_TIME_STAMP, VERDICT_MALFORMED, &why);
}

static bool verify_next(struct der_reader *values, enum stamp_kind kind,
    struct bytes signature, const struct chain_question *question,
    struct stamp *stamp, struct failure *why)
{
    const struct cms_content stamped = {.readings = {signature}, .count = 1};
    RELEASED(verdict) verdict = {0};
    struct bytes token = {0};

    if (kind == STAMP_TOKEN && !next_token(values, &token, stamp))
        return true;
    if (!(kind == STAMP_TOKEN ? stamp_token_verify(token, &stamped, question,
                                    true, &verdict, stamp, why)
                              : verify_countersignature(values, signature,
                                    question, &verdict, stamp, why)))
        return false;
    if (!stamp->is_valid && stamp->notes.code == VERDICT_OK)
        (void)note_fail(&stamp->notes, RULE_TIME_STAMP, verdict.code, "%.340s",
            verdict.sentence);
    return true;
}

static bool verify_attribute(const struct pkcs7_attribute *attribute,
    struct bytes signature, const struct chain_question *question,
    struct stamps *stamps, struct failure *why)
{
    const bool is_token = bytes_equal(attribute->type, TIME_STAMP_TOKEN) ||
                          bytes_equal(attribute->type, MICROSOFT_TIME_STAMP);
    struct der_reader values = attribute->values;

    if (!is_token && !bytes_equal(attribute->type, PKCS9_COUNTERSIGNATURE))
        return true;
    while (!der_at_end(&values) && stamps->count < STAMPS_MAX) {
        struct stamp *stamp = &stamps->all[stamps->count];

        if (!verify_next(&values,
                is_token ? STAMP_TOKEN : STAMP_COUNTERSIGNATURE, signature,
                question, stamp, why))
            return false;
        stamps->count++;
        if (stamp->is_valid &&
            (stamps->earliest == NULL || stamp->time < stamps->earliest->time))
            stamps->earliest = stamp;
    }
    return true;
}

bool stamps_verify(const struct pkcs7_signer *signer,
    const struct chain_question *question, struct stamps *stamps,
    struct failure *why)
{
    struct der_reader list = signer->unsigned_attributes;
    struct pkcs7_attribute attribute = {0};
    struct failure unreadable = {0};

    while (!der_at_end(&list)) {
        /* Unsigned bytes: what can't be read proves nothing. */
        if (!pkcs7_attribute_next(&list, &attribute, &unreadable))
            return true;
        if (!verify_attribute(
                &attribute, signer->signature, question, stamps, why))
            return false;
    }
    return true;
}
