#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "crypto/start.h"
#include "server/front/tls_parts.h"
#include "server/front_protocol.h"
#include "tls_desk.h"
#include "x509/request.h"

/* A folder for each test. */
static int open_desk(void **state)
{
    struct tls_desk *desk = calloc(1, sizeof(*desk));

    assert_non_null(desk);
    tls_desk_open(desk);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct tls_desk *desk = *state;

    clock_follow_the_machine();
    tls_desk_close(desk);
    free(desk);
    return 0;
}

static int open_crypto(void **state)
{
    struct failure why = {0};

    (void)state;
    assert_true(crypto_start(&why));
    return 0;
}

static void open_listener(
    struct tls_desk *desk, const char *name, struct tls_listener **listener)
{
    const char *names[] = {name};
    const struct tls_wish wish = {.directory = desk->folder,
        .listener = LISTENER_PUBLIC,
        .names = names,
        .name_count = 1};
    struct failure why = {0};

    if (!tls_listener_new(&wish, listener, &why))
        fail_msg("%s", why.reason);
}

/* One that has its certificate, as the next start finds it. */
static void leave_certificate(struct tls_desk *desk, int64_t lives)
{
    SCOPED_STRUCT(tls_listener) *listener = NULL;

    open_listener(desk, "localhost", &listener);
    tls_desk_certify(desk, listener, lives);
}

static enum own_state state_of(struct tls_listener *listener)
{
    return own_certificate_state(listener->own, clock_now());
}

static bool asks(struct tls_listener *listener, struct buffer *message)
{
    struct failure why = {0};
    bool wanted = false;

    buffer_clear(message);
    if (!tls_listener_certify(listener, message, &wanted, &why))
        fail_msg("%s", why.reason);
    assert_int_equal(wanted, message->length > 0);
    return wanted;
}

static bool is_there(const struct tls_desk *desk, const char *name)
{
    return access(tls_desk_path(desk, name), F_OK) == 0;
}

static mode_t mode_of(const struct tls_desk *desk, const char *name)
{
    struct stat facts = {0};

    assert_int_equal(stat(tls_desk_path(desk, name), &facts), 0);
    return facts.st_mode & 07777;
}

static void put(const struct tls_desk *desk, const char *name, const char *text)
{
    struct failure why = {0};

    assert_true(file_write(tls_desk_path(desk, name), bytes_of_text(text), 0600,
        FILE_REPLACE, &why));
}

/* --- the first one -------------------------------------------------------- */

static void the_first_start_makes_a_key_and_asks(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);

    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_MISSING);
    assert_int_equal(mode_of(desk, "tls"), 0700);
    assert_true(asks(listener, &message));
    assert_int_equal(mode_of(desk, "tls/public/own.next"), 0600);
    assert_false(is_there(desk, "tls/public/own.pem"));
    /* Not twice. */
    assert_false(asks(listener, &message));
}

static void the_request_is_for_the_names_and_signed_by_its_key(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    const char *names[] = {"ca.example.org", "192.0.2.7"};
    struct request request = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};
    static const uint8_t wanted[] = "\x30\x16\x82\x0e"
                                    "ca.example.org"
                                    "\x87\x04\xc0\x00\x02\x07";
    struct extension alternative = {0};
    bool found = false;

    open_listener(desk, "localhost", &listener);
    assert_true(tls_listener_rename(listener, names, 2, &why));
    assert_true(asks(listener, &message));
    assert_true(request_read(
        (struct bytes){message.start + 5, message.length - 5}, &request, &why));
    assert_true(request_verify(&request, &parts, &why));
    assert_string_equal(parts.algorithm->name, "p256");
    assert_true(extensions_find(
        request.extensions, OID_SUBJECT_ALT_NAME, &alternative, &found, &why));
    assert_true(found);
    assert_int_equal(alternative.value.length, sizeof(wanted) - 1);
    assert_memory_equal(alternative.value.start, wanted, sizeof(wanted) - 1);
}

static void what_was_certified_is_there_at_the_next_start(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);

    leave_certificate(desk, 90 * TLS_DAY);
    assert_int_equal(mode_of(desk, "tls/public/own.key"), 0600);
    assert_int_equal(mode_of(desk, "tls/public/own.pem"), 0644);
    assert_false(is_there(desk, "tls/public/own.next"));
    open_listener(desk, "localhost", &listener);
    assert_true(tls_listener_ready(listener));
    assert_int_equal(state_of(listener), OWN_GOOD);
    assert_int_equal(listener->own->chain_count, 2);
    assert_false(asks(listener, &message));
}

/* --- a kill between the files --------------------------------------------- */

static void a_key_that_did_not_get_its_name_is_found(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;

    leave_certificate(desk, 90 * TLS_DAY);
    assert_int_equal(rename(tls_desk_path(desk, "tls/public/own.key"),
                         tls_desk_path(desk, "tls/public/own.next")),
        0);
    put(desk, "tls/public/own.key", "the key before");
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_GOOD);
    assert_false(is_there(desk, "tls/public/own.next"));
    tls_listener_free(listener);
    listener = NULL;
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_GOOD);
}

static void a_kill_while_it_is_asked_leaves_the_old_one(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    const char *names[] = {"other.example.org"};
    struct failure why = {0};

    leave_certificate(desk, 90 * TLS_DAY);
    open_listener(desk, "localhost", &listener);
    assert_true(tls_listener_rename(listener, names, 1, &why));
    assert_true(asks(listener, &message));
    assert_true(is_there(desk, "tls/public/own.next"));
    tls_listener_free(listener);
    listener = NULL;
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_GOOD);
}

/* --- damage --------------------------------------------------------------- */

static void damaged_files_are_told_and_made_anew(void **state)
{
    static const struct {
        const char *file, *text, *why;
    } damages[] = {
        {"tls/public/own.pem", "", "own.pem"},
        {"tls/public/own.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n",
            "own.pem"},
        {"tls/public/own.key", "no key", "tls/public/own.key: "},
        {"tls/public/own.key",
            "-----BEGIN PRIVATE KEY-----\n"
            "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
            "-----END PRIVATE KEY-----\n",
            "tls/public/own.key: the certificate is for another key"},
    };

    struct tls_desk *desk = *state;

    for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
        SCOPED_STRUCT(tls_listener) *listener = NULL;
        struct failure why = {0};

        leave_certificate(desk, 90 * TLS_DAY);
        put(desk, damages[i].file, damages[i].text);
        open_listener(desk, "localhost", &listener);
        assert_false(tls_listener_ready(listener));
        assert_int_equal(state_of(listener), OWN_MISSING);
        if (strstr(listener->own->why, damages[i].why) == NULL)
            fail_msg("%s: %s", damages[i].text, listener->own->why);
        tls_desk_certify(desk, listener, 90 * TLS_DAY);
        assert_int_equal(state_of(listener), OWN_GOOD);
        assert_true(folder_remove(tls_desk_path(desk, "tls"), &why));
    }
}

static void a_key_that_is_lost_is_made_anew(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;

    leave_certificate(desk, 90 * TLS_DAY);
    assert_int_equal(unlink(tls_desk_path(desk, "tls/public/own.key")), 0);
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_MISSING);
    assert_non_null(strstr(listener->own->why, "own.key"));
    tls_desk_certify(desk, listener, 90 * TLS_DAY);
    assert_true(tls_listener_ready(listener));
}

/* --- age ------------------------------------------------------------------ */

static void another_is_wanted_when_two_thirds_are_gone(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);

    leave_certificate(desk, 90 * TLS_DAY);
    open_listener(desk, "localhost", &listener);
    clock_set(desk->now + 59 * TLS_DAY);
    assert_int_equal(state_of(listener), OWN_GOOD);
    clock_set(desk->now + 60 * TLS_DAY + 60);
    assert_int_equal(state_of(listener), OWN_DUE);
    assert_non_null(strstr(listener->own->why, "two thirds"));
    assert_true(asks(listener, &message));
    assert_true(tls_listener_ready(listener));
}

static void incident15_one_that_ended_serves_until_another_comes(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    struct desk_client client;

    leave_certificate(desk, 90 * TLS_DAY);
    clock_set(desk->now + 91 * TLS_DAY);
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_EXPIRED);
    assert_non_null(strstr(listener->own->why, "ended at "));
    assert_true(tls_listener_ready(listener));
    desk_client_open(desk, &client);
    desk_client_connect(&client, listener);
    assert_int_equal(client.step, TRANSPORT_DONE);
    desk_client_close(&client);
    clock_follow_the_machine();
}

/* What the log is told meanwhile. */
static void hear_look(struct tls_listener *listener, char said[static 1000])
{
    const int kept = dup(STDERR_FILENO);
    const int file = memfd_create("log", MFD_CLOEXEC);
    struct failure why = {0};
    ssize_t count;

    assert_true(kept >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    assert_true(tls_listener_look(listener, &why));
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    count = pread(file, said, 999, 0);
    assert_true(count >= 0);
    said[count] = '\0';
    (void)close(file);
    (void)close(kept);
}

static void incident15_one_that_ended_is_an_error_of_the_log(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    char said[1000];

    leave_certificate(desk, 90 * TLS_DAY);
    open_listener(desk, "localhost", &listener);
    hear_look(listener, said);
    assert_string_equal(said, "");
    clock_set(desk->now + 91 * TLS_DAY);
    hear_look(listener, said);
    assert_non_null(strstr(said, "error: own-certificate listener=\"public\" "
                                 "state=\"expired\""));
    hear_look(listener, said);
    assert_string_equal(said, "");
    listener->told_ms -= 3600 * 1000;
    hear_look(listener, said);
    assert_non_null(strstr(said, "expired"));
}

static void kb119_a_missing_one_is_an_error_of_the_log_after_a_while(
    void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    char said[1000];

    open_listener(desk, "localhost", &listener);
    hear_look(listener, said);
    assert_string_equal(said, "");
    listener->born_ms -= 5000;
    hear_look(listener, said);
    assert_non_null(strstr(said, "state=\"missing\" "
                                 "why=\"there is no certificate yet\""));
}

/* --- names ---------------------------------------------------------------- */

static void another_is_wanted_when_the_names_change(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);

    leave_certificate(desk, 90 * TLS_DAY);
    open_listener(desk, "pki.example.org", &listener);
    assert_int_equal(state_of(listener), OWN_DUE);
    assert_string_equal(listener->own->why, "it does not name pki.example.org");
    assert_true(asks(listener, &message));
}

/* The desk certifies "localhost" whatever was asked. */
static void names_that_the_keeper_chose_are_not_asked_again(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);

    open_listener(desk, "pki.example.org", &listener);
    tls_desk_certify(desk, listener, 90 * TLS_DAY);
    assert_int_equal(state_of(listener), OWN_GOOD);
    assert_false(asks(listener, &message));
}

static void names_that_are_none_are_refused_by_name(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    const char *names[] = {"not a name"};
    struct failure why = {0};

    open_listener(desk, "localhost", &listener);
    assert_false(tls_listener_rename(listener, names, 1, &why));
    assert_int_equal(why.kind, FAILURE_UNSUITABLE);
    assert_non_null(strstr(why.reason, "not a name"));
    assert_false(tls_listener_rename(listener, names, 0, &why));
    assert_string_equal(
        why.reason, "a TLS listener has 1 to 64 names of its own, not 0");
    assert_string_equal(listener->own->names[0], "localhost");
}

/* --- what comes ----------------------------------------------------------- */

static void refuse_message(struct tls_listener *listener,
    const struct desk_identity *identity, const char *reason)
{
    RELEASED(buffer) body = BUFFER("body", REQUEST_MAX);
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    RELEASED(buffer) der = BUFFER("certificate", REQUEST_MAX);
    struct failure why = {0};

    listener->own->ask_again_ms = 0;
    assert_true(asks(listener, &message));
    desk_encode(identity->certificate, &der);
    assert_true(
        message_add(&body, FRONT_FIELD_CERTIFICATE, buffer_view(&der), &why));
    assert_false(tls_listener_certified(listener, buffer_view(&body), &why));
    assert_string_equal(why.reason, reason);
    /* Later, but again. */
    assert_false(asks(listener, &message));
    assert_null(listener->own->next);
}

static void a_certificate_for_another_key_is_refused(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    const char *names[] = {"pki.example.org"};
    struct failure why = {0};

    leave_certificate(desk, 90 * TLS_DAY);
    open_listener(desk, "localhost", &listener);
    assert_true(tls_listener_rename(listener, names, 1, &why));
    refuse_message(listener, &desk->issuing,
        "the certificate is for another key than the one beside it");
    assert_true(tls_listener_ready(listener));
    tls_listener_free(listener);
    listener = NULL;
    open_listener(desk, "localhost", &listener);
    assert_int_equal(state_of(listener), OWN_GOOD);
}

static void what_nobody_asked_for_is_refused(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) body = BUFFER("body", REQUEST_MAX);
    RELEASED(buffer) der = BUFFER("certificate", REQUEST_MAX);
    struct failure why = {0};

    open_listener(desk, "localhost", &listener);
    desk_encode(desk->issuing.certificate, &der);
    assert_true(
        message_add(&body, FRONT_FIELD_CERTIFICATE, buffer_view(&der), &why));
    assert_false(tls_listener_certified(listener, buffer_view(&body), &why));
    assert_string_equal(
        why.reason, "a certificate for TLS came that nobody asked for");
}

static void a_chain_without_its_leaf_is_refused(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) body = BUFFER("body", REQUEST_MAX);
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    struct failure why = {0};

    open_listener(desk, "localhost", &listener);
    assert_true(asks(listener, &message));
    assert_true(message_add_text(&body, FRONT_FIELD_CHAIN, "x", &why));
    assert_false(tls_listener_certified(listener, buffer_view(&body), &why));
    assert_string_equal(why.reason, "a certificate for TLS comes first, and "
                                    "its issuers behind it, 8 in all "
                                    "at most");
    assert_false(tls_listener_certified(listener, (struct bytes){0}, &why));
}

static void a_refusal_is_asked_again_later_and_later(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    int64_t now, wait = 0, before = 0;

    open_listener(desk, "localhost", &listener);
    for (int i = 0; i < 8; i++) {
        listener->own->ask_again_ms = 0;
        assert_true(asks(listener, &message));
        now = clock_monotonic_ms();
        tls_listener_refused(listener);
        wait = listener->own->ask_again_ms - now;
        assert_true(wait >= before && wait <= 60100);
        assert_true(i > 0 || wait < 2100);
        before = wait;
        assert_false(asks(listener, &message));
    }
    assert_true(wait >= 60000);
}

static void a_folder_that_takes_nothing_is_told(void **state)
{
    struct tls_desk *desk = *state;
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    RELEASED(buffer) message = BUFFER("message", REQUEST_MAX);
    struct failure why = {0};
    bool wanted = true;

    open_listener(desk, "localhost", &listener);
    assert_true(folder_remove(tls_desk_path(desk, "tls"), &why));
    assert_false(tls_listener_certify(listener, &message, &wanted, &why));
    assert_non_null(strstr(why.reason, "tls"));
    assert_false(wanted);
    /* Not at once again. */
    assert_false(asks(listener, &message));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_start_makes_a_key_and_asks),
        TEST(the_request_is_for_the_names_and_signed_by_its_key),
        TEST(what_was_certified_is_there_at_the_next_start),
        TEST(a_key_that_did_not_get_its_name_is_found),
        TEST(a_kill_while_it_is_asked_leaves_the_old_one),
        TEST(damaged_files_are_told_and_made_anew),
        TEST(a_key_that_is_lost_is_made_anew),
        TEST(another_is_wanted_when_two_thirds_are_gone),
        TEST(incident15_one_that_ended_serves_until_another_comes),
        TEST(incident15_one_that_ended_is_an_error_of_the_log),
        TEST(kb119_a_missing_one_is_an_error_of_the_log_after_a_while),
        TEST(another_is_wanted_when_the_names_change),
        TEST(names_that_the_keeper_chose_are_not_asked_again),
        TEST(names_that_are_none_are_refused_by_name),
        TEST(a_certificate_for_another_key_is_refused),
        TEST(what_nobody_asked_for_is_refused),
        TEST(a_chain_without_its_leaf_is_refused),
        TEST(a_refusal_is_asked_again_later_and_later),
        TEST(a_folder_that_takes_nothing_is_told),
    };

    return cmocka_run_group_tests(tests, open_crypto, NULL);
}
