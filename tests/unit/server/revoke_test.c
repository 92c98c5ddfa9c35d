#include "revocation_fixture.h"

#include "authority/revoke_where.h"

static bool try_revoke(const struct issuance *issuance, enum revocation_act act,
    enum revocation_reason reason, struct revoked *revoked, struct failure *why)
{
    const struct revocation revocation = {.act = act,
        .caller = &alice,
        .serial = {issuance->serial, SERIAL_BYTES},
        .reason = reason};

    return revoke_certificate(&here.authority, &revocation, revoked, why);
}

static struct revoked must_revoke(const struct issuance *issuance,
    enum revocation_act act, enum revocation_reason reason)
{
    struct revoked revoked;
    struct failure why = {0};

    assert_done(try_revoke(issuance, act, reason, &revoked, &why), why);
    return revoked;
}

static void assert_status(
    const struct issuance *issuance, enum certificate_status status)
{
    struct status_row row = {.status = CERTIFICATE_VALID};
    struct failure why = {0};
    bool found = false;

    assert_done(
        store_status(here.reading, issuing()->id,
            (struct bytes){issuance->serial, SERIAL_BYTES}, &row, &found, &why),
        why);
    assert_true(found);
    assert_int_equal(row.status, status);
}

/* --- reasons ------------------------------------------------------------- */

static void every_reason_is_read_as_it_is_written(void **state)
{
    struct failure why = {0};

    (void)state;
    for (int number = 0; number <= 10; number++) {
        enum revocation_reason reason = REASON_UNSPECIFIED;
        const char *name =
            revocation_reason_name((enum revocation_reason)number);

        if (number == 7)
            continue;
        assert_done(revocation_reason_read(name, &reason, &why), why);
        assert_int_equal(reason, number);
    }
    assert_false(
        revocation_reason_read("7", &(enum revocation_reason){0}, &why));
}

static void hold_and_release_are_no_reasons_to_revoke(void **state)
{
    struct issuance issuance = {0};
    struct revoked revoked;
    struct failure why = {0};

    (void)state;
    issue_here(&issuance);
    assert_false(try_revoke(
        &issuance, ACT_REVOKE, REASON_CERTIFICATE_HOLD, &revoked, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_false(try_revoke(
        &issuance, ACT_REVOKE, REASON_REMOVE_FROM_CRL, &revoked, &why));
    assert_false(try_revoke(
        &issuance, ACT_REVOKE, (enum revocation_reason)7, &revoked, &why));
    assert_status(&issuance, CERTIFICATE_VALID);
    issuance_free(&issuance);
}

/* --- one ----------------------------------------------------------------- */

static void incident16_what_is_revoked_stays_as_it_was_revoked(void **state)
{
    struct issuance issuance = {0};
    struct revoked first, again;
    struct failure why = {0};

    (void)state;
    issue_here(&issuance);
    first = must_revoke(&issuance, ACT_REVOKE, REASON_KEY_COMPROMISE);
    assert_true(first.has_changed);
    again = must_revoke(&issuance, ACT_REVOKE, REASON_SUPERSEDED);
    assert_false(again.has_changed);
    assert_int_equal(again.reason, REASON_KEY_COMPROMISE);
    assert_int_equal(again.at, first.at);
    assert_false(
        try_revoke(&issuance, ACT_HOLD, REASON_UNSPECIFIED, &again, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_false(
        try_revoke(&issuance, ACT_RELEASE, REASON_UNSPECIFIED, &again, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_status(&issuance, CERTIFICATE_REVOKED);
    assert_int_equal(events_in(folder, "revoked"), 1);
    issuance_free(&issuance);
}

/* RFC 5280, 5.3.1. */
static void the_list_says_when_and_why(void **state)
{
    RELEASED(buffer) der = BUFFER("list", 64 * 1024);
    struct issuance issuance = {0};
    struct revoked revoked;
    struct lists_made made;
    struct crl_entry entry = {0};
    struct failure why = {0};
    struct crl crl = {0};

    (void)state;
    issue_here(&issuance);
    revoked = must_revoke(&issuance, ACT_REVOKE, REASON_KEY_COMPROMISE);
    assert_done(
        lists_publish(&here.authority, here.reading, issuing(), &made, &why),
        why);
    assert_done(
        file_read(path_in(folder, "publish/crl/issuing.crl"), &der, &why), why);
    assert_done(crl_read(buffer_view(&der), &crl, &why), why);
    assert_done(crl_next_entry(&crl.entries, &entry, &why), why);
    assert_true(bytes_equal(
        entry.serial, (struct bytes){issuance.serial, SERIAL_BYTES}));
    assert_int_equal(entry.reason, CRL_KEY_COMPROMISE);
    assert_int_equal(entry.revoked_at, revoked.at);
    assert_true(der_at_end(&crl.entries));
    issuance_free(&issuance);
}

static void incident16_a_hold_is_released(void **state)
{
    struct issuance issuance = {0};
    struct revoked revoked;
    struct failure why = {0};

    (void)state;
    issue_here(&issuance);
    assert_false(
        try_revoke(&issuance, ACT_RELEASE, REASON_UNSPECIFIED, &revoked, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_true(
        must_revoke(&issuance, ACT_HOLD, REASON_UNSPECIFIED).has_changed);
    assert_status(&issuance, CERTIFICATE_HELD);
    assert_false(
        must_revoke(&issuance, ACT_HOLD, REASON_UNSPECIFIED).has_changed);
    assert_true(
        must_revoke(&issuance, ACT_RELEASE, REASON_UNSPECIFIED).has_changed);
    assert_status(&issuance, CERTIFICATE_VALID);
    assert_int_equal(events_in(folder, "held"), 1);
    assert_int_equal(events_in(folder, "released"), 1);
    issuance_free(&issuance);
}

static void another_certificate_of_the_serial_is_not_meant(void **state)
{
    struct issuance issuance = {0};
    uint8_t digest[SHA256_BYTES];
    struct revocation revocation = {.act = ACT_REVOKE,
        .caller = &alice,
        .sha256 = {digest, sizeof(digest)}};
    struct bytes der;
    struct revoked revoked;
    struct failure why = {0};

    (void)state;
    issue_here(&issuance);
    der = buffer_view(&issuance.certificate);
    revocation.serial = (struct bytes){issuance.serial, SERIAL_BYTES};
    assert_true(sha256(&der, 1, digest, &why));
    digest[0] ^= 1;
    assert_false(
        revoke_certificate(&here.authority, &revocation, &revoked, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    assert_status(&issuance, CERTIFICATE_VALID);
    digest[0] ^= 1;
    assert_done(
        revoke_certificate(&here.authority, &revocation, &revoked, &why), why);
    assert_status(&issuance, CERTIFICATE_REVOKED);
    issuance_free(&issuance);
}

static void a_serial_of_nobody_changes_nothing(void **state)
{
    static const uint8_t serial[600] = {0x01};
    struct revocation revocation = {.act = ACT_REVOKE,
        .caller = &alice,
        .serial = {serial, sizeof(serial)}};
    struct revoked revoked;
    struct failure why = {0};

    (void)state;
    assert_false(
        revoke_certificate(&here.authority, &revocation, &revoked, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    revocation.serial.length = 0;
    assert_false(
        revoke_certificate(&here.authority, &revocation, &revoked, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
}

/* --- many ---------------------------------------------------------------- */

#define MANY 1500

struct many {
    struct issuance issuance;
    struct query query;
    struct mass_revocation mass;
};

static void add_many(struct many *many, const char *query)
{
    struct failure why = {0};

    issue_here(&many->issuance);
    must_add(&(struct rows){.der = buffer_view(&many->issuance.certificate),
        .not_after = clock_now() + DAY_S,
        .first = 1,
        .count = MANY});
    assert_done(query_read(query, &many->query, &why), why);
    many->mass = (struct mass_revocation){.caller = &alice,
        .text = query,
        .query = &many->query,
        .reason = REASON_SUPERSEDED};
}

static void a_mass_revocation_begins_with_the_number_that_was_shown(
    void **state)
{
    struct many many = {0};
    struct failure why = {0};
    int64_t until_id = 0;

    (void)state;
    add_many(&many, "actor=bob");
    assert_false(mass_revocation_begin(
        &here.authority, here.reading, &many.mass, MANY - 1, &until_id, &why));
    assert_int_equal(why.kind, FAILURE_CONFLICT);
    assert_string_equal(why.reason,
        "the query finds 1500 certificates by now, not 1499; nothing is "
        "revoked");
    assert_int_equal(events_in(folder, "mass-revocation-started"), 0);
    assert_done(mass_revocation_begin(&here.authority, here.reading, &many.mass,
                    MANY, &until_id, &why),
        why);
    assert_int_equal(events_in(folder, "mass-revocation-started"), 1);
    issuance_free(&many.issuance);
}

static void a_mass_revocation_goes_on_where_it_was(void **state)
{
    struct many many = {0};
    struct mass_part part = {0};
    struct failure why = {0};

    (void)state;
    add_many(&many, "actor=bob");
    assert_done(mass_revocation_begin(&here.authority, here.reading, &many.mass,
                    MANY, &part.until_id, &why),
        why);
    assert_done(mass_revocation_part(
                    &here.authority, here.reading, &many.mass, &part, &why),
        why);
    assert_int_equal(part.revoked, REVOKE_PART);
    assert_false(part.is_last);
    /* As after a kill: from the beginning, and only what is left is found. */
    part.after_id = 0;
    assert_done(mass_revocation_part(
                    &here.authority, here.reading, &many.mass, &part, &why),
        why);
    assert_int_equal(part.revoked, MANY - REVOKE_PART);
    assert_true(part.is_last);
    assert_int_equal(events_in(folder, "revoked"), MANY);
    assert_status(&many.issuance, CERTIFICATE_VALID);
    assert_int_equal(must_follow().entries, MANY);
    issuance_free(&many.issuance);
}

static void what_is_issued_meanwhile_is_not_meant(void **state)
{
    struct many many = {0};
    struct mass_part part = {0};
    struct failure why = {0};

    (void)state;
    add_many(&many, "actor=bob and issued>=2020-01-01");
    assert_done(mass_revocation_begin(&here.authority, here.reading, &many.mass,
                    MANY, &part.until_id, &why),
        why);
    must_add(&(struct rows){.der = buffer_view(&many.issuance.certificate),
        .not_after = clock_now() + DAY_S,
        .first = 100000,
        .count = 5});
    for (int64_t revoked = 0; !part.is_last;) {
        assert_done(mass_revocation_part(
                        &here.authority, here.reading, &many.mass, &part, &why),
            why);
        part.after_id = part.last_id;
        revoked += part.revoked;
        assert_true(!part.is_last || revoked == MANY);
    }
    issuance_free(&many.issuance);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_read_as_it_is_written),
        on_a_desk(hold_and_release_are_no_reasons_to_revoke),
        on_a_desk(incident16_what_is_revoked_stays_as_it_was_revoked),
        on_a_desk(the_list_says_when_and_why),
        on_a_desk(incident16_a_hold_is_released),
        on_a_desk(another_certificate_of_the_serial_is_not_meant),
        on_a_desk(a_serial_of_nobody_changes_nothing),
        on_a_desk(a_mass_revocation_begins_with_the_number_that_was_shown),
        on_a_desk(a_mass_revocation_goes_on_where_it_was),
        on_a_desk(what_is_issued_meanwhile_is_not_meant),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
