#include "fixture.h"

#include "crypto/start.h"
#include "server/admin/sessions.h"

/* Time passes as the test says. */
static int64_t now_ms;

static int64_t read_time(void)
{
    return now_ms;
}

static struct admin_sessions *new_sessions(void)
{
    struct admin_sessions *sessions = NULL;
    struct failure why = {0};

    now_ms = 1000;
    assert_done(admin_sessions_new(read_time, &sessions, &why), why);
    return sessions;
}

static const struct session_holder alice = {
    7, {(const uint8_t *)"certificate of alice", 20}};
static const struct session_holder bob = {
    8, {(const uint8_t *)"certificate of bob", 18}};

static void begin(struct admin_sessions *sessions,
    const struct session_holder *holder,
    char cookie[static SESSION_COOKIE_TEXT])
{
    struct failure why = {0};

    assert_done(admin_session_begin(sessions, holder, cookie, &why), why);
}

static bool finds(struct admin_sessions *sessions,
    const struct session_holder *holder, const char *cookie)
{
    uint8_t secret[SESSION_SECRET_BYTES];
    char header[128];
    struct failure why = {0};
    bool found = false;

    (void)snprintf(
        header, sizeof(header), "a=b; " SESSION_COOKIE "=%s; c=d", cookie);
    assert_done(
        admin_session_find(sessions, holder, header, &found, secret, &why),
        why);
    return found;
}

static void a_session_is_of_one_person_and_certificate(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    struct session_holder renewed = {7, bob.certificate};
    struct session_holder stolen = {8, alice.certificate};
    char cookie[SESSION_COOKIE_TEXT], other[SESSION_COOKIE_TEXT];

    (void)state;
    begin(sessions, &alice, cookie);
    begin(sessions, &bob, other);
    assert_string_not_equal(cookie, other);
    assert_true(finds(sessions, &alice, cookie));
    assert_false(finds(sessions, &bob, cookie));
    assert_false(finds(sessions, &renewed, cookie));
    assert_false(finds(sessions, &stolen, cookie));
    cookie[0] = cookie[0] == '0' ? '1' : '0';
    assert_false(finds(sessions, &alice, cookie));
}

static void fifteen_minutes_without_use_end_it(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    char cookie[SESSION_COOKIE_TEXT];

    (void)state;
    begin(sessions, &alice, cookie);
    now_ms += SESSION_IDLE_MS - 1;
    assert_true(finds(sessions, &alice, cookie));
    now_ms += SESSION_IDLE_MS - 1;
    assert_true(finds(sessions, &alice, cookie));
    now_ms += SESSION_IDLE_MS;
    assert_false(finds(sessions, &alice, cookie));
    now_ms -= SESSION_IDLE_MS;
    assert_int_equal(SESSION_IDLE_MS, 15 * 60 * 1000);
}

static void twelve_hours_end_it_whatever_its_use(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    char cookie[SESSION_COOKIE_TEXT];
    int64_t end = now_ms + SESSION_LONGEST_MS;

    (void)state;
    begin(sessions, &alice, cookie);
    while (now_ms + SESSION_IDLE_MS / 2 < end) {
        now_ms += SESSION_IDLE_MS / 2;
        assert_true(finds(sessions, &alice, cookie));
    }
    now_ms = end;
    assert_false(finds(sessions, &alice, cookie));
}

static void what_was_ended_is_not_found(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    char cookie[SESSION_COOKIE_TEXT], header[128];
    struct failure why = {0};

    (void)state;
    begin(sessions, &alice, cookie);
    (void)snprintf(header, sizeof(header), SESSION_COOKIE "=%s", cookie);
    assert_done(admin_session_end(sessions, &bob, header, &why), why);
    assert_true(finds(sessions, &alice, cookie));
    assert_done(admin_session_end(sessions, &alice, header, &why), why);
    assert_false(finds(sessions, &alice, cookie));
    assert_done(admin_session_end(sessions, &alice, header, &why), why);
    assert_done(admin_session_end(sessions, &alice, NULL, &why), why);
}

static void properties32_a_person_takes_nobodys_place(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    char first[SESSION_COOKIE_TEXT], cookie[SESSION_COOKIE_TEXT],
        bobs[SESSION_COOKIE_TEXT];

    (void)state;
    begin(sessions, &bob, bobs);
    begin(sessions, &alice, first);
    for (int i = 0; i < 3 * SESSIONS_MAX; i++) {
        now_ms++;
        begin(sessions, &alice, cookie);
    }
    assert_true(finds(sessions, &bob, bobs));
    assert_true(finds(sessions, &alice, cookie));
    assert_false(finds(sessions, &alice, first));
}

static void beyond_the_most_is_told_and_ends_with_the_idle_ones(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    char cookie[SESSION_COOKIE_TEXT];
    struct session_holder holder = alice;
    struct failure why = {0};

    (void)state;
    for (int i = 0; i < SESSIONS_MAX; i++) {
        holder.person = i + 1;
        begin(sessions, &holder, cookie);
    }
    holder.person++;
    assert_false(admin_session_begin(sessions, &holder, cookie, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
    now_ms += SESSION_IDLE_MS;
    begin(sessions, &holder, cookie);
    assert_true(finds(sessions, &holder, cookie));
}

static void each_session_and_each_certificate_has_its_own_secret(void **state)
{
    SCOPED_STRUCT(admin_sessions) *sessions = new_sessions();
    uint8_t secrets[2][SESSION_SECRET_BYTES];
    struct failure why = {0};

    (void)state;
    assert_done(
        admin_sessions_secret(sessions, alice.certificate, secrets[0], &why),
        why);
    assert_done(
        admin_sessions_secret(sessions, bob.certificate, secrets[1], &why),
        why);
    assert_memory_not_equal(secrets[0], secrets[1], SESSION_SECRET_BYTES);
}

/* --- cookies ------------------------------------------------------------- */

#define DIGITS \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void our_cookie_is_found_among_others(void **state)
{
    static const char *const headers[] = {SESSION_COOKIE "=" DIGITS,
        "a=b; " SESSION_COOKIE "=" DIGITS, SESSION_COOKIE "=" DIGITS "; a=b",
        "chancery=x;" SESSION_COOKIE "=" DIGITS ";",
        "a; =; ;; " SESSION_COOKIE "=" DIGITS};
    char cookie[SESSION_COOKIE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        assert_true(session_cookie_read(headers[i], cookie));
        assert_string_equal(cookie, DIGITS);
    }
}

static void what_is_not_our_cookie_is_none(void **state)
{
    static const char *const headers[] = {"", "a=b", SESSION_COOKIE,
        SESSION_COOKIE "=", SESSION_COOKIE "=" DIGITS "0",
        SESSION_COOKIE "=\"" DIGITS "\"", "x" SESSION_COOKIE "=" DIGITS,
        "__host-chancery=" DIGITS, SESSION_COOKIE " =" DIGITS,
        SESSION_COOKIE "=" DIGITS " ",
        SESSION_COOKIE
        "=00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
        SESSION_COOKIE "=" DIGITS "; " SESSION_COOKIE "=" DIGITS};
    char cookie[SESSION_COOKIE_TEXT];

    (void)state;
    assert_false(session_cookie_read(NULL, cookie));
    for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
        if (session_cookie_read(headers[i], cookie))
            fail_msg("taken: %s", headers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_of_one_person_and_certificate),
        cmocka_unit_test(fifteen_minutes_without_use_end_it),
        cmocka_unit_test(twelve_hours_end_it_whatever_its_use),
        cmocka_unit_test(what_was_ended_is_not_found),
        cmocka_unit_test(properties32_a_person_takes_nobodys_place),
        cmocka_unit_test(beyond_the_most_is_told_and_ends_with_the_idle_ones),
        cmocka_unit_test(each_session_and_each_certificate_has_its_own_secret),
        cmocka_unit_test(our_cookie_is_found_among_others),
        cmocka_unit_test(what_is_not_our_cookie_is_none),
    };

    struct failure why = {0};

    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
