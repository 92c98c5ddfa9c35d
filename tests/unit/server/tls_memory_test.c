#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>

#include "crypto/start.h"
#include "server/front/tls_memory.h"
#include "tls_desk.h"

#define MANY (TLS_MEMORY_PIECES + 10)

static size_t in_use_of(size_t size)
{
    struct tls_memory_facts facts = {0};

    tls_memory_facts(size, &facts);
    return facts.in_use;
}

static size_t in_use(void)
{
    return in_use_of(TLS_MEMORY_LARGE);
}

static int start(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    tls_memory_start();
    assert_true(crypto_start(&why));
    return 0;
}

static void large_pieces_have_room_of_their_own(void **state)
{
    const size_t before = in_use();
    uint8_t *small = OPENSSL_malloc(16 * 1024 - 1);
    uint8_t *first = OPENSSL_malloc(16 * 1024);
    uint8_t *last = OPENSSL_malloc(TLS_MEMORY_LARGE);
    uint8_t *large = OPENSSL_malloc(TLS_MEMORY_LARGE + 1);

    (void)state;
    assert_int_equal(in_use(), before + 2);
    assert_int_equal((uintptr_t)first % 4096, 0);
    memset(first, 1, 16 * 1024);
    memset(last, 2, TLS_MEMORY_LARGE);
    assert_int_equal(first[16 * 1024 - 1], 1);
    OPENSSL_free(small);
    OPENSSL_free(first);
    OPENSSL_free(last);
    OPENSSL_free(large);
    assert_int_equal(in_use(), before);
}

static void what_grows_keeps_its_bytes(void **state)
{
    const size_t before = in_use();
    uint8_t *piece = OPENSSL_realloc(NULL, TLS_MEMORY_SMALL - 1);

    (void)state;
    memset(piece, 7, TLS_MEMORY_SMALL - 1);
    piece = OPENSSL_realloc(piece, 16 * 1024);
    assert_int_equal(piece[TLS_MEMORY_SMALL - 2], 7);
    memset(piece, 7, 16 * 1024);
    piece = OPENSSL_realloc(piece, TLS_MEMORY_LARGE);
    assert_int_equal(in_use(), before + 1);
    assert_int_equal(piece[16 * 1024 - 1], 7);
    memset(piece, 8, TLS_MEMORY_LARGE);
    piece = OPENSSL_realloc(piece, 3 * TLS_MEMORY_LARGE);
    assert_int_equal(in_use(), before);
    assert_int_equal(piece[0], 8);
    assert_int_equal(piece[TLS_MEMORY_LARGE - 1], 8);
    OPENSSL_free(piece);
}

/* Beyond the room the heap is used; what was given back is used again. */
static void more_pieces_than_there_are_come_from_the_heap(void **state)
{
    static uint8_t *pieces[MANY];
    const size_t before = in_use();
    struct tls_memory_facts facts = {0};

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < MANY; i++) {
            pieces[i] = OPENSSL_malloc(TLS_MEMORY_LARGE);
            assert_non_null(pieces[i]);
            pieces[i][0] = (uint8_t)i;
            pieces[i][TLS_MEMORY_LARGE - 1] = (uint8_t)(i >> 8);
        }
        assert_int_equal(in_use(), TLS_MEMORY_PIECES);
        for (size_t i = 0; i < MANY; i++) {
            assert_int_equal(pieces[i][0], (uint8_t)i);
            assert_int_equal(
                pieces[i][TLS_MEMORY_LARGE - 1], (uint8_t)(i >> 8));
            OPENSSL_free(pieces[i]);
        }
        assert_int_equal(in_use(), before);
        tls_memory_facts(TLS_MEMORY_LARGE, &facts);
        assert_int_equal(facts.ready, TLS_MEMORY_READY);
    }
}

static void a_handshake_gives_back_what_it_took(void **state)
{
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    struct tls_desk desk;
    struct desk_client client;
    struct failure why = {0};
    size_t before, before_small, count = 0;

    (void)state;
    tls_desk_open(&desk);
    tls_desk_listener(&desk, LISTENER_PUBLIC, &listener);
    before = in_use();
    before_small = in_use_of(TLS_MEMORY_SMALL);
    desk_client_open(&desk, &client);
    desk_client_connect(&client, listener);
    assert_int_equal(client.step, TRANSPORT_DONE);
    assert_int_equal(client.server->verbs->write(
                         client.server, bytes_of_text("answer"), &count, &why),
        TRANSPORT_DONE);
    desk_client_close(&client);
    assert_int_equal(in_use(), before);
    assert_int_equal(in_use_of(TLS_MEMORY_SMALL), before_small);
    tls_desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_pieces_have_room_of_their_own),
        cmocka_unit_test(what_grows_keeps_its_bytes),
        cmocka_unit_test(more_pieces_than_there_are_come_from_the_heap),
        cmocka_unit_test(a_handshake_gives_back_what_it_took),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
