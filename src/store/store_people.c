#include "store/store_people.h"

#include <inttypes.h>
#include <string.h>

#include "store/store_sqlite.h"

#define DOING "change the people of"

#define COLUMNS                                                  \
    "id, name, role, certificate_sha256, certificate_not_after," \
    " local_user, link_sha256, link_until, added_at, added_by, ended_at"

/* --- what may be there only once ----------------------------------------- */

/* SQLite names the column in its sentence: "... failed: person.name". */
static bool fails_for(const struct store *store, const char *column)
{
    return strstr(sqlite3_errmsg(store->database), column) != NULL;
}

static bool fail_to_change(const struct store *store,
    const struct person_row *row, struct failure *why)
{
    if (!store_has_it_already(store))
        return fail_in_store(store, DOING, why);
    if (fails_for(store, "person.certificate_sha256"))
        return fail_because(why, FAILURE_CONFLICT,
            "the certificate %.64s is another person's",
            row->certificate_sha256);
    if (fails_for(store, "person.local_user"))
        return fail_because(why, FAILURE_CONFLICT,
            "the local user %" PRId64 " is another person's", row->local_user);
    if (fails_for(store, "person.link_sha256"))
        return fail_because(
            why, FAILURE_CONFLICT, "this link was given to another person");
    return fail_because(why, FAILURE_CONFLICT,
        "a person named %.100s is there, or was: a name is given only once",
        row->name);
}

/* --- adding and renewing ------------------------------------------------- */

/* What the two verbs have in common. */
static bool bind_ways(sqlite3_stmt *statement, const struct person_row *row)
{
    return bind_text(statement, 1, row->name) &&
           bind_text(statement, 2, row->certificate_sha256) &&
           bind_number(statement, 3, row->certificate_not_after) &&
           bind_number(statement, 4, row->local_user) &&
           bind_text(statement, 5, row->link_sha256) &&
           bind_number(statement, 6, row->link_until);
}

bool store_add_person(struct store *store, const struct person_row *row,
    int64_t *id, struct failure *why)
{
    static const char text[] =
        "INSERT INTO person (name, certificate_sha256, certificate_not_after,"
        " local_user, link_sha256, link_until, role, added_at, added_by,"
        " ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_ADD_PERSON, text, &statement, why))
        return false;
    if (!bind_ways(statement, row) || !bind_number(statement, 7, row->role) ||
        !bind_number(statement, 8, row->added_at) ||
        !bind_text(statement, 9, row->added_by) ||
        !bind_number(statement, 10, row->ended_at) ||
        sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_change(store, row, why);
    *id = sqlite3_last_insert_rowid(store->database);
    return true;
}

static bool fail_unknown(const char *name, struct failure *why)
{
    return fail_because(why, FAILURE_NOT_FOUND,
        "there is no person named %.100s, or their access has ended", name);
}

bool store_renew_person(
    struct store *store, const struct person_row *row, struct failure *why)
{
    static const char text[] =
        "UPDATE person SET"
        " certificate_sha256 = iif(?2 = '', certificate_sha256, ?2),"
        " certificate_not_after = iif(?2 = '', certificate_not_after, ?3),"
        " local_user = iif(?4 < 0, local_user, ?4),"
        " link_sha256 = iif(?5 = '', link_sha256, ?5),"
        " link_until = iif(?5 = '', link_until, ?6)"
        " WHERE name = ?1 AND ended_at = 0";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_RENEW_PERSON, text, &statement, why))
        return false;
    if (!bind_ways(statement, row) || sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_change(store, row, why);
    return store_changes(store) == 1 || fail_unknown(row->name, why);
}

bool store_take_link(struct store *store, const char *link_sha256, int64_t now,
    const char *certificate_sha256, int64_t certificate_not_after,
    int64_t *person, struct failure *why)
{
    static const char text[] =
        "UPDATE person SET certificate_sha256 = ?3, certificate_not_after = ?4,"
        " link_sha256 = '', link_until = 0"
        " WHERE link_sha256 = ?1 AND link_sha256 <> '' AND ended_at = 0"
        " AND link_until >= ?2 RETURNING id";
    const struct person_row row = {.certificate_sha256 = certificate_sha256};
    SCOPED(sqlite3_stmt) *statement = NULL;
    int outcome;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_TAKE_LINK, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, link_sha256) ||
        !bind_number(statement, 2, now) ||
        !bind_text(statement, 3, certificate_sha256) ||
        !bind_number(statement, 4, certificate_not_after))
        return fail_in_store(store, DOING, why);
    outcome = sqlite3_step(statement);
    if (outcome == SQLITE_DONE)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "this link is unknown, was used, or is too old: ask an "
            "administrator for another");
    if (outcome != SQLITE_ROW)
        return fail_to_change(store, &row, why);
    *person = sqlite3_column_int64(statement, 0);
    return true;
}

/* --- reading ------------------------------------------------------------- */

struct visiting {
    person_visitor *visit;
    void *context;
};

static bool show_row(
    sqlite3_stmt *statement, const void *visiting, struct failure *why)
{
    const struct visiting *to = visiting;
    const struct person_row row = {
        .id = sqlite3_column_int64(statement, 0),
        .name = column_text(statement, 1),
        .role = (enum person_role)sqlite3_column_int(statement, 2),
        .certificate_sha256 = column_text(statement, 3),
        .certificate_not_after = sqlite3_column_int64(statement, 4),
        .local_user = sqlite3_column_int64(statement, 5),
        .link_sha256 = column_text(statement, 6),
        .link_until = sqlite3_column_int64(statement, 7),
        .added_at = sqlite3_column_int64(statement, 8),
        .added_by = column_text(statement, 9),
        .ended_at = sqlite3_column_int64(statement, 10),
    };

    return row_is_whole(statement, why) && to->visit(to->context, &row, why);
}

bool store_list_people(struct store *store, person_visitor *visit,
    void *context, struct failure *why)
{
    static const char text[] = "SELECT " COLUMNS " FROM person ORDER BY id";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    return store_statement(
               store, STATEMENT_LIST_PEOPLE, text, &statement, why) &&
           store_walk(store, statement, "list the people of", show_row,
               &visiting, why);
}

bool store_person_by_certificate(struct store *store, const char *sha256,
    bool *found, person_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " COLUMNS " FROM person WHERE certificate_sha256 = ?1"
        " AND ended_at = 0 AND certificate_sha256 <> ''";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_PERSON_BY_CERTIFICATE, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, sha256))
        return fail_in_store(store, "search", why);
    return store_show_one(
        store, statement, "search", found, show_row, &visiting, why);
}

bool store_person_by_user(struct store *store, int64_t local_user, bool *found,
    person_visitor *visit, void *context, struct failure *why)
{
    static const char text[] =
        "SELECT " COLUMNS " FROM person WHERE local_user = ?1"
        " AND ended_at = 0 AND local_user >= 0";
    const struct visiting visiting = {visit, context};
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_statement(
            store, STATEMENT_PERSON_BY_USER, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, local_user))
        return fail_in_store(store, "search", why);
    return store_show_one(
        store, statement, "search", found, show_row, &visiting, why);
}

/* --- ending -------------------------------------------------------------- */

/* Is there such a person, and another administrator if this is one? */
static bool may_end(struct store *store, const char *name, struct failure *why)
{
    static const char text[] =
        "SELECT role <> 1 OR EXISTS (SELECT 1 FROM person AS other"
        " WHERE other.role = 1 AND other.ended_at = 0"
        " AND other.id <> person.id)"
        " FROM person WHERE name = ?1 AND ended_at = 0";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool found = false;

    if (!store_statement(store, STATEMENT_PERSON_TO_END, text, &statement, why))
        return false;
    if (!bind_text(statement, 1, name))
        return fail_in_store(store, DOING, why);
    if (!store_next(store, statement, DOING, &found, why))
        return false;
    if (!found)
        return fail_unknown(name, why);
    if (sqlite3_column_int(statement, 0) == 0)
        return fail_because(why, FAILURE_CONFLICT,
            "%.100s is the last administrator: add another first", name);
    return true;
}

bool store_end_person(
    struct store *store, const char *name, int64_t at, struct failure *why)
{
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) || !may_end(store, name, why) ||
        !store_statement(store, STATEMENT_END_PERSON,
            "UPDATE person SET ended_at = ?2 WHERE name = ?1", &statement, why))
        return false;
    if (!bind_text(statement, 1, name) || !bind_number(statement, 2, at))
        return fail_in_store(store, DOING, why);
    return store_run(store, statement, DOING, why);
}
