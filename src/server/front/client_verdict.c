#include "server/front/client_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/openssl_failure.h"
#include "crypto/openssl_scoped.h"
#include "server/front/client_trust.h"
#include "x509/chain/chain.h"

struct kept_verdict {
    uint8_t shown[SHA256_BYTES]; /* of all certificates that were shown */
    int64_t judged_ms;
    const char *code; /* NULL: the place is free */
    char sentence[VERDICT_SENTENCE];
};

struct client_judge {
    char *directory;
    struct client_trust *trust;
    uint64_t failed_stamp;
    struct signature_cache *cache;
    struct kept_verdict kept[CLIENT_VERDICTS_KEPT];
};

/* --- making --------------------------------------------------------------- */

void client_judge_free(struct client_judge *judge)
{
    if (judge == NULL)
        return;
    client_trust_free(judge->trust);
    signature_cache_free(judge->cache);
    free(judge->directory);
    free(judge);
}

bool client_judge_new(
    const char *directory, struct client_judge **judge, struct failure *why)
{
    SCOPED_STRUCT(client_judge) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->directory = strdup(directory);
    if (made->directory == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!signature_cache_new(&made->cache, why) ||
        !client_judge_look(made, why))
        return false;
    *judge = KEEP(client_judge, &made);
    return true;
}

bool client_judge_look(struct client_judge *judge, struct failure *why)
{
    const struct client_trust *before = judge->trust;
    struct failure left_out = {0};
    bool ok = client_trust_look(
        judge->directory, &judge->trust, &judge->failed_stamp, &left_out, why);

    if (judge->trust != before)
        memset(judge->kept, 0, sizeof(judge->kept));
    if (left_out.kind != FAILURE_NONE)
        log_event(LOG_LEVEL_WARNING, "client-lists-left-out", "why",
            left_out.reason, NULL);
    return ok;
}

const struct bytes *client_judge_names(
    const struct client_judge *judge, size_t *count, uint64_t *reading)
{
    *count = judge->trust->name_count;
    *reading = judge->trust->reading;
    return judge->trust->names;
}

/* --- the question --------------------------------------------------------- */

/* A certificate beside the leaf that can't be read is passed over: the path is
 * found without it, or the verdict says what is missing. */
static bool gather(const struct client_judge *judge, const struct bytes *shown,
    size_t count, struct chain_pool **pool, struct failure *why)
{
    struct failure unread = {0};

    if (!chain_pool_new(pool, why) ||
        !chain_pool_add_all(*pool, judge->trust->intermediates, why))
        return false;
    for (size_t i = 1; i < count; i++)
        (void)!chain_pool_add(
            *pool, shown[i], "the client's handshake", &unread);
    return true;
}

static bool is_gap(enum verdict_code code)
{
    return code == VERDICT_REVOCATION_UNKNOWN || code == VERDICT_CRL_EXPIRED ||
           code == VERDICT_CRL_MALFORMED ||
           code == VERDICT_CRL_SIGNATURE_INVALID;
}

/* The engine judges the leaf's status before those above it: where one of these
 * is the first gap, the leaf's is known. */
static bool verify(struct chain_question *question, struct verdict *verdict,
    struct failure *why)
{
    if (!chain_verify(question, verdict, why))
        return false;
    if (!is_gap(verdict->code) || verdict->place == 0)
        return true;
    log_event(LOG_LEVEL_WARNING, "authority-status-unknown", "code",
        verdict_code_name(verdict->code), "why", verdict->sentence, NULL);
    verdict_free(verdict);
    *verdict = (struct verdict){0};
    question->revocation = CHAIN_REVOCATION_SOFT;
    return chain_verify(question, verdict, why);
}

static bool ask(struct client_judge *judge, const struct bytes *shown,
    size_t count, struct kept_verdict *kept, struct failure *why)
{
    const struct client_trust *trust = judge->trust;
    SCOPED_STRUCT(chain_pool) *untrusted = NULL;
    RELEASED(verdict) verdict = {0};
    struct chain_question question = {.leaf = shown[0],
        .leaf_origin = "the client's certificate",
        .roots = trust->roots,
        .time = clock_now(),
        .purpose = CHAIN_CLIENT,
        .revocation = CHAIN_REVOCATION_HARD,
        .sources = (const struct status_source *const *)trust->sources.all,
        .source_count = trust->sources.count,
        .cache = judge->cache};

    if (!gather(judge, shown, count, &untrusted, why))
        return false;
    question.untrusted = untrusted;
    if (!verify(&question, &verdict, why))
        return false;
    kept->code = verdict_code_name(verdict.code);
    memcpy(kept->sentence, verdict.sentence, sizeof(kept->sentence));
    return true;
}

/* Each refusal has its code in the log, too (kb 103); once while it is kept. */
static void tell_refusal(
    const struct bytes *shown, const struct kept_verdict *kept)
{
    char sha256[SHA256_TEXT] = "";
    struct failure why = {0};

    if (strcmp(kept->code, CLIENT_OK) != 0 &&
        sha256_text(shown[0], sha256, &why))
        log_event(LOG_LEVEL_INFO, "client-certificate-refused", "code",
            kept->code, "certificate", sha256, "why", kept->sentence, NULL);
}

/* --- what is kept --------------------------------------------------------- */

static bool is_kept(const struct kept_verdict *kept,
    const uint8_t digest[static SHA256_BYTES], int64_t now_ms)
{
    return kept->code != NULL && now_ms - kept->judged_ms < CLIENT_VERDICT_MS &&
           memcmp(kept->shown, digest, SHA256_BYTES) == 0;
}

static bool find(struct client_judge *judge, const struct bytes *shown,
    size_t count, const struct kept_verdict **found, struct failure *why)
{
    uint8_t digest[SHA256_BYTES];
    const int64_t now_ms = clock_monotonic_ms();
    struct kept_verdict *kept;

    if (!sha256(shown, count, digest, why))
        return false;
    kept = &judge->kept[digest[0] % CLIENT_VERDICTS_KEPT];
    if (!is_kept(kept, digest, now_ms)) {
        kept->code = NULL;
        if (!ask(judge, shown, count, kept, why))
            return false;
        memcpy(kept->shown, digest, sizeof(digest));
        kept->judged_ms = now_ms;
        tell_refusal(shown, kept);
    }
    *found = kept;
    return true;
}

void client_verdict_free(struct client_verdict *verdict)
{
    if (verdict == NULL)
        return;
    free((void *)(uintptr_t)verdict->certificate.start);
    free(verdict);
}

bool client_judge_shown(struct client_judge *judge, const struct bytes *shown,
    size_t count, struct client_verdict **verdict, struct failure *why)
{
    SCOPED_STRUCT(client_verdict) *made = calloc(1, sizeof(*made));
    uint8_t *certificate = malloc(shown[0].length);
    const struct kept_verdict *found = NULL;

    if (made == NULL || certificate == NULL) {
        free(certificate);
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    memcpy(certificate, shown[0].start, shown[0].length);
    made->certificate = (struct bytes){certificate, shown[0].length};
    if (!find(judge, shown, count, &found, why))
        return false;
    made->code = found->code;
    memcpy(made->sentence, found->sentence, sizeof(made->sentence));
    made->judged_ms = found->judged_ms;
    *verdict = KEEP(client_verdict, &made);
    return true;
}

/* --- a session ------------------------------------------------------------ */

struct shown_chain {
    struct bytes shown[CLIENT_CHAIN_CERTIFICATES_MAX];
    openssl_bytes *encoded[CLIENT_CHAIN_CERTIFICATES_MAX];
    size_t count;
};

static void shown_chain_free(struct shown_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        OPENSSL_free(chain->encoded[i]);
}

static bool add_shown(
    struct shown_chain *chain, const X509 *certificate, struct failure *why)
{
    openssl_bytes *encoded = NULL;
    const int length = i2d_X509(certificate, &encoded);

    if (length <= 0)
        return fail_in_openssl(
            why, FAILURE_INTERNAL, "writing a client's certificate");
    chain->encoded[chain->count] = encoded;
    chain->shown[chain->count++] = (struct bytes){encoded, (size_t)length};
    return true;
}

/* On a server the library keeps the leaf apart from the chain. */
static bool read_shown(
    SSL *session, struct shown_chain *chain, struct failure *why)
{
    const X509 *leaf = SSL_get0_peer_certificate(session);
    STACK_OF(X509) *others = SSL_get_peer_cert_chain(session);

    if (leaf == NULL)
        return true;
    if (!add_shown(chain, leaf, why))
        return false;
    for (int i = 0; i < sk_X509_num(others) &&
                    chain->count < CLIENT_CHAIN_CERTIFICATES_MAX;
         i++) {
        if (!add_shown(chain, sk_X509_value(others, i), why))
            return false;
    }
    return true;
}

bool client_judge_session(struct client_judge *judge, SSL *session,
    struct client_verdict **verdict, struct failure *why)
{
    RELEASED(shown_chain) chain = {0};

    *verdict = NULL;
    if (!read_shown(session, &chain, why))
        return false;
    return chain.count == 0 ||
           client_judge_shown(judge, chain.shown, chain.count, verdict, why);
}

/* What could not be judged is not good. */
static void doubt(struct client_verdict *verdict, const struct failure *why)
{
    verdict->code = verdict_code_name(VERDICT_REVOCATION_UNKNOWN);
    (void)snprintf(
        verdict->sentence, sizeof(verdict->sentence), "%s", why->reason);
}

void client_judge_again(
    struct client_judge *judge, SSL *session, struct client_verdict **verdict)
{
    struct client_verdict *again = NULL;
    struct failure why = {0};

    if (clock_monotonic_ms() - (*verdict)->judged_ms < CLIENT_VERDICT_MS)
        return;
    if (!client_judge_session(judge, session, &again, &why) || again == NULL) {
        doubt(*verdict, &why);
        return;
    }
    client_verdict_free(*verdict);
    *verdict = again;
}
