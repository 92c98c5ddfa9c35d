#include "revocation_stand.h"

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
