#include "store/store_sqlite.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"

/* In a failure's sentence. */
#define SHOWN_SERIAL_BYTES 21

/* A serial is compared with its first so many bytes. */
#define PREFIX_MOST 64

#define CERTIFICATE_COLUMNS                                               \
    "certificate.id, certificate.serial, certificate.authority, profile," \
    " issued_at, certificate.not_after, status, certificate.revoked_at,"  \
    " certificate.reason, sealed, origin, der, request, actor"

#define FILTER                                    \
    " AND (NOT ?2 OR status = ?3)"                \
    " AND (NOT ?4 OR (certificate.not_after > ?5" \
    " AND certificate.not_after <= ?6))"          \
    " AND (?8 IS NULL OR profile = ?8)"           \
    " AND (?9 = 0 OR certificate.authority = ?9)" \
    " AND (?10 IS NULL OR actor = ?10)"           \
    " AND (?11 = 0 OR issued_at >= ?11) AND (?12 = 0 OR issued_at <= ?12)"

static const char listing[] =
    "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE id > ?1" FILTER
    " ORDER BY id LIMIT ?7";

/* Few of many are revoked: the walk goes over those.  CROSS JOIN keeps it. */
static const char listing_revoked[] =
    "SELECT " CERTIFICATE_COLUMNS " FROM revocation CROSS JOIN certificate"
    " ON certificate.id = revocation.certificate"
    " WHERE revocation.certificate > ?1" FILTER
    " ORDER BY revocation.certificate LIMIT ?7";

/* A conflict is a matter of the one row: SQLite undoes the statement, and the
 * transaction goes on. */
static const char adding[] =
    "INSERT INTO certificate (serial, authority, profile, issued_at,"
    " not_after, status, revoked_at, reason, sealed, origin, der, request,"
    " actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    " ON CONFLICT (origin) WHERE origin IS NOT NULL DO NOTHING";

static bool fail_because_serial_is_taken(
    const struct store *store, struct bytes serial, struct failure *why)
{
    char text[2 * SHOWN_SERIAL_BYTES + 1];

    if (serial.length > SHOWN_SERIAL_BYTES)
        serial.length = SHOWN_SERIAL_BYTES;
    hex_print(serial, text);
    return fail_because(why, FAILURE_CONFLICT,
        "a certificate with the serial %s is in %s already", text,
        store_shown(store));
}

static bool fail_to_add(const struct store *store,
    const struct certificate_row *row, struct failure *why)
{
    int code = sqlite3_extended_errcode(store->database);

    if (code == SQLITE_CONSTRAINT_UNIQUE)
        return fail_because_serial_is_taken(store, row->serial, why);
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no authority in %s has the id %" PRId64, store_shown(store),
            row->authority);
    return fail_in_store(store, "add a certificate to", why);
}

static bool bind_certificate(
    sqlite3_stmt *statement, const struct certificate_row *row)
{
    return bind_bytes(statement, 1, row->serial) &&
           bind_number(statement, 2, row->authority) &&
           bind_text(statement, 3, row->profile) &&
           bind_number(statement, 4, row->issued_at) &&
           bind_number(statement, 5, row->not_after) &&
           bind_number(statement, 6, row->status) &&
           bind_number(statement, 7, row->revoked_at) &&
           bind_number(statement, 8, row->reason) &&
           bind_number(statement, 9, row->sealed ? 1 : 0) &&
           bind_text(statement, 10, row->origin) &&
           bind_bytes(statement, 11, row->der) &&
           bind_number(statement, 12, row->request) &&
           bind_text(statement, 13, row->actor == NULL ? "" : row->actor);
}

/* Only what is held has the reason of a hold. */
static bool check_reason(const struct certificate_row *row, struct failure *why)
{
    bool is_hold = row->reason == REASON_CERTIFICATE_HOLD;

    if (row->status == CERTIFICATE_VALID ||
        (row->reason != REASON_REMOVE_FROM_CRL &&
            is_hold == (row->status == CERTIFICATE_HELD)))
        return true;
    return fail_because(why, FAILURE_INTERNAL,
        "reason %d does not fit a certificate that is %s", (int)row->reason,
        row->status == CERTIFICATE_HELD ? "held" : "revoked");
}

static bool add_row(struct store *store, const struct certificate_row *row,
    bool *added, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_ADD_CERTIFICATE, adding, &statement, why))
        return false;
    if (!bind_certificate(statement, row) ||
        sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    *added = store_changes(store) == 1;
    return true;
}

bool store_add_certificate(struct store *store,
    const struct certificate_row *row, bool *added, struct failure *why)
{
    bool is_new = false;

    if (!store_is_writing(store, why) || !check_reason(row, why) ||
        !add_row(store, row, &is_new, why))
        return false;
    if (is_new && row->status != CERTIFICATE_VALID &&
        !store_add_revocation_of(store, row, why))
        return false;
    *added = is_new;
    return true;
}

/* --- reading ------------------------------------------------------------- */

struct visiting {
    certificate_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct certificate_row row = {
        .id = sqlite3_column_int64(statement, 0),
        .serial = column_bytes(statement, 1),
        .authority = sqlite3_column_int64(statement, 2),
        .profile = column_text(statement, 3),
        .issued_at = sqlite3_column_int64(statement, 4),
        .not_after = sqlite3_column_int64(statement, 5),
        .status = (enum certificate_status)sqlite3_column_int(statement, 6),
        .revoked_at = sqlite3_column_int64(statement, 7),
        .reason = (enum revocation_reason)sqlite3_column_int(statement, 8),
        .sealed = sqlite3_column_int(statement, 9) != 0,
        .origin = column_text(statement, 10),
        .der = column_bytes(statement, 11),
        .request = sqlite3_column_int64(statement, 12),
        .actor = column_text(statement, 13),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_certificate_by_serial(struct store *store, struct bytes serial,
    certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE serial = ?1";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_BY_SERIAL, text, &statement, why))
        return false;
    if (!bind_bytes(statement, 1, serial))
        return fail_in_store(store, "search", why);
    if (!store_show_one(
            store, statement, "search", &found, show_row, &visiting, why))
        return false;
    return found ||
           fail_because(why, FAILURE_NOT_FOUND,
               "no certificate in %s has this serial", store_shown(store));
}

bool store_certificate_by_id(struct store *store, int64_t id,
    certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE id = ?1";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_BY_ID, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, id))
        return fail_in_store(store, "search", why);
    if (!store_show_one(
            store, statement, "search", &found, show_row, &visiting, why))
        return false;
    return found || fail_because(why, FAILURE_NOT_FOUND,
                        "no certificate in %s has the id %" PRId64,
                        store_shown(store), id);
}

bool store_certificate_by_origin(struct store *store, const char *origin,
    bool *found, certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE origin = ?1";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_BY_ORIGIN, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, origin))
        return fail_in_store(store, "search", why);
    return store_show_one(
        store, statement, "search", found, show_row, &visiting, why);
}

/* --- a prefix ------------------------------------------------------------ */

struct serial_range {
    uint8_t first[PREFIX_MOST]; /* the serials from this on */
    size_t first_length;
    uint8_t beyond[PREFIX_MOST + 1]; /* and before this */
    size_t beyond_length;
};

/* Where nothing lies beyond: a bound above every serial. */
static void step_beyond(struct serial_range *range, unsigned int step)
{
    size_t length = range->first_length;

    memcpy(range->beyond, range->first, length);
    while (length > 0 && range->beyond[length - 1] + step > 0xff) {
        length--;
        step = 1;
    }
    if (length > 0) {
        range->beyond[length - 1] = (uint8_t)(range->beyond[length - 1] + step);
        range->beyond_length = length;
        return;
    }
    memset(range->beyond, 0xff, sizeof(range->beyond));
    range->beyond_length = sizeof(range->beyond);
}

static void range_of(struct bytes prefix, int half, struct serial_range *range)
{
    *range = (struct serial_range){.first_length = prefix.length};
    if (prefix.length > 0)
        memcpy(range->first, prefix.start, prefix.length);
    if (half >= 0)
        range->first[range->first_length++] =
            (uint8_t)(((unsigned int)half & 0xf) << 4);
    step_beyond(range, half >= 0 ? 0x10 : 1);
}

bool store_certificates_by_prefix(struct store *store, struct bytes prefix,
    int half, int64_t limit, certificate_visitor *visit, void *context,
    struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate"
        " WHERE serial >= ?1 AND serial < ?2 ORDER BY serial LIMIT ?3";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;
    struct serial_range range;

    if (prefix.length >= PREFIX_MOST)
        return true; /* no serial is as long */
    range_of(prefix, half, &range);
    if (!store_statement(
            store, STATEMENT_CERTIFICATES_BY_PREFIX, text, &statement, why))
        return false;
    if (!bind_bytes(
            statement, 1, (struct bytes){range.first, range.first_length}) ||
        !bind_bytes(
            statement, 2, (struct bytes){range.beyond, range.beyond_length}) ||
        !bind_number(statement, 3, limit == 0 ? -1 : limit))
        return fail_in_store(store, "search", why);
    return store_walk(store, statement, "search", show_row, &visiting, why);
}

/* --- lists --------------------------------------------------------------- */

static bool bind_filter(
    sqlite3_stmt *statement, const struct certificate_filter *filter)
{
    return bind_number(statement, 1, filter->after_id) &&
           bind_number(statement, 2, filter->by_status ? 1 : 0) &&
           bind_number(statement, 3, filter->status) &&
           bind_number(statement, 4, filter->by_end ? 1 : 0) &&
           bind_number(statement, 5, filter->not_after_from) &&
           bind_number(statement, 6, filter->not_after_until) &&
           bind_number(statement, 7, filter->limit == 0 ? -1 : filter->limit) &&
           bind_text(statement, 8, filter->profile) &&
           bind_number(statement, 9, filter->authority) &&
           bind_text(statement, 10, filter->actor) &&
           bind_number(statement, 11, filter->issued_from) &&
           bind_number(statement, 12, filter->issued_until);
}

bool store_list_certificates(struct store *store,
    const struct certificate_filter *filter, certificate_visitor *visit,
    void *context, struct failure *why)
{
    bool revoked = filter->by_status && filter->status != CERTIFICATE_VALID;
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(store,
            revoked ? STATEMENT_LIST_REVOKED_CERTIFICATES
                    : STATEMENT_LIST_CERTIFICATES,
            revoked ? listing_revoked : listing, &statement, why))
        return false;
    if (!bind_filter(statement, filter))
        return fail_in_store(store, "list", why);
    return store_walk(store, statement, "list", show_row, &visiting, why);
}

bool store_count_certificates(
    struct store *store, int64_t *count, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_COUNT_CERTIFICATES,
            "SELECT count(*) FROM certificate", &statement, why) ||
        !store_next(store, statement, "count", &found, why))
        return false;
    *count = sqlite3_column_int64(statement, 0);
    return true;
}
