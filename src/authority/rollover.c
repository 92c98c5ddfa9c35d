#include "authority/rollover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[ROLLOVER_STEPS] = {
    [ROLLOVER_NONE] = "none",
    [ROLLOVER_PLAN] = "plan",
    [ROLLOVER_KEY] = "key",
    [ROLLOVER_CERTIFY] = "certify",
    [ROLLOVER_CROSS] = "cross",
    [ROLLOVER_PUBLISH] = "publish",
    [ROLLOVER_SWITCH] = "switch",
    [ROLLOVER_RETIRE] = "retire",
};

const char *rollover_step_name(enum rollover_step step)
{
    return names[step];
}

enum rollover_step rollover_step_named(const char *name)
{
    for (enum rollover_step step = ROLLOVER_PLAN; step < ROLLOVER_STEPS;
         step++) {
        if (strcmp(names[step], name) == 0)
            return step;
    }
    return ROLLOVER_NONE;
}

void rollover_free(struct rollover *rollover)
{
    buffer_free(&rollover->certificate);
    buffer_free(&rollover->request);
}

/* --- the rows ------------------------------------------------------------ */

#define ROWS_MAX 64

struct known {
    int64_t id, parent, follows;
    char name[PROFILE_NAME_MAX];
    enum authority_state state;
    bool issues;
    bool is_root;
    struct buffer certificate;
    int64_t not_after;
};

struct rows {
    struct known known[ROWS_MAX];
    size_t count;
    char awaited[PROFILE_NAME_MAX]; /* follows followed */
    int64_t followed;
    struct buffer request;
    bool has_bridge, has_both;
};

static void rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    for (size_t i = 0; i < rows->count; i++)
        buffer_free(&rows->known[i].certificate);
    buffer_free(&rows->request);
    free(rows);
}
DEFINE_SCOPED_STRUCT(rows, rows_free)

static bool take_row(
    void *context, const struct authority_row *row, struct failure *why)
{
    struct rows *rows = context;
    struct certificate certificate = {0};
    struct known *known = &rows->known[rows->count];

    if (rows->count == ROWS_MAX)
        return fail_because(
            why, FAILURE_UNSUITABLE, "more than %d authorities", ROWS_MAX);
    if (!certificate_read(row->certificate, &certificate, why))
        return false;
    *known = (struct known){.id = row->id,
        .parent = row->parent,
        .follows = row->follows,
        .state = row->state,
        .issues = row->issues,
        .is_root = bytes_equal(certificate.tbs.issuer, certificate.tbs.subject),
        .not_after = certificate.tbs.not_after,
        .certificate = BUFFER("certificate", CERTIFICATE_MAX)};
    (void)snprintf(known->name, sizeof(known->name), "%s", row->name);
    rows->count++;
    return buffer_append(&known->certificate, row->certificate, why);
}

static const struct known *row_of(const struct rows *rows, int64_t id)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->known[i].id == id)
            return &rows->known[i];
    }
    return NULL;
}

/* One that was taken back is retired, and its predecessor still in use. */
static const struct known *successor_of(
    const struct rows *rows, const struct known *old)
{
    const struct known *found = NULL;

    for (size_t i = 0; i < rows->count; i++) {
        const struct known *row = &rows->known[i];

        if (row->follows == old->id && row->state != AUTHORITY_RETIRED)
            found = row;
    }
    return found;
}

/* --- which one ----------------------------------------------------------- */

static bool find_only(
    const struct rows *rows, const struct known **found, struct failure *why)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct known *row = &rows->known[i];

        if (!row->issues || row->state != AUTHORITY_ACTIVE)
            continue;
        if (*found != NULL)
            return fail_because(why, FAILURE_CONFLICT,
                "\"%s\" and \"%s\" both issue; name one with --ca",
                (*found)->name, row->name);
        *found = row;
    }
    return *found != NULL || fail_because(why, FAILURE_NOT_FOUND,
                                 "no authority here issues; name one with "
                                 "--ca");
}

static bool find_row(const struct rows *rows, const char *name,
    const struct known **found, struct failure *why)
{
    if (name == NULL)
        return find_only(rows, found, why);
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->known[i].name, name) == 0)
            *found = &rows->known[i];
    }
    return *found != NULL || fail_because(why, FAILURE_NOT_FOUND,
                                 "there is no authority \"%.64s\"", name);
}

/* The pair that a name belongs to: the old one is the one that is followed. */
static const struct known *old_of(
    const struct rows *rows, const struct known *row)
{
    const struct known *before = row_of(rows, row->follows);

    if (before != NULL && successor_of(rows, row) == NULL &&
        rows->followed != row->id &&
        (row->state == AUTHORITY_COMING || before->state == AUTHORITY_RETIRING))
        return before;
    return row;
}

/* --- how far ------------------------------------------------------------- */

static bool read_mark(struct store *store, const char *what, int64_t authority,
    bool *is, struct failure *why)
{
    char name[64];
    int64_t number = 0;

    (void)snprintf(name, sizeof(name), "rollover-%s:%" PRId64, what, authority);
    if (!store_number(store, name, &number, why))
        return false;
    *is = number != 0;
    return true;
}

bool rollover_is_published(
    struct store *store, int64_t authority, bool *is, struct failure *why)
{
    return read_mark(store, "publish", authority, is, why);
}

static bool read_marks(struct store *store, const struct known *new,
    struct rollover *rollover, struct failure *why)
{
    bool is_crossed = false, is_published = false;

    if (!read_mark(store, "cross", new->id, &is_crossed, why) ||
        !read_mark(store, "publish", new->id, &is_published, why))
        return false;
    rollover->done = is_published ? ROLLOVER_PUBLISH
                     : is_crossed ? ROLLOVER_CROSS
                                  : ROLLOVER_CERTIFY;
    return true;
}

static bool measure(struct store *store, const struct rows *rows,
    const struct known *old, const struct known *new, struct rollover *rollover,
    struct failure *why)
{
    bool is_planned = false;

    if (new != NULL &&new->state == AUTHORITY_COMING)
        return read_marks(store, new, rollover, why);
    if (new != NULL) {
        rollover->done =
            old->state == AUTHORITY_RETIRED ? ROLLOVER_RETIRE : ROLLOVER_SWITCH;
        return true;
    }
    if (rows->followed == old->id) {
        rollover->done = ROLLOVER_KEY;
        return true;
    }
    if (!read_mark(store, "plan", old->id, &is_planned, why))
        return false;
    rollover->done = is_planned ? ROLLOVER_PLAN : ROLLOVER_NONE;
    return true;
}

/* --- the name of the new one --------------------------------------------- */

static bool is_taken(const struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->known[i].name, name) == 0)
            return true;
    }
    return false;
}

/* "issuing-2" after "issuing", "issuing-3" after "issuing-2". */
static bool name_new(const struct rows *rows, const struct known *old,
    char name[static PROFILE_NAME_MAX], struct failure *why)
{
    size_t length = strlen(old->name);
    size_t digits = length;

    while (digits > 0 && old->name[digits - 1] >= '0' &&
           old->name[digits - 1] <= '9')
        digits--;
    if (digits > 1 && digits < length && old->name[digits - 1] == '-')
        length = digits - 1;
    for (int number = 2; number < 1000; number++) {
        if (snprintf(name, PROFILE_NAME_MAX, "%.*s-%d", (int)length, old->name,
                number) >= PROFILE_NAME_MAX)
            break;
        if (!is_taken(rows, name))
            return true;
    }
    return fail_because(why, FAILURE_UNSUITABLE,
        "there is no room for a number behind the name \"%s\"", old->name);
}

/* --- all of it ----------------------------------------------------------- */

static bool take_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    struct rows *rows = context;

    if (row->follows == 0 || row->follows != rows->followed)
        return true;
    (void)snprintf(rows->awaited, sizeof(rows->awaited), "%s", row->name);
    buffer_clear(&rows->request);
    return buffer_append(&rows->request, row->request, why);
}

struct following {
    const struct rows *rows;
    const struct known *row;
    int64_t followed;
};

/* Whose successor waits for its certificate, of those that the name may mean.
 */
static bool find_followed(
    void *context, const struct awaited_row *row, struct failure *why)
{
    struct following *following = context;

    (void)why;
    if (row->follows != 0 && row->follows == following->row->id)
        following->followed = row->follows;
    return true;
}

static bool take_bridge(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    struct rollover *rollover = context;

    (void)why;
    if (row->authority == rollover->old_id &&
        strcmp(row->kind, BRIDGE_NEW_WITH_OLD) == 0)
        rollover->has_bridge = true;
    return true;
}

static bool describe(const struct rows *rows, const struct known *old,
    const struct known *new, struct rollover *rollover, struct failure *why)
{
    const struct known *parent = row_of(rows, old->parent);

    rollover->old_id = old->id;
    rollover->new_id = new == NULL ? 0 : new->id;
    (void)snprintf(rollover->old_name, PROFILE_NAME_MAX, "%s", old->name);
    rollover->is_root = old->is_root;
    rollover->is_foreign = !old->is_root && old->parent == old->id;
    rollover->issues = old->issues;
    rollover->old_not_after = old->not_after;
    if (!old->is_root && !rollover->is_foreign && parent != NULL)
        (void)snprintf(rollover->parent, PROFILE_NAME_MAX, "%s", parent->name);
    rollover->certificate = BUFFER("certificate", CERTIFICATE_MAX);
    rollover->request = BUFFER("request", REQUEST_MAX);
    if (!buffer_append(
            &rollover->certificate, buffer_view(&old->certificate), why) ||
        !buffer_append(&rollover->request, buffer_view(&rows->request), why))
        return false;
    if (new != NULL || rows->awaited[0] != '\0') {
        (void)snprintf(rollover->new_name, PROFILE_NAME_MAX, "%s",
            new != NULL ? new->name : rows->awaited);
        return true;
    }
    return name_new(rows, old, rollover->new_name, why);
}

/* The parent may have a new key itself by now. */
static void follow_parent(const struct rows *rows, struct rollover *rollover)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct known *row = &rows->known[i];

        if (row->state != AUTHORITY_ACTIVE || row->follows == 0)
            continue;
        for (const struct known *before = row_of(rows, row->follows);
             before != NULL; before = row_of(rows, before->follows)) {
            if (strcmp(before->name, rollover->parent) == 0 &&
                before->state != AUTHORITY_ACTIVE)
                (void)snprintf(
                    rollover->parent, PROFILE_NAME_MAX, "%s", row->name);
        }
    }
}

bool rollover_read(struct store *store, const char *name,
    struct rollover *rollover, struct failure *why)
{
    SCOPED_STRUCT(rows) *rows = calloc(1, sizeof(*rows));
    struct following following = {.rows = rows};
    const struct known *row = NULL;
    const struct known *old, *new;

    if (rows == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    rows->request = BUFFER("request", REQUEST_MAX);
    if (!store_list_authorities(store, take_row, rows, why) ||
        !find_row(rows, name, &row, why))
        return false;
    following.row = row;
    if (!store_list_awaited(store, find_followed, &following, why))
        return false;
    rows->followed = following.followed;
    old = old_of(rows, row);
    new = successor_of(rows, old);
    if (new == NULL && !store_list_awaited(store, take_awaited, rows, why))
        return false;
    return describe(rows, old, new, rollover, why) &&
           store_list_cross_certificates(store, take_bridge, rollover, why) &&
           (follow_parent(rows, rollover), true) &&
           measure(store, rows, old, new, rollover, why);
}
