#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/status_desk.h"
#include "support/words.h"
#include "x509/chain/judgement.h"
#include "x509/chain/revocation.h"
#include "x509/chain/search.h"

#define NOW INT64_C(1768435200) /* 2026-01-15 */
#define DAY INT64_C(86400)
#define SOURCES_MAX 6

static struct status_objects objects;

static int load_objects(void **state)
{
    (void)state;
    status_objects_load(&objects);
    return 0;
}

static int free_objects(void **state)
{
    (void)state;
    status_objects_free(&objects);
    return 0;
}

/* --- one path and what is at hand ----------------------------------------- */

struct stand {
    struct chain_certificate certificates[3];
    const struct chain_certificate *path[3];
    struct status_source sources[SOURCES_MAX];
    const struct status_source *at_hand[SOURCES_MAX];
    struct chain_pool *roots, *untrusted;
    struct chain_question question;
    struct chain_budget budget;
    struct chain_search search;
    struct verdict_path record;
    struct judgement judgement;
};

static void read_certificate(
    const char *name, struct chain_certificate *certificate)
{
    struct failure why = {0};
    bool at_extension = false;

    assert_true(chain_certificate_read(
        status_object(&objects, name), name, certificate, &at_extension, &why));
}

/* leaf, ca, root: the root's list is there, so that the leaf's status alone is
 * in question. */
static void stand_open(struct stand *stand, const char *leaf)
{
    const char *const others[] = {
        "ca-other", "ca-mute", "indirect", "indirect-two"};
    struct failure why = {0};

    *stand = (struct stand){0};
    read_certificate(leaf, &stand->certificates[0]);
    read_certificate("ca", &stand->certificates[1]);
    read_certificate("root", &stand->certificates[2]);
    for (size_t i = 0; i < 3; i++)
        stand->path[i] = &stand->certificates[i];
    assert_true(chain_pool_new(&stand->roots, &why));
    assert_true(chain_pool_new(&stand->untrusted, &why));
    assert_true(chain_pool_add(
        stand->roots, status_object(&objects, "root"), "roots", &why));
    assert_true(chain_pool_add(
        stand->roots, status_object(&objects, "root-two"), "roots", &why));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_true(chain_pool_add(stand->untrusted,
            status_object(&objects, others[i]), others[i], &why));
    stand->question =
        (struct chain_question){.leaf = status_object(&objects, leaf),
            .roots = stand->roots,
            .untrusted = stand->untrusted,
            .time = NOW,
            .revocation = CHAIN_REVOCATION_HARD,
            .sources = stand->at_hand};
    stand->budget.cpu_started_ms = clock_thread_cpu_ms();
    stand->judgement = (struct judgement){.question = &stand->question,
        .path = stand->path,
        .length = 3,
        .has_anchor = true,
        .budget = &stand->budget,
        .search = &stand->search,
        .record = &stand->record};
}

static void stand_free(struct stand *stand)
{
    for (size_t i = 0; i < stand->record.check_count; i++)
        free(stand->record.checks[i].evidence);
    free(stand->record.checks);
    chain_pool_free(stand->roots);
    chain_pool_free(stand->untrusted);
}

static void add_source(struct stand *stand, const char *name)
{
    size_t place = stand->question.source_count++;

    assert_true(place < SOURCES_MAX);
    status_source_read(status_object(&objects, name), name,
        strncmp(name, "ocsp", 4) == 0, &stand->sources[place]);
    stand->at_hand[place] = &stand->sources[place];
}

/* Names are separated by blanks. */
static void add_sources(struct stand *stand, const char *names)
{
    char *copy = strdup(names);
    char *rest = copy;

    assert_non_null(copy);
    for (char *name = next_word(&rest, " "); name != NULL;
         name = next_word(&rest, " ")) {
        for (size_t i = 0; i < objects.count; i++) {
            /* The name outlives the copy. */
            if (strcmp(objects.objects[i].name, name) == 0)
                add_source(stand, objects.objects[i].name);
        }
    }
    free(copy);
}

static void assert_evidence(const char *evidence, const char *part)
{
    if (strstr(evidence, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", evidence, part);
}

/* The root's list covers the authority; what else is at hand is given. */
static void assert_good(const char *leaf, const char *at_hand)
{
    RELEASED(stand) stand;

    stand_open(&stand, leaf);
    add_source(&stand, "root-empty");
    add_sources(&stand, at_hand);
    if (!judge_revocation(&stand.judgement))
        fail_msg("%s with %s: %s", leaf, at_hand, stand.judgement.evidence);
}

static void assert_bad(const char *leaf, const char *at_hand,
    enum verdict_code code, enum chain_rule rule, const char *evidence)
{
    RELEASED(stand) stand;

    stand_open(&stand, leaf);
    add_source(&stand, "root-empty");
    add_sources(&stand, at_hand);
    if (judge_revocation(&stand.judgement))
        fail_msg("%s with %s is good", leaf, at_hand);
    assert_evidence(stand.judgement.evidence, evidence);
    assert_string_equal(
        verdict_code_name(stand.judgement.code), verdict_code_name(code));
    assert_string_equal(
        chain_rule_name(stand.judgement.rule), chain_rule_name(rule));
    assert_int_equal(stand.judgement.place, 0);
}

static void assert_revoked(const char *leaf, const char *at_hand)
{
    assert_bad(leaf, at_hand, VERDICT_REVOKED, RULE_REVOKED,
        "revoked at 2025-12-20T00:00:00Z");
}

static void assert_unknown(const char *leaf, const char *at_hand,
    enum chain_rule rule, const char *evidence)
{
    assert_bad(leaf, at_hand, VERDICT_REVOCATION_UNKNOWN, rule, evidence);
}

/* --- complete lists ------------------------------------------------------- */

static void a_list_that_does_not_name_it_is_good(void **state)
{
    (void)state;
    assert_good("leaf", "empty");
    assert_good("leaf", "neighbour");
    assert_good("leaf", "version-1");
    assert_good("leaf", "without-end");
    assert_good("leaf-shard", "empty");
}

static void kb103_revoked_is_told_with_date_reason_and_source(void **state)
{
    (void)state;
    assert_bad("leaf", "revoked", VERDICT_REVOKED, RULE_REVOKED,
        "revoked at 2025-12-20T00:00:00Z, reason keyCompromise, says the list "
        "of CN=CA,O=Acme (revoked, of 2026-01-01T00:00:00Z)");
    assert_bad("leaf", "held", VERDICT_REVOKED, RULE_REVOKED,
        "reason certificateHold");
}

static void kb103_unknown_expired_and_revoked_are_three_codes(void **state)
{
    (void)state;
    assert_revoked("leaf", "revoked");
    assert_unknown("leaf", "", RULE_STATUS_KNOWN,
        "neither a list nor an OCSP answer of CN=CA,O=Acme is at hand");
    assert_unknown("leaf-shard", "", RULE_STATUS_KNOWN,
        "is at hand; its list may be at uri:http://crl.example/1.crl");
    assert_bad("leaf", "expired", VERDICT_CRL_EXPIRED, RULE_CRL_CURRENT,
        "has expired at 2026-01-10T00:00:00Z");
    assert_bad("leaf", "expired-revoked", VERDICT_CRL_EXPIRED, RULE_CRL_CURRENT,
        "has expired");
}

static void kb103_revoked_wins_over_whatever_else_is_said(void **state)
{
    (void)state;
    assert_revoked("leaf", "ocsp-good revoked");
    assert_revoked("leaf", "empty ocsp-revoked");
    assert_revoked("leaf", "expired forged revoked");
    assert_revoked("leaf", "ocsp-good-and-revoked");
}

static void a_list_of_the_future_says_nothing(void **state)
{
    (void)state;
    assert_unknown("leaf", "future", RULE_CRL_CURRENT,
        "is not valid before 2026-01-20T00:00:00Z");
}

static void kb051_a_damaged_list_is_told_apart(void **state)
{
    (void)state;
    /* A certificate, where a list was said to be. */
    assert_bad("leaf", "ca", VERDICT_CRL_MALFORMED, RULE_CRL_READABLE,
        "the list (ca) can't be read");
    assert_bad("leaf", "version-1-with-extensions", VERDICT_CRL_MALFORMED,
        RULE_CRL_READABLE, "it is of version 1 and has extensions");
    assert_bad("leaf", "version-1-entry", VERDICT_CRL_MALFORMED,
        RULE_CRL_READABLE, "it is of version 1 and has extensions");
    assert_bad("leaf", "empty-entries", VERDICT_CRL_MALFORMED,
        RULE_CRL_READABLE, "its revokedCertificates are there and empty");
    assert_bad("leaf", "two-algorithms", VERDICT_CRL_MALFORMED,
        RULE_CRL_READABLE, "is not the one beside the signature");
    /* A damaged one beside a good one changes nothing. */
    assert_good("leaf", "ca empty");
}

static void a_critical_extension_makes_a_list_useless(void **state)
{
    (void)state;
    assert_unknown("leaf", "critical", RULE_CRL_CRITICAL_EXTENSIONS,
        "has a critical extension that is not known");
    assert_unknown("leaf", "critical-entry", RULE_CRL_CRITICAL_EXTENSIONS,
        "has a critical extension that is not known");
}

static void a_list_without_a_number_breaks_the_profile_alone(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    assert_good("leaf", "without-number");
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty without-number");
    stand.question.profile = CHAIN_RFC5280;
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_REVOCATION_UNKNOWN);
    assert_evidence(stand.judgement.evidence, "has no CRL number (5.2.3)");
}

static void the_newer_of_two_lists_lifts_a_hold(void **state)
{
    (void)state;
    assert_revoked("leaf", "held-earlier");
    assert_good("leaf", "held-earlier empty");
    assert_good("leaf", "empty held-earlier");
    /* One that is not used can't do it. */
    assert_revoked("leaf", "held-earlier forged");
    assert_revoked("leaf", "held-earlier future");
}

/* --- scope ---------------------------------------------------------------- */

static void a_shard_speaks_for_its_distribution_point_alone(void **state)
{
    (void)state;
    assert_good("leaf-shard", "shard-1");
    assert_good("leaf-shard", "shard-1-loud");
    assert_unknown("leaf-shard", "shard-2", RULE_CRL_SCOPE,
        "is of another distribution point");
    assert_unknown("leaf-shard", "shard-1-path", RULE_CRL_SCOPE,
        "is of another distribution point");
    assert_unknown(
        "leaf", "shard-1", RULE_CRL_SCOPE, "is of another distribution point");
}

static void a_name_relative_to_the_issuer_is_completed(void **state)
{
    (void)state;
    assert_good("leaf-relative", "relative");
    assert_good("leaf-relative", "relative-in-full");
    assert_unknown("leaf-relative", "shard-1", RULE_CRL_SCOPE,
        "is of another distribution point");
}

static void a_list_of_a_kind_of_certificates_is_of_those_alone(void **state)
{
    (void)state;
    assert_good("leaf", "users");
    assert_unknown("leaf", "authorities", RULE_CRL_SCOPE,
        "is of authorities only, and this is none");
    assert_unknown("leaf", "attributes", RULE_CRL_SCOPE,
        "is of attribute certificates only");
}

static void reasons_are_collected_until_all_are_covered(void **state)
{
    (void)state;
    assert_unknown("leaf", "some-reasons", RULE_CRL_SCOPE,
        "the lists of CN=CA,O=Acme at hand are of some reasons only");
    assert_unknown("leaf", "other-reasons", RULE_CRL_SCOPE, "some reasons");
    assert_good("leaf", "some-reasons other-reasons");
    assert_revoked("leaf", "other-reasons-revoked");
    assert_revoked("leaf", "some-reasons other-reasons-revoked");
    assert_good("leaf-reasons", "shard-2");
    assert_unknown("leaf-reasons", "shard-1", RULE_CRL_SCOPE, "some reasons");
}

static void an_indirect_list_hands_its_issuer_from_entry_to_entry(void **state)
{
    (void)state;
    assert_good("leaf-indirect", "indirect-empty");
    assert_revoked("leaf-indirect", "indirect-revoked");
    assert_good("leaf-indirect", "indirect-of-others");
    assert_unknown("leaf-indirect", "indirect-named-alone", RULE_CRL_SCOPE,
        "is not indirect");
    /* Nobody but the certificate makes another its list's issuer. */
    assert_unknown(
        "leaf", "indirect-empty", RULE_STATUS_KNOWN, "neither a list");
    assert_good("leaf-indirect", "empty");
}

/* RFC 5280, 6.3.3 (f): every root may give that name to somebody. */
static void a_list_from_below_another_root_says_nothing(void **state)
{
    (void)state;
    assert_unknown("leaf-indirect", "indirect-usurping", RULE_CRL_ISSUER,
        "no path leads from the signer to the root of this path");
}

static void a_delta_list_is_read_over_its_base(void **state)
{
    (void)state;
    assert_good("leaf", "empty delta");
    assert_revoked("leaf", "empty delta-revoked");
    assert_revoked("leaf", "delta-revoked empty");
    assert_good("leaf", "held delta-removes");
    assert_revoked("leaf", "held delta");
}

static void a_delta_list_without_its_base_says_nothing(void **state)
{
    (void)state;
    assert_unknown(
        "leaf", "delta", RULE_CRL_SCOPE, "counts only with its base");
    assert_good("leaf", "empty delta-too-new");
    assert_good("leaf", "empty delta-too-old");
    assert_good("leaf-shard", "empty delta-of-shard");
    assert_good("leaf-shard", "shard-1 delta-of-shard-2");
    assert_revoked("leaf-shard", "shard-1 delta-of-shard");
}

/* --- signers -------------------------------------------------------------- */

static void another_key_of_the_issuer_may_sign_its_list(void **state)
{
    (void)state;
    assert_good("leaf", "by-other-key");
    assert_revoked("leaf", "by-other-key-revoked");
}

static void a_revoked_key_signs_no_list(void **state)
{
    (void)state;
    assert_unknown("leaf", "by-other-key root-revokes-signers", RULE_CRL_ISSUER,
        "is signed by one who can't be trusted: revoked at 2025-12-20");
    assert_unknown("leaf", "root-revokes-signers by-other-key-revoked",
        RULE_CRL_ISSUER,
        "is signed by one who can't be trusted: revoked at 2025-12-20");
    assert_unknown("leaf-indirect", "indirect-empty root-revokes-signers",
        RULE_CRL_ISSUER,
        "is signed by one who can't be trusted: revoked at 2025-12-20");
}

static void a_key_without_crl_sign_signs_no_list(void **state)
{
    (void)state;
    assert_unknown("leaf", "by-mute-key", RULE_CRL_ISSUER,
        "whose key usage lacks cRLSign");
}

static void kb088_only_the_key_that_is_meant_makes_a_signature_wrong(
    void **state)
{
    (void)state;
    assert_bad("leaf", "forged", VERDICT_CRL_SIGNATURE_INVALID,
        RULE_CRL_SIGNATURE, "");
    assert_unknown("leaf", "by-stranger", RULE_CRL_ISSUER,
        "is signed by a key that is not at hand");
}

/* --- OCSP ----------------------------------------------------------------- */

static void an_answer_of_the_issuer_or_its_delegate_is_taken(void **state)
{
    (void)state;
    assert_good("leaf", "ocsp-good");
    assert_good("leaf", "ocsp-good-sha256");
    assert_good("leaf", "ocsp-nonce");
    assert_good("leaf", "ocsp-delegated");
    assert_good("leaf", "ocsp-delegated-by-key");
    assert_bad("leaf", "ocsp-revoked", VERDICT_REVOKED, RULE_REVOKED,
        "reason superseded, says the OCSP answer (ocsp-revoked, of "
        "2026-01-01T00:00:00Z)");
}

static void a_delegate_needs_issuer_purpose_and_validity(void **state)
{
    (void)state;
    assert_unknown("leaf", "ocsp-delegated-without-purpose",
        RULE_OCSP_RESPONDER, "without the purpose OCSPSigning");
    assert_unknown("leaf", "ocsp-delegated-of-root", RULE_OCSP_RESPONDER,
        "a responder of another issuer");
    assert_unknown("leaf", "ocsp-delegated-expired", RULE_OCSP_RESPONDER,
        "whose certificate is not valid then");
    assert_unknown("leaf", "ocsp-delegated-usurping", RULE_OCSP_RESPONDER,
        "a responder that the issuer did not delegate");
    assert_unknown("leaf", "ocsp-delegate-not-enclosed", RULE_OCSP_RESPONDER,
        "is signed by one whose certificate is not at hand");
}

static void a_revoked_delegate_is_not_heard_unless_it_need_not_be_asked_about(
    void **state)
{
    (void)state;
    /* The list is of reasons, so that the answer is needed. */
    assert_unknown("leaf", "ocsp-delegated some-reasons-responder",
        RULE_OCSP_RESPONDER, "is signed by a responder that is revoked");
    assert_good("leaf", "ocsp-delegated-no-check some-reasons-responder");
}

static void an_answer_that_says_nothing_leaves_it_unknown(void **state)
{
    (void)state;
    assert_unknown("leaf", "ocsp-unknown", RULE_STATUS_KNOWN,
        "the responder does not know the certificate");
    assert_unknown("leaf", "ocsp-forged", RULE_OCSP_SIGNATURE, "");
    assert_unknown("leaf", "ocsp-critical", RULE_OCSP_READABLE,
        "has a critical extension that is not known");
    assert_unknown(
        "leaf", "ocsp-try-later", RULE_OCSP_READABLE, "it says tryLater");
    assert_good("leaf", "ocsp-unknown empty");
}

static void an_answer_must_be_current(void **state)
{
    (void)state;
    assert_unknown("leaf", "ocsp-expired", RULE_OCSP_CURRENT, "has expired");
    assert_unknown(
        "leaf", "ocsp-future", RULE_OCSP_CURRENT, "is not valid before");
    assert_good("leaf", "ocsp-without-end");
    assert_unknown("leaf", "ocsp-without-end-old", RULE_OCSP_CURRENT,
        "is older than 7 days");
}

static bool good_at(int64_t time, const char *answer)
{
    RELEASED(stand) stand;

    stand_open(&stand, "leaf");
    add_source(&stand, "root-empty");
    add_source(&stand, answer);
    stand.question.time = time;
    return judge_revocation(&stand.judgement);
}

static void an_answer_has_five_minutes_of_tolerance(void **state)
{
    const int64_t end = INT64_C(1768003200); /* 2026-01-10 */

    (void)state;
    assert_true(good_at(end + OCSP_TOLERANCE_SECONDS, "ocsp-expired"));
    assert_false(good_at(end + OCSP_TOLERANCE_SECONDS + 1, "ocsp-expired"));
}

/* --- what is asked -------------------------------------------------------- */

static void soft_skips_what_is_not_known_and_says_so(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty expired");
    stand.question.revocation = CHAIN_REVOCATION_SOFT;
    assert_true(judge_revocation(&stand.judgement));
    assert_int_equal(stand.record.check_count, 2);
    assert_int_equal(stand.record.checks[0].outcome, VERDICT_SKIPPED);
    assert_int_equal(stand.record.checks[0].rule, RULE_CRL_CURRENT);
    assert_evidence(stand.record.checks[0].evidence, "not known: the list of");
    assert_int_equal(stand.record.checks[1].outcome, VERDICT_PASS);
    assert_evidence(stand.record.checks[1].evidence,
        "the list of CN=Root,O=Acme (root-empty, of 2026-01-01T00:00:00Z) does "
        "not name it");
}

static void soft_refuses_what_is_revoked(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "revoked");
    stand.question.revocation = CHAIN_REVOCATION_SOFT;
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_REVOKED);
}

static void off_asks_nothing(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "revoked");
    stand.question.revocation = CHAIN_REVOCATION_OFF;
    assert_true(judge_revocation(&stand.judgement));
    assert_int_equal(stand.record.check_count, 0);
    assert_int_equal(stand.budget.signatures, 0);
}

static void a_revoked_authority_is_told_before_an_unknown_leaf(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-revokes-ca");
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_REVOKED);
    assert_int_equal(stand.judgement.place, 1);
    assert_evidence(stand.judgement.evidence, "reason cACompromise");
}

/* Revoked 2025-12-20. */
static void a_later_revocation_is_spared_where_the_question_says_so(
    void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty revoked");
    stand.question.time = NOW - 60 * DAY;
    stand.question.status_time = NOW;
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_REVOKED);
    stand_free(&stand);

    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty revoked");
    stand.question.time = NOW - 60 * DAY;
    stand.question.status_time = NOW;
    stand.question.spares_later_revocation = true;
    assert_true(judge_revocation(&stand.judgement));
    /* Not one that was there already. */
    stand.question.time = NOW;
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_REVOKED);
}

static void signatures_are_paid_from_the_budget(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty empty");
    assert_true(judge_revocation(&stand.judgement));
    assert_int_equal(stand.budget.signatures, 2);
    stand_free(&stand);

    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty empty");
    stand.budget.signatures = BUDGET_SIGNATURES - 1;
    assert_false(judge_revocation(&stand.judgement));
    assert_int_equal(stand.judgement.code, VERDICT_BUDGET_EXCEEDED);
    assert_evidence(stand.judgement.evidence, "200 signature checks");
}

/* However little is left of the budget, the verdict is a limit or the right
 * one. */
static void assert_within_budget(const char *leaf, const char *at_hand)
{
    bool is_good = false;

    for (size_t left = 0; left < 12; left++) {
        RELEASED(stand) stand;

        stand_open(&stand, leaf);
        add_source(&stand, "root-empty");
        add_sources(&stand, at_hand);
        stand.budget.signatures = BUDGET_SIGNATURES - left;
        is_good = judge_revocation(&stand.judgement);
        assert_true(is_good || stand.judgement.code == VERDICT_BUDGET_EXCEEDED);
    }
    assert_true(is_good);
}

static void a_spent_budget_is_told_wherever_it_ends(void **state)
{
    (void)state;
    assert_within_budget("leaf", "ocsp-good");
    assert_within_budget("leaf", "ocsp-delegated");
    assert_within_budget("leaf", "ocsp-delegated-by-key");
    assert_within_budget("leaf", "by-other-key");
    assert_within_budget("leaf-indirect", "indirect-of-others");
    assert_within_budget("leaf-shard", "empty delta-of-shard");
}

static void the_profile_of_the_web_asks_the_same_of_a_status(void **state)
{
    static const char *const at_hand[] = {"empty", "by-other-key", "ocsp-good",
        "ocsp-delegated", "ocsp-delegated-no-check some-reasons-responder"};

    (void)state;
    for (size_t i = 0; i < sizeof(at_hand) / sizeof(*at_hand); i++) {
        RELEASED(stand) stand;

        stand_open(&stand, "leaf");
        add_source(&stand, "root-empty");
        add_sources(&stand, at_hand[i]);
        stand.question.profile = CHAIN_WEBPKI;
        if (!judge_revocation(&stand.judgement))
            fail_msg("%s: %s", at_hand[i], stand.judgement.evidence);
    }
}

static void a_list_without_a_place_is_at_hand(void **state)
{
    RELEASED(stand) stand;

    (void)state;
    stand_open(&stand, "leaf");
    add_sources(&stand, "root-empty revoked");
    stand.sources[1].origin = NULL;
    assert_false(judge_revocation(&stand.judgement));
    assert_evidence(stand.judgement.evidence, "(at hand, of 2026-01-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_does_not_name_it_is_good),
        cmocka_unit_test(kb103_revoked_is_told_with_date_reason_and_source),
        cmocka_unit_test(kb103_unknown_expired_and_revoked_are_three_codes),
        cmocka_unit_test(kb103_revoked_wins_over_whatever_else_is_said),
        cmocka_unit_test(a_list_of_the_future_says_nothing),
        cmocka_unit_test(kb051_a_damaged_list_is_told_apart),
        cmocka_unit_test(a_critical_extension_makes_a_list_useless),
        cmocka_unit_test(a_list_without_a_number_breaks_the_profile_alone),
        cmocka_unit_test(the_newer_of_two_lists_lifts_a_hold),
        cmocka_unit_test(a_shard_speaks_for_its_distribution_point_alone),
        cmocka_unit_test(a_name_relative_to_the_issuer_is_completed),
        cmocka_unit_test(a_list_of_a_kind_of_certificates_is_of_those_alone),
        cmocka_unit_test(reasons_are_collected_until_all_are_covered),
        cmocka_unit_test(an_indirect_list_hands_its_issuer_from_entry_to_entry),
        cmocka_unit_test(a_list_from_below_another_root_says_nothing),
        cmocka_unit_test(a_delta_list_is_read_over_its_base),
        cmocka_unit_test(a_delta_list_without_its_base_says_nothing),
        cmocka_unit_test(another_key_of_the_issuer_may_sign_its_list),
        cmocka_unit_test(a_revoked_key_signs_no_list),
        cmocka_unit_test(a_key_without_crl_sign_signs_no_list),
        cmocka_unit_test(
            kb088_only_the_key_that_is_meant_makes_a_signature_wrong),
        cmocka_unit_test(an_answer_of_the_issuer_or_its_delegate_is_taken),
        cmocka_unit_test(a_delegate_needs_issuer_purpose_and_validity),
        cmocka_unit_test(
            a_revoked_delegate_is_not_heard_unless_it_need_not_be_asked_about),
        cmocka_unit_test(an_answer_that_says_nothing_leaves_it_unknown),
        cmocka_unit_test(an_answer_must_be_current),
        cmocka_unit_test(an_answer_has_five_minutes_of_tolerance),
        cmocka_unit_test(soft_skips_what_is_not_known_and_says_so),
        cmocka_unit_test(soft_refuses_what_is_revoked),
        cmocka_unit_test(off_asks_nothing),
        cmocka_unit_test(a_revoked_authority_is_told_before_an_unknown_leaf),
        cmocka_unit_test(
            a_later_revocation_is_spared_where_the_question_says_so),
        cmocka_unit_test(signatures_are_paid_from_the_budget),
        cmocka_unit_test(a_spent_budget_is_told_wherever_it_ends),
        cmocka_unit_test(the_profile_of_the_web_asks_the_same_of_a_status),
        cmocka_unit_test(a_list_without_a_place_is_at_hand),
    };

    return cmocka_run_group_tests(tests, load_objects, free_objects);
}
