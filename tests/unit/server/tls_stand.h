#ifndef TESTS_UNIT_SERVER_TLS_STAND_H
#define TESTS_UNIT_SERVER_TLS_STAND_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "crypto/start.h"
#include "server/front/tls_parts.h"
#include "tls_desk.h"

/* One desk and its public listener, for all tests of a file. */
static struct tls_desk desk;
static struct tls_listener *public_listener;

static inline int open_desk(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_true(crypto_start(&why));
    tls_desk_open(&desk);
    tls_desk_listener(&desk, LISTENER_PUBLIC, &public_listener);
    return 0;
}

static inline int close_desk(void **state)
{
    (void)state;
    tls_listener_free(public_listener);
    tls_desk_close(&desk);
    return 0;
}

static inline void assert_connected(const struct desk_client *client)
{
    if (client->step != TRANSPORT_DONE)
        fail_msg("the server: %s", client->why.reason);
    if (client->answer != 1)
        fail_msg("the client: %s", ERR_reason_error_string(client->error));
}

#endif
