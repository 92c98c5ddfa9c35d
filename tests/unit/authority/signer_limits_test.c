#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "authority/configuration.h"
#include "authority/signer_limits.h"
#include "base/message.h"
#include "support/lint_draft.h"

#define NOW (YEAR_2026 + 60)

static const struct signature_algorithm *ecdsa(void)
{
    return key_algorithm_named("p256")->signs_with;
}

/* The draft's own authorityKeyIdentifier, as the limits hold it. */
static struct bytes issuer_key_identifier(void)
{
    struct authority_key_identifier authority = {0};
    struct failure why = {0};

    assert_true(extension_authority_key_identifier(
        issuer_identifier(ISSUER_KEY), &authority, &why));
    return authority.identifier;
}

static struct bytes key_of(struct draft draft)
{
    return read_draft(&draft).key.whole;
}

/* What "CN=Issuing Authority" may sign: servers, for 397 days. */
static struct signer_limits limits_for_leaves(void)
{
    return (struct signer_limits){
        .name = "issuing",
        .issuer = name("CN=Issuing Authority,O=Example"),
        .own_key = key_of(good_root()),
        .key_identifier = issuer_key_identifier(),
        .not_after = YEAR_2026 + 3650 * DAY_S,
        .longest_lifetime_s = 397 * DAY_S,
        .key_usage = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT,
        .purposes = {OID_SERVER_AUTH},
        .purpose_count = 1,
        .name_kinds = 1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_IP,
    };
}

static struct signer_limits limits_for_authorities(void)
{
    struct signer_limits limits = limits_for_leaves();

    limits.longest_lifetime_s = 40 * 366 * DAY_S;
    limits.key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    limits.purpose_count = 0;
    limits.name_kinds = 0;
    limits.may_make_authorities = true;
    return limits;
}

static void assert_allowed(
    const struct signer_limits *limits, const struct draft *draft)
{
    struct tbs_certificate tbs = read_draft(draft);
    struct failure why = {0};

    if (!signer_limits_allow(limits, &tbs, ecdsa()->identifier, NOW, &why))
        fail_msg("%s", why.reason);
}

static void assert_refused(const struct signer_limits *limits,
    const struct draft *draft, const char *what)
{
    struct tbs_certificate tbs = read_draft(draft);
    struct failure why = {0};
    char sentence[200];

    (void)snprintf(sentence, sizeof(sentence),
        "the signer's limits for \"issuing\" do not allow %s", what);
    assert_false(
        signer_limits_allow(limits, &tbs, ecdsa()->identifier, NOW, &why));
    assert_string_equal(why.reason, sentence);
    assert_int_equal(why.kind, FAILURE_FORBIDDEN);
}

static void assert_leaf_refused(const struct draft *draft, const char *what)
{
    const struct signer_limits limits = limits_for_leaves();

    assert_refused(&limits, draft, what);
}

/* --- what is within ------------------------------------------------------ */

static void a_draft_within_the_limits_is_allowed(void **state)
{
    const struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    assert_allowed(&limits, &draft);
}

static void an_authority_is_allowed_where_it_may_be_made(void **state)
{
    const struct signer_limits limits = limits_for_authorities();
    struct draft draft = good_subordinate();

    (void)state;
    assert_allowed(&limits, &draft);
}

static void a_leaf_may_say_that_it_is_no_authority(void **state)
{
    const struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    add(&draft, OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, (struct bytes){0}));
    assert_allowed(&limits, &draft);
}

/* --- each limit broken alone --------------------------------------------- */

static void properties36_another_issuer_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.issuer = name("CN=Issuing Authority,O=Examplf");
    assert_leaf_refused(&draft, "another issuer's name");
    draft.issuer = name("CN=Issuing Authority");
    assert_leaf_refused(&draft, "another issuer's name");
}

static void another_signature_algorithm_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.algorithm = key_algorithm_named("p384")->signs_with->identifier;
    assert_leaf_refused(&draft, "another signature algorithm");
    draft.algorithm = key_algorithm_named("rsa2048")->signs_with->identifier;
    assert_leaf_refused(&draft, "another signature algorithm");
}

static void a_lifetime_above_the_longest_is_refused(void **state)
{
    const struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = times(YEAR_2026, YEAR_2026 + 397 * DAY_S);
    assert_allowed(&limits, &draft);
    draft.validity = times(YEAR_2026, YEAR_2026 + 397 * DAY_S + 1);
    assert_leaf_refused(&draft, "this lifetime");
    draft.validity = times(YEAR_2026, INT64_C(253402300799));
    assert_leaf_refused(&draft, "this lifetime");
}

static void an_end_after_the_issuers_is_refused(void **state)
{
    struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    limits.not_after = YEAR_2026 + 90 * DAY_S;
    assert_allowed(&limits, &draft);
    limits.not_after--;
    assert_refused(&limits, &draft, "an end after the issuer's own");
}

static void an_end_before_the_beginning_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = times(YEAR_2026, YEAR_2026);
    assert_leaf_refused(&draft, "an end before the beginning");
    draft.validity = times(YEAR_2026, YEAR_2026 - DAY_S);
    assert_leaf_refused(&draft, "an end before the beginning");
}

/* WoSign wrote dates before SHA-1's end into certificates made after it. */
static void incident48_a_beginning_an_hour_away_is_refused(void **state)
{
    const struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    draft.validity = times(NOW - 3600, NOW + DAY_S);
    assert_allowed(&limits, &draft);
    draft.validity = times(NOW + 3600, NOW + DAY_S);
    assert_allowed(&limits, &draft);
    draft.validity = times(NOW - 3601, NOW + DAY_S);
    assert_leaf_refused(&draft, "a beginning an hour away from now");
    draft.validity = times(NOW + 3601, NOW + DAY_S);
    assert_leaf_refused(&draft, "a beginning an hour away from now");
}

static void properties10_an_authority_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    add(&draft, OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff)));
    assert_leaf_refused(&draft, "an authority (CA:TRUE)");
    draft.part_count--;
    add(&draft, OID_BASIC_CONSTRAINTS, false,
        element(DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff, DER_INTEGER, 1, 0)));
    assert_leaf_refused(&draft, "an authority (CA:TRUE)");
}

static void a_key_usage_outside_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    for (unsigned int bit = 0; bit < 9; bit++) {
        const struct signer_limits limits = limits_for_leaves();

        part(&draft, OID_KEY_USAGE)->value = usage(1u << bit);
        if ((limits.key_usage & 1u << bit) != 0)
            assert_allowed(&limits, &draft);
        else
            assert_leaf_refused(&draft, "this key usage");
    }
}

static void a_certificate_without_key_usage_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    take_away(&draft, OID_KEY_USAGE);
    assert_leaf_refused(&draft, "a certificate without key usage");
}

static struct bytes purposes(enum oid first, enum oid second)
{
    return element(DER_SEQUENCE,
        joined(element(DER_OBJECT_IDENTIFIER, oid_contents(first)),
            element(DER_OBJECT_IDENTIFIER, oid_contents(second))));
}

static void a_purpose_outside_is_refused_beside_one_within(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_EXTENDED_KEY_USAGE)->value =
        purposes(OID_SERVER_AUTH, OID_CLIENT_AUTH);
    assert_leaf_refused(&draft, "this extended key usage");
    part(&draft, OID_EXTENDED_KEY_USAGE)->value =
        purposes(OID_ANY_EXTENDED_KEY_USAGE, OID_SERVER_AUTH);
    assert_leaf_refused(&draft, "this extended key usage");
}

/* An arc nobody has named is OID_UNKNOWN: it is not what limits that were read
 * from a message with such a number would allow. */
static void a_purpose_without_a_name_is_refused(void **state)
{
    struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_EXTENDED_KEY_USAGE)->value = element(
        DER_SEQUENCE, element(DER_OBJECT_IDENTIFIER, BYTES(0x2a, 0x03, 0x04)));
    assert_refused(&limits, &draft, "this extended key usage");
    limits.purposes[limits.purpose_count++] = OID_UNKNOWN;
    assert_refused(&limits, &draft, "this extended key usage");
}

/* ESC2: a certificate for any purpose, with or without a word on CA. */
static void a_certificate_for_any_purpose_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    take_away(&draft, OID_EXTENDED_KEY_USAGE);
    assert_leaf_refused(&draft, "a certificate for any purpose");
    add(&draft, OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, (struct bytes){0}));
    assert_leaf_refused(&draft, "a certificate for any purpose");
}

static void a_kind_of_name_outside_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_SUBJECT_ALT_NAME)->value = element(
        DER_SEQUENCE, joined(element(DER_CONTEXT(2), text("www.example.org")),
                          element(DER_CONTEXT(1), text("a@example.org"))));
    assert_leaf_refused(&draft, "a name of this kind");
}

static void an_extension_outside_the_set_is_refused(void **state)
{
    static const enum oid others[] = {OID_NAME_CONSTRAINTS, OID_POLICY_MAPPINGS,
        OID_CERTIFICATE_POLICIES, OID_SUBJECT_INFO_ACCESS, OID_ISSUER_ALT_NAME,
        OID_PRECERT_POISON};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct draft draft = good_leaf();

        add(&draft, others[i], false, BYTES(DER_NULL, 0));
        assert_leaf_refused(&draft, "an extension outside their set");
    }
}

static void another_keys_identifier_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    part(&draft, OID_AUTHORITY_KEY_IDENTIFIER)->value =
        issuer_identifier(LEAF_KEY);
    assert_leaf_refused(&draft, "another key's authorityKeyIdentifier");
    take_away(&draft, OID_AUTHORITY_KEY_IDENTIFIER);
    assert_leaf_refused(&draft, "a certificate without authorityKeyIdentifier");
}

static void the_authoritys_own_key_and_name_are_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = draft.issuer;
    assert_leaf_refused(&draft, "the issuer's own name as the subject");
    draft = good_leaf();
    draft.key = key_of(good_root());
    assert_leaf_refused(&draft, "the authority's own key as the subject's");
}

static void only_a_founding_root_may_sign_itself(void **state)
{
    struct signer_limits limits = limits_for_authorities();
    struct draft root = good_root();

    (void)state;
    root.validity = times(YEAR_2026, YEAR_2026 + 3650 * DAY_S);
    add(&root, OID_AUTHORITY_KEY_IDENTIFIER, false,
        issuer_identifier(ISSUER_KEY));
    assert_refused(&limits, &root, "the issuer's own name as the subject");
    limits.may_sign_itself = true;
    assert_allowed(&limits, &root);
    /* Its key under another name even so not. */
    root = good_subordinate();
    root.key = key_of(good_root());
    assert_refused(&limits, &root, "the authority's own key as the subject's");
}

/* The bridge to a root's successor: an authority of its name, and no leaf. */
static void a_root_certifies_its_successor_and_no_leaf_of_its_name(void **state)
{
    struct signer_limits limits = limits_for_authorities();
    struct draft bridge = good_subordinate();

    (void)state;
    bridge.subject = bridge.issuer;
    assert_refused(&limits, &bridge, "the issuer's own name as the subject");
    limits.may_sign_itself = true;
    assert_allowed(&limits, &bridge);
    take_away(&bridge, OID_BASIC_CONSTRAINTS);
    assert_refused(&limits, &bridge, "the issuer's own name as the subject");
    bridge = good_root();
    take_away(&bridge, OID_BASIC_CONSTRAINTS);
    assert_refused(&limits, &bridge, "the issuer's own name as the subject");
}

/* RFC 5280, 7.1: a verifier takes these for one name. */
static void the_issuers_name_in_other_letters_is_refused(void **state)
{
    struct draft draft = good_leaf();

    (void)state;
    draft.subject = name("CN=issuing  AUTHORITY,O=example");
    assert_leaf_refused(&draft, "the issuer's own name as the subject");
}

static void properties10_a_ceremony_widens_nothing_for_leaves(void **state)
{
    static const struct basic_constraints any = {.is_authority = true};
    struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    signer_limits_allow_authorities(&limits, &any, KEY_USAGE_CERT_SIGN);
    signer_limits_allow_itself(&limits);
    assert_allowed(&limits, &draft);
    part(&draft, OID_KEY_USAGE)->value = usage(KEY_USAGE_CERT_SIGN);
    assert_refused(&limits, &draft, "this key usage");
    draft = good_leaf();
    draft.validity = times(YEAR_2026, YEAR_2026 + 397 * DAY_S + 1);
    assert_refused(&limits, &draft, "this lifetime");
    draft = good_subordinate();
    draft.validity = times(YEAR_2026, YEAR_2026 + 3650 * DAY_S);
    assert_allowed(&limits, &draft);
}

/* The draft says none, which is longer than any. */
static void properties10_a_path_below_the_issuers_own_is_asked_for(void **state)
{
    struct signer_limits limits = limits_for_authorities();
    struct draft draft = good_subordinate();

    (void)state;
    limits.has_path_length = true;
    assert_refused(
        &limits, &draft, "a path length that is not below the issuer's own");
    limits.path_length = 1;
    assert_refused(
        &limits, &draft, "a path length that is not below the issuer's own");
    limits.has_path_length = false;
    assert_allowed(&limits, &draft);
}

static void a_key_that_signs_lists_alone_signs_no_certificate(void **state)
{
    struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();

    (void)state;
    limits.signs_lists_only = true;
    assert_refused(&limits, &draft,
        "certificates: the key signs lists and its OCSP responder alone");
}

/* A draft as an OCSP responder's (RFC 6960, 4.2.2.2). */
static struct draft good_responder(void)
{
    static const uint8_t null_element[] = {DER_NULL, 0};
    struct draft draft = good_leaf();

    part(&draft, OID_EXTENDED_KEY_USAGE)->value = element(DER_SEQUENCE,
        element(DER_OBJECT_IDENTIFIER, oid_contents(OID_OCSP_SIGNING)));
    take_away(&draft, OID_SUBJECT_ALT_NAME);
    add(&draft, OID_OCSP_NO_CHECK, false,
        (struct bytes){null_element, sizeof(null_element)});
    return draft;
}

/* Its certificates are asked about until the last has ended. */
static void incident47_a_key_that_retires_certifies_its_responder_alone(
    void **state)
{
    static const char *const refusal =
        "certificates: the key signs lists and its OCSP responder alone";
    struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_responder();

    (void)state;
    limits.purposes[limits.purpose_count++] = OID_OCSP_SIGNING;
    limits.signs_lists_only = true;
    assert_allowed(&limits, &draft);
    take_away(&draft, OID_OCSP_NO_CHECK);
    assert_refused(&limits, &draft, refusal);
    draft = good_responder();
    part(&draft, OID_EXTENDED_KEY_USAGE)->value =
        purposes(OID_OCSP_SIGNING, OID_SERVER_AUTH);
    assert_refused(&limits, &draft, refusal);
    draft = good_responder();
    add(&draft, OID_SUBJECT_ALT_NAME, false, dns_names("www.example.org"));
    assert_refused(&limits, &draft, refusal);
    draft = good_responder();
    draft.validity = times(YEAR_2026, YEAR_2026 + 398 * DAY_S);
    assert_refused(&limits, &draft, "this lifetime");
}

static void properties10_a_ceremony_widens_only_what_the_certificate_allows(
    void **state)
{
    static const struct {
        struct basic_constraints constraints;
        uint32_t key_usage;
        bool may;
    } rows[] = {
        {{true, false, 0}, KEY_USAGE_CERT_SIGN, true},
        {{true, true, 1}, KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN, true},
        {{true, true, 0}, KEY_USAGE_CERT_SIGN, false},
        {{true, false, 0}, KEY_USAGE_CRL_SIGN, false},
        {{false, false, 0}, KEY_USAGE_CERT_SIGN, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct signer_limits limits = limits_for_leaves();

        signer_limits_allow_authorities(
            &limits, &rows[i].constraints, rows[i].key_usage);
        assert_int_equal(limits.may_make_authorities, rows[i].may);
        assert_int_equal(
            (limits.key_usage & KEY_USAGE_CERT_SIGN) != 0, rows[i].may);
    }
}

static void properties10_profiles_of_authorities_widen_nothing(void **state)
{
    struct signer_limits limits = signer_limits_of(profile_subordinate(), 1);

    (void)state;
    assert_false(limits.may_make_authorities);
    assert_int_equal(limits.key_usage, 0);
    assert_int_equal(limits.longest_lifetime_s, 0);
}

static void a_delta_changes_an_earlier_list(void **state)
{
    const struct signer_limits limits = {
        .name = "issuing", .not_after = NOW + DAY_S};
    struct crl_facts list = {.this_update = NOW,
        .next_update = NOW + DAY_S,
        .number = (uint64_t)NOW * 1000,
        .base_number = (uint64_t)NOW * 1000};
    const struct bytes nothing = {0};
    struct failure why = {0};

    (void)state;
    assert_false(signer_limits_allow_list(&limits, &list, nothing, NOW, &why));
    assert_string_equal(why.reason,
        "the signer's limits for \"issuing\" do not allow a revocation list "
        "that changes no earlier one");
    list.base_number--;
    assert_true(signer_limits_allow_list(&limits, &list, nothing, NOW, &why));
}

static void limits_of_nothing_allow_nothing(void **state)
{
    const struct signer_limits limits = {.name = "issuing"};
    struct draft draft = good_leaf();

    (void)state;
    assert_refused(&limits, &draft, "another issuer's name");
}

/* --- from the settings --------------------------------------------------- */

static void limits_are_the_union_of_the_profiles(void **state)
{
    const struct profile profiles[] = {
        {.longest_lifetime_s = 100,
            .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
            .key_usage_rsa_only = KEY_USAGE_KEY_ENCIPHERMENT,
            .purposes = {OID_SERVER_AUTH, OID_CLIENT_AUTH},
            .purpose_count = 2,
            .name_kinds = 1u << GENERAL_NAME_DNS},
        {.longest_lifetime_s = 200,
            .key_usage = KEY_USAGE_KEY_AGREEMENT,
            .purposes = {OID_CLIENT_AUTH},
            .purpose_count = 1,
            .name_kinds = 1u << GENERAL_NAME_EMAIL},
    };
    struct signer_limits limits = signer_limits_of(profiles, 2);

    (void)state;
    assert_int_equal(limits.longest_lifetime_s, 200);
    assert_int_equal(limits.key_usage, KEY_USAGE_DIGITAL_SIGNATURE |
                                           KEY_USAGE_KEY_ENCIPHERMENT |
                                           KEY_USAGE_KEY_AGREEMENT);
    assert_int_equal(limits.purpose_count, 2);
    assert_int_equal(
        limits.name_kinds, 1u << GENERAL_NAME_DNS | 1u << GENERAL_NAME_EMAIL);
    assert_false(limits.may_make_authorities);
    assert_false(limits.may_sign_itself);
}

/* --- as a message -------------------------------------------------------- */

static void limits_are_read_back_as_they_were_written(void **state)
{
    RELEASED(buffer) message = BUFFER("limits", 64 * 1024);
    struct signer_limits limits = limits_for_leaves();
    struct signer_limits read = {0};
    struct failure why = {0};

    (void)state;
    limits.may_sign_itself = true;
    limits.signs_lists_only = true;
    limits.has_path_length = true;
    limits.path_length = 3;
    assert_true(signer_limits_write(&limits, &message, &why));
    assert_true(signer_limits_read(buffer_view(&message), &read, &why));
    assert_string_equal(read.name, "issuing");
    assert_true(bytes_equal(read.issuer, limits.issuer));
    assert_true(bytes_equal(read.own_key, limits.own_key));
    assert_true(bytes_equal(read.key_identifier, limits.key_identifier));
    assert_int_equal(read.not_after, limits.not_after);
    assert_int_equal(read.longest_lifetime_s, limits.longest_lifetime_s);
    assert_int_equal(read.key_usage, limits.key_usage);
    assert_int_equal(read.purpose_count, 1);
    assert_int_equal(read.purposes[0], OID_SERVER_AUTH);
    assert_int_equal(read.name_kinds, limits.name_kinds);
    assert_false(read.may_make_authorities);
    assert_true(read.may_sign_itself);
    assert_true(read.signs_lists_only);
    assert_true(read.has_path_length);
    assert_int_equal(read.path_length, 3);
}

static void limits_cut_off_anywhere_are_refused_or_less(void **state)
{
    RELEASED(buffer) message = BUFFER("limits", 64 * 1024);
    const struct signer_limits limits = limits_for_leaves();
    struct draft draft = good_leaf();
    struct tbs_certificate tbs = read_draft(&draft);
    struct failure why = {0};

    (void)state;
    assert_true(signer_limits_write(&limits, &message, &why));
    for (size_t length = 0; length < message.length; length++) {
        struct signer_limits read = {0};

        if (!signer_limits_read(
                (struct bytes){message.start, length}, &read, &why)) {
            assert_int_equal(why.kind, FAILURE_MALFORMED);
            continue;
        }
        assert_false(read.may_make_authorities);
        /* The last two fields only ever add. */
        if (read.name_kinds == 0)
            assert_false(signer_limits_allow(
                &read, &tbs, ecdsa()->identifier, NOW, &why));
    }
}

static void a_field_without_a_meaning_is_refused(void **state)
{
    RELEASED(buffer) message = BUFFER("limits", 64);
    struct signer_limits read = {0};
    struct failure why = {0};

    (void)state;
    assert_true(message_add_number(&message, 99, 1, &why));
    assert_false(signer_limits_read(buffer_view(&message), &read, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_string_equal(why.reason, "limits with a field 99 of no meaning");
}

static void a_name_longer_than_its_room_is_refused(void **state)
{
    RELEASED(buffer) message = BUFFER("limits", 256);
    static const uint8_t long_name[PROFILE_NAME_MAX] = {'a'};
    struct signer_limits read = {0};
    struct failure why = {0};

    (void)state;
    assert_true(message_add(
        &message, 1, (struct bytes){long_name, sizeof(long_name)}, &why));
    assert_false(signer_limits_read(buffer_view(&message), &read, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

#define drafted(function) cmocka_unit_test_setup(function, clear_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        drafted(a_draft_within_the_limits_is_allowed),
        drafted(an_authority_is_allowed_where_it_may_be_made),
        drafted(a_leaf_may_say_that_it_is_no_authority),
        drafted(properties36_another_issuer_is_refused),
        drafted(another_signature_algorithm_is_refused),
        drafted(a_lifetime_above_the_longest_is_refused),
        drafted(an_end_after_the_issuers_is_refused),
        drafted(an_end_before_the_beginning_is_refused),
        drafted(incident48_a_beginning_an_hour_away_is_refused),
        drafted(properties10_an_authority_is_refused),
        drafted(a_key_usage_outside_is_refused),
        drafted(a_certificate_without_key_usage_is_refused),
        drafted(a_purpose_outside_is_refused_beside_one_within),
        drafted(a_purpose_without_a_name_is_refused),
        drafted(a_certificate_for_any_purpose_is_refused),
        drafted(a_kind_of_name_outside_is_refused),
        drafted(an_extension_outside_the_set_is_refused),
        drafted(another_keys_identifier_is_refused),
        drafted(the_authoritys_own_key_and_name_are_refused),
        drafted(only_a_founding_root_may_sign_itself),
        drafted(a_root_certifies_its_successor_and_no_leaf_of_its_name),
        drafted(the_issuers_name_in_other_letters_is_refused),
        drafted(properties10_a_ceremony_widens_nothing_for_leaves),
        drafted(properties10_a_path_below_the_issuers_own_is_asked_for),
        drafted(a_key_that_signs_lists_alone_signs_no_certificate),
        drafted(incident47_a_key_that_retires_certifies_its_responder_alone),
        drafted(
            properties10_a_ceremony_widens_only_what_the_certificate_allows),
        drafted(properties10_profiles_of_authorities_widen_nothing),
        drafted(a_delta_changes_an_earlier_list),
        drafted(limits_of_nothing_allow_nothing),
        drafted(limits_are_the_union_of_the_profiles),
        drafted(limits_are_read_back_as_they_were_written),
        drafted(limits_cut_off_anywhere_are_refused_or_less),
        drafted(a_field_without_a_meaning_is_refused),
        drafted(a_name_longer_than_its_room_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
