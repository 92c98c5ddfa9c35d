#include "store/store_sqlite.h"

#include <inttypes.h>

#include "base/hex.h"

/* In a failure's sentence. */
#define SHOWN_SERIAL_BYTES 21

#define CERTIFICATE_COLUMNS                                          \
    "id, serial, authority, profile, issued_at, not_after, status, " \
    "revoked_at, reason, sealed, origin, der"

static const char listing[] =
    "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE id > ?1"
    " AND (NOT ?2 OR status = ?3)"
    " AND (NOT ?4 OR (not_after > ?5 AND not_after <= ?6))"
    " ORDER BY id LIMIT ?7";

/* A conflict is a matter of the one row: SQLite undoes the statement, and the
 * transaction goes on. */
static const char adding[] =
    "INSERT INTO certificate (serial, authority, profile, issued_at,"
    " not_after, status, revoked_at, reason, sealed, origin, der)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
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
           bind_bytes(statement, 11, row->der);
}

bool store_add_certificate(struct store *store,
    const struct certificate_row *row, bool *added, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(
            store, STATEMENT_ADD_CERTIFICATE, adding, &statement, why))
        return false;
    if (!bind_certificate(statement, row) ||
        sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_add(store, row, why);
    *added = sqlite3_changes64(store->database) == 1;
    return true;
}

static bool show_row(sqlite3_stmt *statement, certificate_visitor *visit,
    void *context, struct failure *why)
{
    struct certificate_row row = {
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
    };

    /* The schema has neither empty nor absent: memory ran out. */
    if (row.serial.start == NULL || row.profile == NULL ||
        row.der.start == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return visit(context, &row, why);
}

bool store_certificate_by_serial(struct store *store, struct bytes serial,
    certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE serial = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_BY_SERIAL, text, &statement, why))
        return false;
    if (!bind_bytes(statement, 1, serial))
        return fail_in_store(store, "search", why);
    if (!store_next(store, statement, "search", &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no certificate in %s has this serial", store_shown(store));
    return show_row(statement, visit, context, why);
}

bool store_certificate_by_origin(struct store *store, const char *origin,
    bool *found, certificate_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE origin = ?1";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool there = false;

    if (!store_statement(
            store, STATEMENT_CERTIFICATE_BY_ORIGIN, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, origin))
        return fail_in_store(store, "search", why);
    if (!store_next(store, statement, "search", &there, why))
        return false;
    if (there && !show_row(statement, visit, context, why))
        return false;
    *found = there;
    return true;
}

static bool bind_filter(
    sqlite3_stmt *statement, const struct certificate_filter *filter)
{
    return bind_number(statement, 1, filter->after_id) &&
           bind_number(statement, 2, filter->by_status ? 1 : 0) &&
           bind_number(statement, 3, filter->status) &&
           bind_number(statement, 4, filter->by_end ? 1 : 0) &&
           bind_number(statement, 5, filter->not_after_from) &&
           bind_number(statement, 6, filter->not_after_until) &&
           bind_number(statement, 7, filter->limit == 0 ? -1 : filter->limit);
}

bool store_list_certificates(struct store *store,
    const struct certificate_filter *filter, certificate_visitor *visit,
    void *context, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = true;

    if (!store_statement(
            store, STATEMENT_LIST_CERTIFICATES, listing, &statement, why))
        return false;
    if (!bind_filter(statement, filter))
        return fail_in_store(store, "list", why);
    for (;;) {
        if (!store_next(store, statement, "list", &found, why))
            return false;
        if (!found)
            return true;
        if (!show_row(statement, visit, context, why))
            return false;
    }
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
