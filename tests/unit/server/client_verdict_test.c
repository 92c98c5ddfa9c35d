#include "client_stand.h"

#include "base/clock.h"

/* --- good ones ------------------------------------------------------------ */

static void a_good_certificate_of_ours_is_ok(void **state)
{
    assert_code(*state, &(struct desk_wish){0}, "ok");
}

static void any_usual_kind_of_key_is_taken_in_both_versions(void **state)
{
    const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"),
        EVP_EC_gen("P-521"), EVP_RSA_gen(2048),
        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct desk_identity made = {0};

        make(*state, &(struct desk_wish){.key = keys[i]}, &made);
        for (size_t k = 0; k < 2; k++) {
            struct seen seen;

            show_at(*state, &made, versions[k], &seen);
            assert_string_equal(seen.code, "ok");
        }
        desk_identity_free(&made);
        EVP_PKEY_free(keys[i]);
    }
}

static void an_intermediate_may_come_from_the_client(void **state)
{
    struct stand *stand = *state;
    struct desk_client client;
    struct desk_identity made = {0};
    struct seen seen;

    tls_desk_publish(&stand->desk, "publish/intermediates.pem", NULL, 0);
    look(stand);
    make(stand, &(struct desk_wish){0}, &made);
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "issuer-missing");
    desk_client_open(&stand->desk, &client);
    desk_client_show(&client, &made);
    desk_client_also(&client, &stand->desk.issuing);
    desk_client_connect(&client, stand->listener);
    look_at(&client, &seen);
    assert_string_equal(seen.code, "ok");
    desk_client_close(&client);
    desk_identity_free(&made);
}

/* --- what is wrong has a code of its own ---------------------------------- */

static void kb094_no_certificate_is_told_apart(void **state)
{
    struct seen seen;

    show(*state, NULL, &seen);
    assert_string_equal(seen.code, "absent");
    assert_string_equal(seen.sentence, "no client certificate was shown");
    assert_int_equal(seen.certificate_length, 0);
}

static void kb094_an_expired_one_is_told_apart(void **state)
{
    assert_code(*state,
        &(struct desk_wish){.begins = -2 * TLS_DAY, .ends = -TLS_DAY},
        "expired");
}

static void kb094_one_that_begins_later_is_told_apart(void **state)
{
    assert_code(
        *state, &(struct desk_wish){.begins = TLS_DAY}, "not-yet-valid");
}

static void kb094_one_for_servers_is_told_apart(void **state)
{
    assert_code(
        *state, &(struct desk_wish){.purpose = "serverAuth"}, "usage-mismatch");
}

static void kb094_one_of_strangers_is_told_apart(void **state)
{
    struct stand *stand = *state;

    assert_code(stand, &(struct desk_wish){.issuer = &stand->desk.other},
        "issuer-missing");
}

static void kb094_one_with_its_strange_root_is_told_apart(void **state)
{
    struct stand *stand = *state;
    struct desk_client client;
    struct desk_identity made = {0};
    struct seen seen;

    make(stand, &(struct desk_wish){.issuer = &stand->desk.other}, &made);
    desk_client_open(&stand->desk, &client);
    desk_client_show(&client, &made);
    desk_client_also(&client, &stand->desk.other);
    desk_client_connect(&client, stand->listener);
    look_at(&client, &seen);
    assert_string_equal(seen.code, "root-untrusted");
    desk_client_close(&client);
    desk_identity_free(&made);
}

static void kb094_one_that_signed_itself_is_told_apart(void **state)
{
    struct stand *stand = *state;
    struct seen seen;

    show(stand, &stand->desk.other, &seen);
    assert_string_equal(seen.code, "self-signed-untrusted");
}

static void kb094_a_weak_key_is_told_apart(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(1016);

    assert_non_null(key);
    assert_code(*state, &(struct desk_wish){.key = key}, "key-too-weak");
    EVP_PKEY_free(key);
}

static void kb094_a_false_signature_is_told_apart(void **state)
{
    struct stand *stand = *state;
    struct desk_identity made = {0}, forged = {0};
    RELEASED(buffer) der = BUFFER("certificate", 10000);
    const unsigned char *at = NULL;
    struct seen seen;

    make(stand, &(struct desk_wish){0}, &made);
    desk_encode(made.certificate, &der);
    der.start[der.length - 1] ^= 1;
    at = der.start;
    forged.certificate = d2i_X509(NULL, &at, (long)der.length);
    forged.key = made.key;
    show(stand, &forged, &seen);
    assert_string_equal(seen.code, "signature-invalid");
    X509_free(forged.certificate);
    desk_identity_free(&made);
}

/* --- resumption, other listeners ------------------------------------------ */

static int tickets;

static int count_ticket(SSL *session, SSL_SESSION *made)
{
    (void)session;
    (void)made;
    tickets++;
    return 0;
}

static void no_ticket_carries_a_client_certificate(void **state)
{
    struct stand *stand = *state;
    const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    for (size_t i = 0; i < 2; i++) {
        struct desk_client client;
        uint8_t room[8];
        size_t count = 0;

        tickets = 0;
        desk_client_open(&stand->desk, &client);
        (void)SSL_CTX_set_max_proto_version(client.context, versions[i]);
        SSL_CTX_set_session_cache_mode(client.context, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(client.context, count_ticket);
        desk_client_connect(&client, stand->listener);
        (void)SSL_read_ex(client.session, room, sizeof(room), &count);
        assert_int_equal(client.step, TRANSPORT_DONE);
        if (SSL_version(client.session) == TLS1_3_VERSION)
            assert_int_equal(tickets, 0);
        assert_false(SSL_SESSION_has_ticket(SSL_get_session(client.session)));
        desk_client_close(&client);
    }
}

static void the_public_listener_asks_for_no_certificate(void **state)
{
    struct stand *stand = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    struct desk_identity made = {0};
    struct desk_client client;
    struct seen seen;

    tls_desk_listener(&stand->desk, LISTENER_PUBLIC, &listener);
    make(stand, &(struct desk_wish){0}, &made);
    desk_client_open(&stand->desk, &client);
    desk_client_show(&client, &made);
    desk_client_connect(&client, listener);
    look_at(&client, &seen);
    assert_string_equal(seen.code, "absent");
    desk_client_close(&client);
    desk_identity_free(&made);
}

/* --- no network ----------------------------------------------------------- */

/* 192.0.2.1 (RFC 5737) answers nobody: who asked it would wait. */
static void kb092_nothing_is_fetched_in_a_handshake(void **state)
{
    struct stand *stand = *state;
    struct desk_identity made = {0};
    struct seen seen;
    int64_t began;

    make(stand,
        &(struct desk_wish){.issuer = &stand->desk.other,
            .addresses = "caIssuers;URI:http://192.0.2.1/ca.cer,"
                         "OCSP;URI:http://192.0.2.1/ocsp"},
        &made);
    began = clock_monotonic_ms();
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "issuer-missing");
    assert_true(clock_monotonic_ms() - began < 1000);
    desk_identity_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_certificate_of_ours_is_ok),
        TEST(any_usual_kind_of_key_is_taken_in_both_versions),
        TEST(an_intermediate_may_come_from_the_client),
        TEST(kb094_no_certificate_is_told_apart),
        TEST(kb094_an_expired_one_is_told_apart),
        TEST(kb094_one_that_begins_later_is_told_apart),
        TEST(kb094_one_for_servers_is_told_apart),
        TEST(kb094_one_of_strangers_is_told_apart),
        TEST(kb094_one_with_its_strange_root_is_told_apart),
        TEST(kb094_one_that_signed_itself_is_told_apart),
        TEST(kb094_a_weak_key_is_told_apart),
        TEST(kb094_a_false_signature_is_told_apart),
        TEST(no_ticket_carries_a_client_certificate),
        TEST(the_public_listener_asks_for_no_certificate),
        TEST(kb092_nothing_is_fetched_in_a_handshake),
    };

    return cmocka_run_group_tests(tests, open_crypto, NULL);
}
