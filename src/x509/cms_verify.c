#include "x509/cms_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "x509/chain/chain.h"
#include "x509/chain/explain.h"
#include "x509/pkcs7_oid.h"

/* --- the list ------------------------------------------------------------- */

void signature_list_free(struct signature_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        verdict_free(&list->all[i]->verdict);
        free(list->all[i]);
    }
    *list = (struct signature_list){0};
}

bool signature_list_add(struct signature_list *list, enum signature_kind kind,
    struct signature_verdict **added, struct failure *why)
{
    struct signature_verdict *made = NULL;

    if (list->count == SIGNATURES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the file has more than %d signatures", SIGNATURES_MAX);
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->kind = kind;
    list->all[list->count++] = made;
    *added = made;
    return true;
}

static const char *phrase_of(enum verdict_code code)
{
    switch ((int)code) {
    case VERDICT_NO_SIGNATURE:
        return "is not signed";
    case VERDICT_CONTENT_ALTERED:
        return "is not what was signed";
    case VERDICT_MALFORMED:
        return "can't be read";
    case VERDICT_ISSUER_MISSING:
        return "is signed by somebody unknown";
    case VERDICT_ALGORITHM_REFUSED:
    case VERDICT_KEY_TOO_WEAK:
        return "is signed in a way that is not taken";
    case VERDICT_BUDGET_EXCEEDED:
        return "can't be judged within the limits";
    default:
        return "has a signature that does not hold";
    }
}

/* What is signed here is a file: nobody issues it anew. */
static const char *remedy_of(enum verdict_code code)
{
    if (code == VERDICT_ISSUER_MISSING)
        return "give the signer's certificate with --untrusted FILE";
    return explain_code(
        code == VERDICT_SIGNATURE_INVALID ? VERDICT_CONTENT_ALTERED : code)
        ->remedy;
}

void signature_conclude(struct signature_verdict *signature, const char *what)
{
    const struct signed_notes *notes = &signature->notes;
    struct verdict *verdict = &signature->verdict;

    verdict->valid = false;
    verdict->code = notes->code;
    verdict->rule = notes->rule;
    (void)snprintf(verdict->sentence, sizeof(verdict->sentence),
        "%s %s: %s (rule %s, %s)", what, phrase_of(notes->code),
        notes->evidence, chain_rule_name(notes->rule),
        chain_rule_reference(notes->rule));
    (void)snprintf(
        verdict->remedy, sizeof(verdict->remedy), "%s", remedy_of(notes->code));
}

/* --- the path ------------------------------------------------------------- */

/* The engine's "expired" said of the signer, whom a time-stamp would have
 * helped. */
static void tell_of_no_stamp(const struct chain_question *question,
    const struct chain_certificate *certificate, struct verdict *verdict)
{
    if (verdict->valid || verdict->code != VERDICT_EXPIRED ||
        certificate->certificate.tbs.not_after >= question->time)
        return;
    verdict->code = VERDICT_EXPIRED_WITHOUT_TIMESTAMP;
    verdict->place = 0;
    if (verdict->path_count > 0)
        verdict->paths->code = verdict->code;
    explain_verdict(question, verdict);
}

static void tell_of_stamps(struct signature_verdict *signature)
{
    const struct stamps *stamps = &signature->stamps;
    char time[CLOCK_TEXT] = "";

    for (size_t i = 0; i < stamps->count; i++) {
        const struct stamp *stamp = &stamps->all[i];

        clock_print(stamp->time, time);
        if (stamp->is_valid)
            note_pass(&signature->notes, RULE_TIME_STAMP, "stamped %s by %s",
                time, stamp->authority);
        else
            note_skip(&signature->notes, RULE_TIME_STAMP,
                "a time-stamp does not count: %s: %.250s",
                verdict_code_name(stamp->notes.code), stamp->notes.evidence);
    }
}

static struct chain_question question_of(const struct chain_question *asked,
    const struct chain_certificate *certificate, const struct chain_pool *pool,
    const struct signature_verdict *signature)
{
    struct chain_question question = *asked;

    question.leaf = certificate->certificate.whole;
    question.leaf_origin = certificate->origin;
    question.untrusted = pool;
    if (signature->is_stamped) {
        question.time = signature->stamped_at;
        question.status_time = asked->time;
        question.spares_later_revocation = true;
    }
    return question;
}

/* The engine speaks of the signer's certificate alone. */
static void tell_of_content(struct verdict *verdict)
{
    char sentence[VERDICT_SENTENCE] = "";

    (void)memccpy(sentence, verdict->sentence, 0, sizeof(sentence));
    (void)snprintf(verdict->sentence, sizeof(verdict->sentence),
        "the content is as it was signed, %s %.*s",
        verdict->valid ? "and" : "but", VERDICT_SENTENCE - 64, sentence);
}

static bool judge_path(const struct chain_question *asked,
    const struct chain_certificate *certificate, const struct chain_pool *pool,
    struct signature_verdict *signature, struct failure *why)
{
    struct chain_question question =
        question_of(asked, certificate, pool, signature);

    if (!chain_verify(&question, &signature->verdict, why))
        return false;
    if (!signature->is_stamped)
        tell_of_no_stamp(&question, certificate, &signature->verdict);
    tell_of_content(&signature->verdict);
    return true;
}

/* --- one signer ----------------------------------------------------------- */

static void tell_facts(const struct pkcs7_signer *signer,
    const struct chain_certificate *certificate,
    struct signature_verdict *signature)
{
    const struct cms_digest *digest = cms_digest_of(signer->digest.oid);
    struct failure unreadable = {0};

    signature->digest = digest == NULL ? NULL : digest->name;
    if (!cms_signing_time(signer, &signature->signing_time,
            &signature->has_signing_time, &unreadable))
        signature->has_signing_time = false;
    if (certificate == NULL)
        return;
    signature->certificate = certificate->certificate.whole;
    chain_certificate_print(certificate, signature->signer);
}

static bool verify_stamps(const struct pkcs7_signer *signer,
    const struct chain_question *asked, const struct chain_pool *pool,
    struct signature_verdict *signature, struct failure *why)
{
    struct chain_question question = *asked;

    question.untrusted = pool;
    if (!stamps_verify(signer, &question, &signature->stamps, why))
        return false;
    tell_of_stamps(signature);
    signature->is_stamped = signature->stamps.earliest != NULL;
    if (signature->is_stamped)
        signature->stamped_at = signature->stamps.earliest->time;
    return true;
}

static bool verify_signer(const struct pkcs7_signer *signer,
    const struct cms_content *content, const struct chain_question *question,
    const struct chain_pool *pool, struct signature_verdict *signature,
    struct failure *why)
{
    struct signed_notes *notes = &signature->notes;
    const struct chain_certificate *certificate =
        cms_signer_find(signer, pool, notes);

    tell_facts(signer, certificate, signature);
    if (certificate == NULL ||
        !cms_signer_check(
            signer, content, certificate, question->cache, notes) ||
        !cms_signing_certificate_check(
            signer, certificate->certificate.whole, false, notes)) {
        *why = notes->undecided;
        signature_conclude(signature, "the content");
        return !notes->is_undecided;
    }
    return verify_stamps(signer, question, pool, signature, why) &&
           judge_path(question, certificate, pool, signature, why);
}

/* --- all ------------------------------------------------------------------ */

static bool tell_no_signer(struct signature_list *list, struct failure *why)
{
    struct signature_verdict *signature = NULL;

    if (!signature_list_add(list, SIGNATURE_NONE, &signature, why))
        return false;
    (void)note_fail(&signature->notes, RULE_SIGNED, VERDICT_NO_SIGNATURE,
        "the signed data has no signer");
    signature_conclude(signature, "the file");
    return true;
}

static bool is_spent(
    const struct signature_list *list, struct signature_verdict *signature)
{
    if (clock_thread_cpu_ms() - list->cpu_started_ms < SIGNATURES_CPU_MS)
        return false;
    (void)note_fail(&signature->notes, RULE_BUDGET, VERDICT_BUDGET_EXCEEDED,
        "the file's other signatures have cost %d ms of CPU",
        SIGNATURES_CPU_MS);
    signature_conclude(signature, "the file");
    return true;
}

bool cms_verify(const struct pkcs7 *pkcs7, const struct cms_content *content,
    const struct chain_question *question, enum signature_kind kind,
    const char *origin, struct signature_list *list, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *pool = NULL;
    struct der_reader signers = pkcs7->signers;
    struct pkcs7_signer signer = {0};
    struct signature_verdict *signature = NULL;

    if (der_at_end(&signers))
        return tell_no_signer(list, why);
    if (!cms_pool(question->untrusted, pkcs7->certificates, origin, &pool, why))
        return false;
    while (!der_at_end(&signers)) {
        if (!pkcs7_next_signer(&signers, &signer, why) ||
            !signature_list_add(list, kind, &signature, why))
            return false;
        if (is_spent(list, signature))
            continue;
        if (!verify_signer(&signer, content, question, pool, signature, why))
            return false;
    }
    return true;
}

bool cms_verify_time_stamp(struct bytes token,
    const struct cms_content *stamped, const struct chain_question *question,
    struct signature_list *list, struct failure *why)
{
    struct signature_verdict *signature = NULL;
    struct stamp *stamp = NULL;

    if (!signature_list_add(list, SIGNATURE_OF_TIME_STAMP, &signature, why))
        return false;
    stamp = &signature->stamps.all[0];
    signature->stamps.count = 1;
    if (!stamp_token_verify(
            token, stamped, question, false, &signature->verdict, stamp, why))
        return false;
    signature->notes = stamp->notes;
    memcpy(signature->signer, stamp->authority, sizeof(signature->signer));
    signature->is_stamped = stamp->is_valid;
    signature->stamped_at = stamp->time;
    if (stamp->notes.code != VERDICT_OK)
        signature_conclude(signature, "the time-stamp");
    return true;
}
