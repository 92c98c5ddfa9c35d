#include "tls_stand.h"

static SSL_SESSION *kept_session;

static int keep_session(SSL *session, SSL_SESSION *made)
{
    (void)session;
    SSL_SESSION_free(kept_session);
    kept_session = made;
    return 1;
}

/* Reads what comes after the handshake: TLS 1.3 sends tickets then. */
static void take_tickets(struct desk_client *client)
{
    uint8_t room[8];
    size_t count = 0;

    (void)SSL_read_ex(client->session, room, sizeof(room), &count);
}

static bool is_resumed(
    struct desk_client *client, struct tls_listener *listener)
{
    bool resumed;

    client->session = SSL_new(client->context);
    assert_non_null(kept_session);
    assert_int_equal(SSL_set_session(client->session, kept_session), 1);
    desk_client_connect(client, listener);
    assert_connected(client);
    resumed = SSL_session_reused(client->session) == 1;
    desk_client_end(client);
    return resumed;
}

static void open_for_tickets(struct desk_client *client, int version)
{
    desk_client_open(&desk, client);
    (void)SSL_CTX_set_max_proto_version(client->context, version);
    SSL_CTX_set_session_cache_mode(
        client->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client->context, keep_session);
}

/* A client uses a ticket of TLS 1.3 once; a thief of it would not. */
static bool is_resumed_with(struct desk_client *client, SSL_SESSION *session)
{
    SSL_SESSION_free(kept_session);
    kept_session = SSL_SESSION_dup(session);
    return is_resumed(client, public_listener);
}

static void a_session_is_resumed_for_two_hours_at_most(void **state)
{
    const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct desk_client client;
        SSL_SESSION *first = NULL;

        open_for_tickets(&client, versions[i]);
        desk_client_connect(&client, public_listener);
        assert_connected(&client);
        take_tickets(&client);
        desk_client_end(&client);
        first = kept_session;
        kept_session = NULL;
        assert_true(is_resumed_with(&client, first));
        tls_tickets_age(public_listener->tickets, TICKET_KEY_MS + 1);
        assert_true(is_resumed_with(&client, first));
        tls_tickets_age(public_listener->tickets, TICKET_KEY_MS + 1);
        assert_false(is_resumed_with(&client, first));
        SSL_SESSION_free(first);
        SSL_SESSION_free(kept_session);
        kept_session = NULL;
        desk_client_close(&client);
    }
}

static void ticket_keys_that_nobody_used_for_days_are_gone(void **state)
{
    struct desk_client client;

    (void)state;
    open_for_tickets(&client, TLS1_3_VERSION);
    desk_client_connect(&client, public_listener);
    take_tickets(&client);
    desk_client_end(&client);
    tls_tickets_age(public_listener->tickets, 50 * TICKET_KEY_MS);
    assert_false(is_resumed(&client, public_listener));
    SSL_SESSION_free(kept_session);
    kept_session = NULL;
    desk_client_close(&client);
}

static void a_ticket_of_another_front_is_a_full_handshake(void **state)
{
    SCOPED_STRUCT(tls_listener) *another = NULL;
    struct desk_client client;

    (void)state;
    tls_desk_listener(&desk, LISTENER_PUBLIC, &another);
    open_for_tickets(&client, TLS1_3_VERSION);
    desk_client_connect(&client, public_listener);
    take_tickets(&client);
    desk_client_end(&client);
    assert_false(is_resumed(&client, another));
    SSL_SESSION_free(kept_session);
    kept_session = NULL;
    desk_client_close(&client);
}

static void nothing_is_sent_before_the_handshake_is_done(void **state)
{
    struct desk_client client;

    (void)state;
    open_for_tickets(&client, TLS1_3_VERSION);
    desk_client_connect(&client, public_listener);
    take_tickets(&client);
    assert_int_equal(SSL_SESSION_get_max_early_data(kept_session), 0);
    SSL_SESSION_free(kept_session);
    kept_session = NULL;
    desk_client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_resumed_for_two_hours_at_most),
        cmocka_unit_test(ticket_keys_that_nobody_used_for_days_are_gone),
        cmocka_unit_test(a_ticket_of_another_front_is_a_full_handshake),
        cmocka_unit_test(nothing_is_sent_before_the_handshake_is_done),
    };

    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
