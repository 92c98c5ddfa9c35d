#include "server/admin/sessions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/random.h"

#define COOKIE_BYTES 32

struct session {
    bool is_there;
    int64_t person;
    int64_t began_ms, used_ms;
    uint8_t cookie[SHA256_BYTES]; /* its SHA-256 */
    uint8_t certificate[SHA256_BYTES];
    uint8_t secret[SESSION_SECRET_BYTES];
};

struct admin_sessions {
    pthread_mutex_t lock;
    int64_t (*milliseconds)(void);
    uint8_t key[DIGEST_KEY_BYTES];
    struct session rows[SESSIONS_MAX];
};

bool admin_sessions_new(int64_t (*milliseconds)(void),
    struct admin_sessions **sessions, struct failure *why)
{
    struct admin_sessions *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    (void)pthread_mutex_init(&made->lock, NULL);
    made->milliseconds = milliseconds;
    random_fill(made->key, sizeof(made->key));
    *sessions = made;
    return true;
}

void admin_sessions_free(struct admin_sessions *sessions)
{
    if (sessions == NULL)
        return;
    (void)pthread_mutex_destroy(&sessions->lock);
    wipe(sessions, sizeof(*sessions));
    free(sessions);
}

bool admin_sessions_secret(const struct admin_sessions *sessions,
    struct bytes certificate, uint8_t secret[static SESSION_SECRET_BYTES],
    struct failure *why)
{
    const struct bytes parts[] = {bytes_of_text("before"), certificate};

    return keyed_digest(sessions->key, parts, 2, secret, why);
}

/* --- cookies ------------------------------------------------------------- */

static bool is_lower_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!(text[i] >= '0' && text[i] <= '9') &&
            !(text[i] >= 'a' && text[i] <= 'f'))
            return false;
    }
    return true;
}

static bool take_value(
    const char *value, size_t length, char cookie[static SESSION_COOKIE_TEXT])
{
    if (length != SESSION_COOKIE_TEXT - 1 || !is_lower_hex(value, length))
        return false;
    memcpy(cookie, value, length);
    cookie[length] = '\0';
    return true;
}

bool session_cookie_read(
    const char *cookies, char cookie[static SESSION_COOKIE_TEXT])
{
    static const char name[] = SESSION_COOKIE "=";
    bool found = false;

    while (cookies != NULL && *cookies != '\0') {
        size_t length = strcspn(cookies, ";");

        if (strncmp(cookies, name, sizeof(name) - 1) == 0) {
            if (found || !take_value(cookies + sizeof(name) - 1,
                             length - (sizeof(name) - 1), cookie))
                return false;
            found = true;
        }
        cookies += length;
        cookies += strspn(cookies, "; ");
    }
    return found;
}

/* --- rows ---------------------------------------------------------------- */

static bool has_ended(const struct session *session, int64_t now_ms)
{
    return now_ms - session->used_ms >= SESSION_IDLE_MS ||
           now_ms - session->began_ms >= SESSION_LONGEST_MS;
}

static void forget(struct session *session)
{
    wipe(session, sizeof(*session));
}

static void forget_ended(struct admin_sessions *sessions, int64_t now_ms)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (sessions->rows[i].is_there && has_ended(&sessions->rows[i], now_ms))
            forget(&sessions->rows[i]);
    }
}

/* A row that is free; one of this person's own, when they have their number. */
static struct session *find_room(
    struct admin_sessions *sessions, int64_t person)
{
    struct session *empty = NULL, *oldest = NULL;
    size_t count = 0;

    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->rows[i];

        if (!session->is_there) {
            empty = empty == NULL ? session : empty;
        } else if (session->person == person) {
            count++;
            if (oldest == NULL || session->used_ms < oldest->used_ms)
                oldest = session;
        }
    }
    return count >= SESSIONS_EACH ? oldest : empty;
}

static struct session *find_row(struct admin_sessions *sessions,
    const struct session *wanted, int64_t now_ms)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->rows[i];

        if (session->is_there && session->person == wanted->person &&
            memcmp(session->cookie, wanted->cookie, SHA256_BYTES) == 0 &&
            memcmp(session->certificate, wanted->certificate, SHA256_BYTES) ==
                0 &&
            !has_ended(session, now_ms))
            return session;
    }
    return NULL;
}

/* What a row of theirs says. */
static bool describe(const struct session_holder *holder, const char *cookie,
    struct session *session, struct failure *why)
{
    const struct bytes text = bytes_of_text(cookie);

    *session = (struct session){.is_there = true, .person = holder->person};
    return sha256(&text, 1, session->cookie, why) &&
           sha256(&holder->certificate, 1, session->certificate, why);
}

/* --- its life --------------------------------------------------------------
 */

bool admin_session_begin(struct admin_sessions *sessions,
    const struct session_holder *holder,
    char cookie[static SESSION_COOKIE_TEXT], struct failure *why)
{
    uint8_t bytes[COOKIE_BYTES];
    struct session made, *room;

    random_fill(bytes, sizeof(bytes));
    hex_print((struct bytes){bytes, sizeof(bytes)}, cookie);
    wipe(bytes, sizeof(bytes));
    if (!describe(holder, cookie, &made, why))
        return false;
    random_fill(made.secret, sizeof(made.secret));
    (void)pthread_mutex_lock(&sessions->lock);
    made.began_ms = made.used_ms = sessions->milliseconds();
    forget_ended(sessions, made.began_ms);
    room = find_room(sessions, holder->person);
    if (room != NULL)
        *room = made;
    (void)pthread_mutex_unlock(&sessions->lock);
    wipe(&made, sizeof(made));
    return room != NULL ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "%d sessions are in use, which is the most there may be; try "
               "again later",
               SESSIONS_MAX);
}

bool admin_session_find(struct admin_sessions *sessions,
    const struct session_holder *holder, const char *cookies, bool *found,
    uint8_t secret[static SESSION_SECRET_BYTES], struct failure *why)
{
    char cookie[SESSION_COOKIE_TEXT];
    struct session wanted, *session;

    *found = false;
    if (!session_cookie_read(cookies, cookie))
        return true;
    if (!describe(holder, cookie, &wanted, why))
        return false;
    (void)pthread_mutex_lock(&sessions->lock);
    session = find_row(sessions, &wanted, sessions->milliseconds());
    if (session != NULL) {
        *found = true;
        session->used_ms = sessions->milliseconds();
        memcpy(secret, session->secret, SESSION_SECRET_BYTES);
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    return true;
}

bool admin_session_end(struct admin_sessions *sessions,
    const struct session_holder *holder, const char *cookies,
    struct failure *why)
{
    char cookie[SESSION_COOKIE_TEXT];
    struct session wanted, *session;

    if (!session_cookie_read(cookies, cookie))
        return true;
    if (!describe(holder, cookie, &wanted, why))
        return false;
    (void)pthread_mutex_lock(&sessions->lock);
    session = find_row(sessions, &wanted, sessions->milliseconds());
    if (session != NULL)
        forget(session);
    (void)pthread_mutex_unlock(&sessions->lock);
    return true;
}
