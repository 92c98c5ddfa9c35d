#include "revocation_stand.h"

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
    };

    return cmocka_run_group_tests(tests, load_objects, free_objects);
}
