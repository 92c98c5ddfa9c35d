#include "client_stand.h"

#include <unistd.h>

#include "server/front/client_trust.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests(tests, open_crypto, NULL);
}
