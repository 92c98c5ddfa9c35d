#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authority/clock_guard.h"
#include "authority/control_protocol.h"
#include "base/clock.h"
#include "cli/audit_report.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/unlocking.h"

/* --- one check after the other ------------------------------------------- */

struct examination {
    struct call *call;
    const struct place *place;
    struct store *store;
    json_t *findings;
    bool is_ill;
};

static bool tell(struct examination *examination, const char *what, bool ok,
    const char *words, struct failure *why)
{
    examination->is_ill |= !ok;
    if (examination->call->json)
        return json_array_append_new(examination->findings,
                   json_pack("{s:s,s:b,s:o}", "check", what, "ok", (int)ok,
                       "words", json_of_text(words))) == 0 ||
               fail_because(why, FAILURE_INTERNAL, "out of memory");
    (void)printf("%s%-5s%s  %-8s  ",
        colour_begin(stdout, ok ? COLOUR_GREEN : COLOUR_RED),
        ok ? "good" : "WRONG",
        colour_end(stdout, ok ? COLOUR_GREEN : COLOUR_RED), what);
    return print_shown(words, why) && putchar('\n') >= 0;
}

static bool check_clock(struct examination *examination, struct failure *why)
{
    char words[200], latest[CLOCK_TEXT];
    int64_t latest_ms = 0;
    bool ok;

    if (!store_number(examination->store, CLOCK_LATEST_MS, &latest_ms, why))
        return false;
    clock_print(latest_ms / 1000, latest);
    ok = clock_now_ms() + CLOCK_BEHIND_MAX_MS >= latest_ms;
    (void)snprintf(words, sizeof(words),
        ok ? "after the last event, %s"
           : "behind the last event, %s: nothing is issued; set the clock, or "
             "`chancery doctor --accept-clock`",
        latest);
    return tell(examination, "clock", ok, words, why);
}

static bool check_store(struct examination *examination, struct failure *why)
{
    struct failure fault = {0};

    if (store_check(examination->store, &fault))
        return tell(examination, "store", true, "no damage", why);
    return tell(examination, "store", false, fault.reason, why);
}

static bool check_journal(struct examination *examination, struct failure *why)
{
    struct audit_report report;
    struct failure fault = {0};
    char words[FAILURE_REASON_ROOM];

    if (!audit_place(examination->place, &report, &fault, why))
        return false;
    (void)snprintf(words, sizeof(words),
        "whole, %" PRId64 " events, signed "
        "until %" PRId64,
        report.events, report.checkpoint_seq);
    return tell(examination, "journal", fault.kind == FAILURE_NONE,
        fault.kind == FAILURE_NONE ? words : fault.reason, why);
}

/* --- who may read the keys ----------------------------------------------- */

static bool holds_secrets(const char *name)
{
    size_t length = strlen(name);

    return strncmp(name, "unlock", strlen("unlock")) == 0 ||
           (length > 4 && strcmp(name + length - 4, ".key") == 0);
}

static bool check_file(const struct examination *examination,
    const char *folder, const char *name, struct failure *fault)
{
    SCOPED_DESCRIPTOR int file = -1;
    char path[PATH_ROOM];

    return path_join(path, folder, name, fault) &&
           file_open(path, O_RDONLY | O_NONBLOCK, 0, &file, fault) &&
           file_check_private(
               file, path, examination->place->owner, 0077, fault);
}

static void folder_close(DIR *folder)
{
    if (folder != NULL)
        (void)closedir(folder);
}

DEFINE_SCOPED(DIR, folder_close)

/* *count: of the files there that hold secrets. */
static bool check_folder(const struct examination *examination,
    const char *name, size_t *count, struct failure *fault)
{
    char folder[PATH_ROOM];
    SCOPED(DIR) *opened = NULL;
    const struct dirent *entry;

    if (!place_path(examination->place, name, folder, fault))
        return false;
    opened = opendir(folder);
    while (opened != NULL && (entry = readdir(opened)) != NULL) {
        if (!holds_secrets(entry->d_name))
            continue;
        ++*count;
        if (!check_file(examination, folder, entry->d_name, fault))
            return false;
    }
    return true;
}

static bool check_keys(struct examination *examination, struct failure *why)
{
    static const char *const folders[] = {"keys", "keys/root", "keys/retired"};
    struct failure fault = {0};
    size_t count = 0;
    char words[80];

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        if (!check_folder(examination, folders[i], &count, &fault))
            return tell(examination, "keys", false, fault.reason, why);
    }
    (void)snprintf(
        words, sizeof(words), "%zu files, their owner's alone", count);
    return tell(examination, "keys", true, words, why);
}

static bool examine(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;
    SCOPED(json_t) *findings = json_array();
    struct place place = {0};
    struct examination examination = {
        .call = call, .place = &place, .findings = findings};

    if (!call_place(call, &place, why) ||
        !place_open_store(&place, &store, why))
        return false;
    examination.store = store;
    if (!check_clock(&examination, why) || !check_store(&examination, why) ||
        !check_journal(&examination, why) || !check_keys(&examination, why))
        return false;
    call->status = examination.is_ill ? 1 : 0;
    return !call->json || output_json(findings, why);
}

/* --- the clock ----------------------------------------------------------- */

static bool tell_clock(
    struct call *call, const json_t *facts, struct failure *why)
{
    const char *was = json_string_value(json_object_get(facts, "was"));

    if (call->json)
        return output_json(facts, why);
    if (json_is_true(json_object_get(facts, "accepted")))
        (void)printf("The clock is accepted (it %s): issuance goes on.\n",
            strcmp(was, "behind") == 0 ? "was behind the journal" : "jumped");
    else
        (void)puts("Nothing was wrong with the clock.");
    return true;
}

static bool accept_clock(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    SCOPED(json_t) *facts = NULL;
    const struct client_need need = {0};
    struct place place = {0};

    return call_place(call, &place, why) &&
           call_client(call, &place, &need, &client, why) &&
           client_call(client, CONTROL_ACCEPT_CLOCK, (struct bytes){0}, -1,
               &facts, why) &&
           tell_clock(call, facts, why);
}

bool run_doctor(struct call *call, struct failure *why)
{
    if (!call_given(call, "accept-clock") || call_given(call, "dry-run"))
        return examine(call, why);
    return accept_clock(call, why);
}
