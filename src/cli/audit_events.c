#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/event.h"
#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/event_lines.h"
#include "cli/output.h"
#include "store/search.h"

/* --- which events -------------------------------------------------------- */

struct choice {
    int64_t since_ms;
    const char *kind, *object, *actor; /* NULL: any */
    int64_t limit;                     /* the last of them; 0: all */
};

/* A moment, or how long ago. */
static bool read_since(
    struct call *call, const char *text, int64_t *since_ms, struct failure *why)
{
    struct failure cause = {0};
    int64_t number = 0;

    if (duration_read(text, &number, &cause)) {
        *since_ms = clock_now_ms() - 1000 * number;
        return true;
    }
    if (!clock_read(text, &number, &cause))
        return fail_usage(call, why,
            "--since takes a time (2026-11-21T00:00:00Z) or how long ago (7d)");
    *since_ms = 1000 * number;
    return true;
}

static bool read_limit(
    struct call *call, const char *text, int64_t *limit, struct failure *why)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 6 || text[digits] != 0 || *text == '0')
        return fail_usage(call, why, "--limit takes a number from 1 to 999999");
    *limit = strtol(text, NULL, 10);
    return true;
}

static bool check_kind(struct call *call, const char *kind, struct failure *why)
{
    enum event_kind known = EVENT_KINDS;

    if (event_named(kind, &known))
        return true;
    advise(call, "docs/journal.md lists the kinds");
    return fail_usage(call, why, "\"%.40s\" is no kind of event", kind);
}

static bool read_choice(
    struct call *call, struct choice *choice, struct failure *why)
{
    const char *since = call_text(call, "since");
    const char *limit = call_text(call, "limit");

    *choice = (struct choice){.since_ms = INT64_MIN,
        .kind = call_text(call, "kind"),
        .object = call_text(call, "object"),
        .actor = call_text(call, "actor")};
    return (since == NULL || read_since(call, since, &choice->since_ms, why)) &&
           (limit == NULL || read_limit(call, limit, &choice->limit, why)) &&
           (choice->kind == NULL || check_kind(call, choice->kind, why));
}

static bool is_chosen(
    const struct choice *choice, const struct journal_event *event)
{
    return event->at_ms >= choice->since_ms &&
           (choice->kind == NULL || strcmp(choice->kind, event->kind) == 0) &&
           (choice->object == NULL ||
               strcmp(choice->object, event->object) == 0) &&
           (choice->actor == NULL || strcmp(choice->actor, event->actor) == 0);
}

/* --- the walk ------------------------------------------------------------ */

struct showing {
    const struct choice *choice;
    struct store *store;
    bool json;
    int64_t shown;
    /* With a limit: the numbers of the last events, in a ring. */
    int64_t *ring;
    int64_t count;
};

static bool show(struct showing *showing, const struct journal_event *event,
    struct failure *why)
{
    SCOPED(json_t) *value = NULL;

    showing->shown++;
    if (!showing->json)
        return print_event(event, why);
    (void)fputs(showing->shown == 1 ? "" : ",", stdout);
    value = event_to_json(event, false);
    return output_json(value, why);
}

static bool take(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct showing *showing = context;

    if (!is_chosen(showing->choice, event))
        return true;
    if (showing->ring == NULL)
        return show(showing, event, why);
    showing->ring[showing->count++ % showing->choice->limit] = event->seq;
    return true;
}

static bool show_again(
    void *context, const struct journal_event *event, struct failure *why)
{
    return show(context, event, why);
}

static bool show_ring(struct showing *showing, struct failure *why)
{
    int64_t limit = showing->choice->limit;
    int64_t first = showing->count > limit ? showing->count - limit : 0;

    for (int64_t i = first; i < showing->count; i++) {
        if (!store_journal_event(showing->store, showing->ring[i % limit],
                show_again, showing, why))
            return false;
    }
    return true;
}

static bool take_number(void *context, int64_t seq, struct failure *why)
{
    struct showing *showing = context;

    return store_journal_event(showing->store, seq, take, showing, why);
}

/* The index knows the events of an object. */
static bool walk_object(
    const struct place *place, struct showing *showing, struct failure *why)
{
    SCOPED_STRUCT(search) *search = NULL;
    struct failure none = {0};
    char path[PATH_ROOM];

    if (!place_path(place, "search.db", path, why))
        return false;
    if (!search_open(path, false, &search, &none))
        search = NULL;
    return search_events(search, showing->store, showing->choice->object,
        take_number, showing, why);
}

static bool walk(
    const struct place *place, struct showing *showing, struct failure *why)
{
    bool ok = showing->choice->object != NULL
                  ? walk_object(place, showing, why)
                  : store_list_journal(showing->store, 0, take, showing, why);

    return ok && (showing->ring == NULL || show_ring(showing, why));
}

static bool show_chosen(struct call *call, const struct choice *choice,
    int64_t *ring, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    struct showing showing = {
        .choice = choice, .json = call->json, .ring = ring};
    struct place place = {0};

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    showing.store = store;
    if (call->json)
        (void)putchar('[');
    if (!walk(&place, &showing, why))
        return false;
    if (call->json)
        (void)puts("]");
    else if (showing.shown == 0)
        notice(call, "No events.");
    return true;
}

bool run_audit_show(struct call *call, struct failure *why)
{
    struct choice choice;
    int64_t *ring = NULL;
    bool ok;

    if (!read_choice(call, &choice, why))
        return false;
    if (choice.limit != 0) {
        ring = calloc((size_t)choice.limit, sizeof(*ring));
        if (ring == NULL)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    ok = show_chosen(call, &choice, ring, why);
    free(ring);
    return ok;
}

/* --- export -------------------------------------------------------------- */

struct export
{
    FILE *file;
    bool csv;
    struct buffer line;
    int64_t events;
};

/* A reader of standard output that goes early is no want of room. */
static bool fail_in_export(FILE *file, struct failure *why)
{
    if (file == stdout && !output_finish(why))
        return false;
    return fail_because(why, FAILURE_UNAVAILABLE,
        "the export can't be written: is there room?");
}

static bool write_line(struct export *export, struct failure *why)
{
    return fwrite(export->line.start, 1, export->line.length, export->file) ==
               export->line.length ||
           fail_in_export(export->file, why);
}

static bool export_event(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct export *export = context;
    SCOPED(json_t) *value = NULL;

    buffer_clear(&export->line);
    export->events++;
    if (export->csv)
        return event_to_csv(event, &export->line, why) &&
               write_line(export, why);
    value = event_to_json(event, true);
    if (value == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return json_append(&export->line, value, why) &&
           buffer_append_byte(&export->line, '\n', why) &&
           write_line(export, why);
}

static bool export_all(
    struct store *store, FILE *file, bool csv, struct failure *why)
{
    struct export export = {.file = file,
        .csv = csv,
        .line = BUFFER("line of the export", 1024 * 1024)};
    bool ok = (!csv || fputs(EVENT_COLUMNS, file) >= 0) &&
              store_list_journal(store, 0, export_event, &export, why);

    buffer_free(&export.line);
    return ok && (fflush(file) == 0 || fail_in_export(file, why));
}

/* Beside the path, which is whole or not there: a journal is long. */
static bool export_beside(
    struct store *store, const char *beside, bool csv, struct failure *why)
{
    SCOPED_DESCRIPTOR int descriptor = -1;
    FILE *file;
    bool ok;

    if (!file_open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600, &descriptor, why))
        return false;
    file = fdopen(descriptor, "w");
    if (file == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = export_all(store, file, csv, why) &&
         (fsync(descriptor) == 0 || fail_because(why, FAILURE_UNAVAILABLE,
                                        "%.200s can't be synced", beside));
    descriptor = -1;
    (void)fclose(file);
    return ok;
}

static bool export_to_file(struct call *call, struct store *store,
    const char *path, bool csv, struct failure *why)
{
    char beside[PATH_ROOM];
    bool is_new = !call_given(call, "force");
    bool ok;

    if (!output_file_check(call, path, why))
        return false;
    if (snprintf(beside, sizeof(beside), "%s.part", path) >= PATH_ROOM)
        return fail_because(
            why, FAILURE_UNSUITABLE, "the path of --out is too long");
    if (!export_beside(store, beside, csv, why)) {
        if (why->kind != FAILURE_CONFLICT)
            (void)unlink(beside);
        return false;
    }
    ok = is_new ? link(beside, path) == 0 : rename(beside, path) == 0;
    if (!ok)
        (void)fail_because(why, FAILURE_CONFLICT,
            "%.200s is there already, or can't be made", path);
    if (is_new || !ok)
        (void)unlink(beside);
    return ok;
}

static bool read_format(struct call *call, bool *csv, struct failure *why)
{
    const char *format = call_text(call, "format");

    *csv = format != NULL && strcmp(format, "csv") == 0;
    return *csv || format == NULL || strcmp(format, "jsonl") == 0 ||
           fail_usage(call, why, "--format takes jsonl or csv");
}

bool run_audit_export(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    const char *out = call_text(call, "out");
    struct place place = {0};
    bool csv = false;

    return read_format(call, &csv, why) && call_place(call, &place, why) &&
           place_open_store(&place, &store, why) &&
           (out == NULL ? export_all(store, stdout, csv, why)
                        : export_to_file(call, store, out, csv, why));
}
