#include "decisions_fixture.h"

#include <openssl/x509.h>

#include "authority/renew.h"
#include "crypto/key.h"
#include "crypto/openssl_scoped.h"
#include "x509/name.h"

#define DAY_S INT64_C(86400)
/* What is proven and may be renewed comes as far as the issuer, which this
 * authority does not have. */
#define AS_FAR_AS_THE_ISSUER "authority that issued it is not here"

static const uint8_t serial[] = {1, 2, 3, 4};

/* --- an old certificate -------------------------------------------------- */

static struct private_key *new_key(void)
{
    struct private_key *key = NULL;
    struct failure why = {0};

    assert_true(key_generate(key_algorithm_named("p256"), &key, &why));
    return key;
}

static void make_certificate(const struct private_key *key, struct buffer *der)
{
    SCOPED(EVP_PKEY) *issuer = EVP_EC_gen("P-256");
    SCOPED(X509) *made = X509_new();
    X509_NAME *name = X509_get_subject_name(made);
    uint8_t *encoded = NULL;
    struct failure why = {0};
    int length;

    assert_int_equal(X509_set_version(made, 2), 1);
    assert_int_equal(
        ASN1_INTEGER_set(X509_get_serialNumber(made), 0x01020304), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                         (const unsigned char *)"www", -1, -1, 0),
        1);
    assert_int_equal(X509_set_issuer_name(made, name), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made), 90 * DAY_S));
    assert_int_equal(X509_set_pubkey(made, key->public_key), 1);
    assert_true(X509_sign(made, issuer, EVP_sha256()) > 0);
    length = i2d_X509(made, &encoded);
    assert_true(length > 0);
    assert_true(
        buffer_append(der, (struct bytes){encoded, (size_t)length}, &why));
    OPENSSL_free(encoded);
}

struct old {
    struct private_key *key;
    struct buffer request;
    struct renewal renewal;
    struct enrolment enrolment;
    struct caller caller;
    uint8_t signature[SIGNATURE_MAX];
};

static void old_free(struct old *old)
{
    private_key_free(old->key);
    buffer_free(&old->request);
    renewal_free(&old->renewal);
}

static void make_request(struct old *old)
{
    RELEASED(buffer) name = BUFFER("name", 1000);
    SCOPED_STRUCT(private_key) *key = new_key();
    struct failure why = {0};

    old->request = BUFFER("request", REQUEST_MAX);
    assert_true(name_read("CN=www", &name, &why));
    assert_true(request_make(
        key, buffer_view(&name), (struct bytes){0}, &old->request, &why));
}

static void store_old(struct fixture *fixture, struct old *old,
    enum certificate_status status, int64_t not_after)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    bool added = false;

    old->key = new_key();
    make_certificate(old->key, &der);
    make_request(old);
    old->caller = (struct caller){.actor = "uid:1000", .who = "uid:1000"};
    old->enrolment = (struct enrolment){
        .caller = &old->caller, .request = buffer_view(&old->request)};
    old->renewal.serial = (struct bytes){serial, sizeof(serial)};
    assert_done(fixture, store_begin(fixture->store, &fixture->why));
    assert_done(fixture,
        store_add_certificate(fixture->store,
            &(struct certificate_row){.serial = old->renewal.serial,
                .der = buffer_view(&der),
                .sealed = true,
                .authority = 1,
                .profile = "server",
                .issued_at = clock_now(),
                .not_after = not_after,
                .status = status,
                .revoked_at = status == CERTIFICATE_VALID ? 0 : clock_now(),
                .reason = status == CERTIFICATE_HELD ? REASON_CERTIFICATE_HOLD
                                                     : REASON_UNSPECIFIED},
            &added, &fixture->why));
    assert_done(fixture, store_commit(fixture->store, &fixture->why));
}

static void prove_with(
    struct old *old, const struct private_key *key, struct bytes request)
{
    RELEASED(buffer) message = BUFFER("proof", REQUEST_MAX + 100);
    struct failure why = {0};
    size_t length = 0;

    assert_true(buffer_append_text(&message, RENEWAL_PROOF, &why));
    assert_true(buffer_append(&message, request, &why));
    assert_true(private_key_sign(key, key->algorithm->signs_with,
        buffer_view(&message), old->signature, &length, &why));
    old->renewal.proof = (struct bytes){old->signature, length};
}

static bool prepare(struct fixture *fixture, struct old *old)
{
    fixture->why = (struct failure){0};
    return renewal_prepare(&fixture->authority, fixture->store, &old->renewal,
        &old->enrolment, &fixture->why);
}

static void assert_passes(struct fixture *fixture, struct old *old)
{
    assert_refused(fixture, prepare(fixture, old), FAILURE_NOT_FOUND,
        AS_FAR_AS_THE_ISSUER);
}

/* --- who asks ------------------------------------------------------------ */

static void incident13_the_old_key_or_a_role_is_needed(void **state)
{
    static const struct {
        enum enrolment_role role;
        bool may;
    } rows[] = {{ROLE_NOBODY, false}, {ROLE_AUDITOR, false},
        {ROLE_APPROVER, false}, {ROLE_OPERATOR, true},
        {ROLE_ADMINISTRATOR, true}};
    struct fixture *fixture = *state;
    RELEASED(old) old = {0};

    store_old(fixture, &old, CERTIFICATE_VALID, clock_now() + DAY_S);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        old.caller.role = rows[i].role;
        if (rows[i].may)
            assert_passes(fixture, &old);
        else
            assert_refused(fixture, prepare(fixture, &old), FAILURE_FORBIDDEN,
                "without the old certificate's key");
        assert_false(old.enrolment.renewal_is_proven);
    }
    old.caller.role = ROLE_NOBODY;
    prove_with(&old, old.key, buffer_view(&old.request));
    assert_passes(fixture, &old);
    assert_true(old.enrolment.renewal_is_proven);
}

static void incident13_another_key_or_another_request_proves_nothing(
    void **state)
{
    struct fixture *fixture = *state;
    SCOPED_STRUCT(private_key) *other = new_key();
    RELEASED(old) old = {0};

    store_old(fixture, &old, CERTIFICATE_VALID, clock_now() + DAY_S);
    /* Whoever has a role is held to a proof that is there. */
    old.caller.role = ROLE_ADMINISTRATOR;
    prove_with(&old, other, buffer_view(&old.request));
    assert_refused(fixture, prepare(fixture, &old), FAILURE_UNAUTHENTICATED,
        "not signed by the key of certificate 01020304");
    prove_with(&old, old.key, bytes_of_text("another request"));
    assert_refused(fixture, prepare(fixture, &old), FAILURE_UNAUTHENTICATED,
        "not signed by the key");
    old.renewal.signed_request = bytes_of_text("no PKCS#7");
    assert_false(prepare(fixture, &old));
    assert_false(old.enrolment.renewal_is_proven);
}

/* --- what is renewed ----------------------------------------------------- */

static void incident13_what_is_revoked_or_held_is_not_renewed(void **state)
{
    struct fixture *fixture = *state;
    RELEASED(old) old = {0};

    store_old(fixture, &old, CERTIFICATE_REVOKED, clock_now() + DAY_S);
    prove_with(&old, old.key, buffer_view(&old.request));
    assert_refused(
        fixture, prepare(fixture, &old), FAILURE_UNSUITABLE, "is revoked");
}

static void incident13_a_hold_is_not_renewed_away(void **state)
{
    struct fixture *fixture = *state;
    RELEASED(old) old = {0};

    store_old(fixture, &old, CERTIFICATE_HELD, clock_now() + DAY_S);
    old.caller.role = ROLE_ADMINISTRATOR;
    assert_refused(
        fixture, prepare(fixture, &old), FAILURE_UNSUITABLE, "is held");
}

static void kb061_it_is_renewed_up_to_30_days_after_its_end(void **state)
{
    struct fixture *fixture = *state;
    RELEASED(old) old = {0};
    int64_t end = clock_now();

    store_old(fixture, &old, CERTIFICATE_VALID, end);
    old.caller.role = ROLE_OPERATOR;
    clock_set(end + 30 * DAY_S);
    assert_passes(fixture, &old);
    clock_set(end + 30 * DAY_S + 1);
    assert_refused(fixture, prepare(fixture, &old), FAILURE_UNSUITABLE,
        "at most 30 days after its end");
}

static void what_was_never_issued_is_not_found(void **state)
{
    static const uint8_t unknown[] = {9, 9};
    struct fixture *fixture = *state;
    RELEASED(old) old = {0};

    store_old(fixture, &old, CERTIFICATE_VALID, clock_now() + DAY_S);
    old.caller.role = ROLE_ADMINISTRATOR;
    old.renewal.serial = (struct bytes){unknown, sizeof(unknown)};
    assert_false(prepare(fixture, &old));
    assert_int_equal(fixture->why.kind, FAILURE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_a_store(incident13_the_old_key_or_a_role_is_needed),
        on_a_store(incident13_another_key_or_another_request_proves_nothing),
        on_a_store(incident13_what_is_revoked_or_held_is_not_renewed),
        on_a_store(incident13_a_hold_is_not_renewed_away),
        on_a_store(kb061_it_is_renewed_up_to_30_days_after_its_end),
        on_a_store(what_was_never_issued_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
