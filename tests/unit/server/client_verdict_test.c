#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "base/clock.h"
#include "crypto/start.h"
#include "server/front/client_trust.h"
#include "server/front/tls_parts.h"
#include "tls_desk.h"

/* Each test has a folder and a listener of its own: it publishes as it likes.
 */
struct stand {
    struct tls_desk desk;
    struct tls_listener *listener;
};

static int open_crypto(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_true(crypto_start(&why));
    return 0;
}

static int open_stand(void **state)
{
    struct stand *stand = calloc(1, sizeof(*stand));

    assert_non_null(stand);
    tls_desk_open(&stand->desk);
    tls_desk_listener(&stand->desk, LISTENER_ADMIN, &stand->listener);
    *state = stand;
    return 0;
}

static int close_stand(void **state)
{
    struct stand *stand = *state;

    tls_listener_free(stand->listener);
    tls_desk_close(&stand->desk);
    free(stand);
    return 0;
}

/* --- asking --------------------------------------------------------------- */

struct seen {
    char code[40];
    char sentence[VERDICT_SENTENCE];
    size_t certificate_length;
};

static void look_at(struct desk_client *client, struct seen *seen)
{
    struct transport_client shown = {0};

    transport_client(client->server, &shown);
    (void)snprintf(seen->code, sizeof(seen->code), "%s", shown.code);
    (void)snprintf(
        seen->sentence, sizeof(seen->sentence), "%s", shown.sentence);
    seen->certificate_length = shown.certificate.length;
}

/* A whole handshake with this identity; the handshake itself always works. */
static void show_at(struct stand *stand, const struct desk_identity *identity,
    int version, struct seen *seen)
{
    struct desk_client client;

    desk_client_open(&stand->desk, &client);
    (void)SSL_CTX_set_max_proto_version(client.context, version);
    SSL_CTX_set_security_level(client.context, 0);
    if (identity != NULL)
        desk_client_show(&client, identity);
    desk_client_connect(&client, stand->listener);
    if (client.step != TRANSPORT_DONE)
        fail_msg("%s", client.why.reason);
    look_at(&client, seen);
    desk_client_close(&client);
}

static void show(struct stand *stand, const struct desk_identity *identity,
    struct seen *seen)
{
    show_at(stand, identity, TLS1_3_VERSION, seen);
}

static void make(struct stand *stand, const struct desk_wish *wish,
    struct desk_identity *made)
{
    struct desk_wish whole = *wish;

    if (whole.issuer == NULL)
        whole.issuer = &stand->desk.issuing;
    if (whole.name == NULL)
        whole.name = "Alice";
    if (whole.begins == 0)
        whole.begins = -3600;
    if (whole.ends == 0)
        whole.ends = TLS_DAY;
    if (whole.purpose == NULL)
        whole.purpose = "clientAuth";
    tls_desk_make(&stand->desk, &whole, made);
}

static void look(struct stand *stand)
{
    struct failure why = {0};

    if (!tls_listener_look(stand->listener, &why))
        fail_msg("%s", why.reason);
}

static void assert_code(
    struct stand *stand, const struct desk_wish *wish, const char *code)
{
    struct desk_identity made = {0};
    struct seen seen;

    make(stand, wish, &made);
    show(stand, &made, &seen);
    if (strcmp(seen.code, code) != 0)
        fail_msg("%s rather than %s: %s", seen.code, code, seen.sentence);
    assert_true(seen.certificate_length > 100);
    desk_identity_free(&made);
}

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

/* --- revocation ----------------------------------------------------------- */

static void kb100_a_revoked_certificate_is_refused_by_default(void **state)
{
    struct stand *stand = *state;
    struct desk_identity made = {0};
    struct seen seen;

    make(stand, &(struct desk_wish){0}, &made);
    tls_desk_list(&stand->desk, &stand->desk.issuing, "publish/crl/issuing.crl",
        desk_serial(&made), TLS_DAY);
    look(stand);
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "revoked");
    assert_non_null(strstr(seen.sentence, "crl/issuing.crl"));
    desk_identity_free(&made);
}

static void kb102_a_list_that_comes_later_ends_what_was_judged_before(
    void **state)
{
    struct stand *stand = *state;
    struct desk_identity made = {0};
    struct desk_client client;
    struct seen seen;

    make(stand, &(struct desk_wish){0}, &made);
    desk_client_open(&stand->desk, &client);
    desk_client_show(&client, &made);
    desk_client_connect(&client, stand->listener);
    look_at(&client, &seen);
    assert_string_equal(seen.code, "ok");
    tls_desk_list(&stand->desk, &stand->desk.issuing, "publish/crl/issuing.crl",
        desk_serial(&made), TLS_DAY);
    look(stand);
    /* A connection that stays open is judged again after a while. */
    look_at(&client, &seen);
    assert_string_equal(seen.code, "ok");
    assert_true(CLIENT_VERDICT_MS <= 30000);
    tls_transport_age(client.server, CLIENT_VERDICT_MS);
    look_at(&client, &seen);
    assert_string_equal(seen.code, "revoked");
    desk_client_close(&client);
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "revoked");
    desk_identity_free(&made);
}

static void kb103_an_absent_list_is_unknown_and_not_revoked(void **state)
{
    struct stand *stand = *state;

    assert_int_equal(
        unlink(tls_desk_path(&stand->desk, "publish/crl/issuing.crl")), 0);
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "revocation-unknown");
}

static void kb103_a_list_that_ended_has_a_code_of_its_own(void **state)
{
    struct stand *stand = *state;

    tls_desk_list(
        &stand->desk, &stand->desk.issuing, "publish/crl/issuing.crl", 0, -60);
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "crl-expired");
}

static void kb103_a_damaged_list_has_a_code_of_its_own(void **state)
{
    struct stand *stand = *state;
    struct failure why = {0};

    assert_true(
        file_write(tls_desk_path(&stand->desk, "publish/crl/issuing.crl"),
            bytes_of_text("no list"), 0644, FILE_REPLACE, &why));
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "crl-malformed");
}

static void incident15_the_ended_list_of_a_root_locks_nobody_out(void **state)
{
    struct stand *stand = *state;

    tls_desk_list(
        &stand->desk, &stand->desk.root, "publish/crl/root.crl", 0, -60);
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "ok");
    assert_int_equal(
        unlink(tls_desk_path(&stand->desk, "publish/crl/root.crl")), 0);
    look(stand);
    assert_code(stand, &(struct desk_wish){.name = "Bob"}, "ok");
}

static void an_issuer_that_is_revoked_is_refused(void **state)
{
    struct stand *stand = *state;

    tls_desk_list(&stand->desk, &stand->desk.root, "publish/crl/root.crl",
        desk_serial(&stand->desk.issuing), TLS_DAY);
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "revoked");
}

static void an_unknown_root_list_hides_no_revoked_leaf(void **state)
{
    struct stand *stand = *state;
    struct desk_identity made = {0};
    struct seen seen;

    make(stand, &(struct desk_wish){0}, &made);
    assert_int_equal(
        unlink(tls_desk_path(&stand->desk, "publish/crl/root.crl")), 0);
    tls_desk_list(&stand->desk, &stand->desk.issuing, "publish/crl/issuing.crl",
        desk_serial(&made), TLS_DAY);
    look(stand);
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "revoked");
    assert_int_equal(
        unlink(tls_desk_path(&stand->desk, "publish/crl/issuing.crl")), 0);
    look(stand);
    show(stand, &made, &seen);
    assert_string_equal(seen.code, "revocation-unknown");
    desk_identity_free(&made);
}

/* --- what is published ---------------------------------------------------- */

static void damaged_roots_leave_those_that_were_read_before(void **state)
{
    struct stand *stand = *state;
    struct failure why = {0};

    assert_true(file_write(tls_desk_path(&stand->desk, "publish/roots.pem"),
        bytes_of_text("-----BEGIN CERTIFICATE-----\nAAAA\n"), 0644,
        FILE_REPLACE, &why));
    assert_false(tls_listener_look(stand->listener, &why));
    assert_non_null(strstr(why.reason, "roots.pem"));
    /* Told once. */
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "ok");
}

static void a_new_root_is_taken_without_a_new_start(void **state)
{
    struct stand *stand = *state;
    const struct desk_identity *roots[] = {
        &stand->desk.root, &stand->desk.other};

    tls_desk_list(
        &stand->desk, &stand->desk.other, "publish/crl/other.crl", 0, TLS_DAY);
    tls_desk_publish(&stand->desk, "publish/roots.pem", roots, 2);
    look(stand);
    assert_code(stand, &(struct desk_wish){.issuer = &stand->desk.other}, "ok");
}

static void files_are_read_when_they_changed_alone(void **state)
{
    struct stand *stand = *state;
    uint64_t before, after;
    size_t count = 0;

    (void)client_judge_names(stand->listener->judge, &count, &before);
    look(stand);
    (void)client_judge_names(stand->listener->judge, &count, &after);
    assert_int_equal(before, after);
    tls_desk_list(&stand->desk, &stand->desk.issuing, "publish/crl/issuing.crl",
        0, TLS_DAY);
    look(stand);
    (void)client_judge_names(stand->listener->judge, &count, &after);
    assert_int_not_equal(before, after);
}

static void an_empty_publish_folder_refuses_everybody(void **state)
{
    struct stand *stand = *state;

    assert_int_equal(
        unlink(tls_desk_path(&stand->desk, "publish/roots.pem")), 0);
    look(stand);
    assert_code(stand, &(struct desk_wish){0}, "issuer-missing");
}

/* --- the names a client is told ------------------------------------------- */

static int count_names(struct stand *stand, const char *first)
{
    struct desk_client client;
    const STACK_OF(X509_NAME) * names;
    char text[100] = "";
    int count;

    desk_client_open(&stand->desk, &client);
    desk_client_connect(&client, stand->listener);
    names = SSL_get0_peer_CA_list(client.session);
    count = names == NULL ? 0 : sk_X509_NAME_num(names);
    if (count > 0)
        (void)X509_NAME_get_text_by_NID(
            sk_X509_NAME_value(names, 0), NID_commonName, text, sizeof(text));
    if (first != NULL)
        assert_string_equal(text, first);
    desk_client_close(&client);
    return count;
}

static void kb085_clients_are_told_the_issuing_authorities_alone(void **state)
{
    struct stand *stand = *state;
    const struct desk_identity *roots[] = {
        &stand->desk.root, &stand->desk.other};

    assert_int_equal(count_names(stand, "Desk Issuing"), 1);
    /* A root that issues itself is one. */
    tls_desk_publish(&stand->desk, "publish/roots.pem", roots, 2);
    look(stand);
    assert_int_equal(count_names(stand, "Desk Issuing"), 2);
}

static void kb085_500_authorities_make_no_longer_handshake(void **state)
{
    static struct desk_identity many[500];
    static const struct desk_identity *all[500];
    struct stand *stand = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");

    for (size_t i = 0; i < 500; i++) {
        char name[40];

        (void)snprintf(name, sizeof(name), "Authority number %zu", i);
        make(stand, &(struct desk_wish){.name = name, .key = key}, &many[i]);
        all[i] = &many[i];
    }
    tls_desk_publish(&stand->desk, "publish/intermediates.pem", all, 500);
    look(stand);
    assert_int_equal(count_names(stand, NULL), 0);
    for (size_t i = 0; i < 500; i++)
        desk_identity_free(&many[i]);
    EVP_PKEY_free(key);
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

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_stand, close_stand)

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
        TEST(kb100_a_revoked_certificate_is_refused_by_default),
        TEST(kb102_a_list_that_comes_later_ends_what_was_judged_before),
        TEST(kb103_an_absent_list_is_unknown_and_not_revoked),
        TEST(kb103_a_list_that_ended_has_a_code_of_its_own),
        TEST(kb103_a_damaged_list_has_a_code_of_its_own),
        TEST(incident15_the_ended_list_of_a_root_locks_nobody_out),
        TEST(an_issuer_that_is_revoked_is_refused),
        TEST(an_unknown_root_list_hides_no_revoked_leaf),
        TEST(damaged_roots_leave_those_that_were_read_before),
        TEST(a_new_root_is_taken_without_a_new_start),
        TEST(files_are_read_when_they_changed_alone),
        TEST(an_empty_publish_folder_refuses_everybody),
        TEST(kb085_clients_are_told_the_issuing_authorities_alone),
        TEST(kb085_500_authorities_make_no_longer_handshake),
        TEST(no_ticket_carries_a_client_certificate),
        TEST(the_public_listener_asks_for_no_certificate),
        TEST(kb092_nothing_is_fetched_in_a_handshake),
    };

    return cmocka_run_group_tests(tests, open_crypto, NULL);
}
