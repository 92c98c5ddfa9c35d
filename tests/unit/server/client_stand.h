#ifndef TESTS_UNIT_SERVER_CLIENT_STAND_H
#define TESTS_UNIT_SERVER_CLIENT_STAND_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "server/front/tls_parts.h"
#include "tls_desk.h"

/* Each test has a folder and a listener of its own: it publishes as it likes.
 */
struct stand {
    struct tls_desk desk;
    struct tls_listener *listener;
};

static inline int open_crypto(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_true(crypto_start(&why));
    return 0;
}

static inline int open_stand(void **state)
{
    struct stand *stand = calloc(1, sizeof(*stand));

    assert_non_null(stand);
    tls_desk_open(&stand->desk);
    tls_desk_listener(&stand->desk, LISTENER_ADMIN, &stand->listener);
    *state = stand;
    return 0;
}

static inline int close_stand(void **state)
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

static inline void look_at(struct desk_client *client, struct seen *seen)
{
    struct transport_client shown = {0};

    transport_client(client->server, &shown);
    (void)snprintf(seen->code, sizeof(seen->code), "%s", shown.code);
    (void)snprintf(
        seen->sentence, sizeof(seen->sentence), "%s", shown.sentence);
    seen->certificate_length = shown.certificate.length;
}

/* A whole handshake with this identity; the handshake itself always works. */
static inline void show_at(struct stand *stand,
    const struct desk_identity *identity, int version, struct seen *seen)
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

static inline void show(struct stand *stand,
    const struct desk_identity *identity, struct seen *seen)
{
    show_at(stand, identity, TLS1_3_VERSION, seen);
}

static inline void make(struct stand *stand, const struct desk_wish *wish,
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

static inline void look(struct stand *stand)
{
    struct failure why = {0};

    if (!tls_listener_look(stand->listener, &why))
        fail_msg("%s", why.reason);
}

static inline void assert_code(
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

/* --- running -------------------------------------------------------------- */

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_stand, close_stand)

#endif
