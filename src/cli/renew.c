#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/authorities.h"
#include "cli/issue_key.h"
#include "cli/output.h"
#include "cli/renew_ask.h"
#include "cli/renew_place.h"
#include "cli/unlocking.h"

/* The command as it goes over one file or many. */
struct renewing {
    struct call *call;
    struct client *client; /* NULL: --dry-run */
    json_t *results;
    size_t due, failed;
    struct failure first; /* of those that failed */
};

/* --- what is told -------------------------------------------------------- */

/* One line for people, one object for programs.  more is taken over. */
static bool tell(struct renewing *renewing, const struct renew_file *file,
    const char *state, const char *sentence, json_t *more, struct failure *why)
{
    SCOPED(json_t) *result = more == NULL ? json_object() : more;
    char serial[SERIAL_TEXT];

    serial_print(buffer_view(&file->serial), serial);
    if (json_object_set_new(result, "file", json_of_text(file->path)) != 0 ||
        json_object_set_new(result, "state", json_string(state)) != 0 ||
        json_object_set_new(result, "renews", json_string(serial)) != 0 ||
        json_object_set_new(result, "sentence", json_of_text(sentence)) != 0 ||
        json_array_append(renewing->results, result) != 0)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (renewing->call->json)
        return true;
    notice(renewing->call, "%s: %s", file->path, sentence);
    return true;
}

static json_t *key_file_to_json(const struct renew_asking *asking)
{
    const struct call *call = asking->call;

    if (asking->new_key == NULL)
        return json_null();
    return json_of_text(
        asking->in_place ? asking->file->key_path : call_text(call, "key-out"));
}

static bool tell_renewed(struct renewing *renewing,
    const struct renew_asking *asking, struct failure *why)
{
    RELEASED(facts) facts = {0};
    char sentence[200];

    if (!facts_read(asking->issued.certificate, true, &facts, why))
        return false;
    (void)snprintf(sentence, sizeof(sentence),
        "renewed; the new certificate is %s, valid until %s", facts.serial,
        facts.not_after);
    return tell(renewing, asking->file, "renewed", sentence,
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "serial", facts.serial,
            "not_after", facts.not_after, "key_file", key_file_to_json(asking),
            "certificate", certificate_to_json(asking->issued.certificate),
            "names", json_incref(facts.names)),
        why);
}

static bool tell_waiting(struct renewing *renewing,
    const struct renew_asking *asking, struct failure *why)
{
    const struct client_issued *issued = &asking->issued;
    char sentence[300];

    (void)snprintf(sentence, sizeof(sentence),
        "request %s waits for the approval of %s; %s", issued->request_id,
        issued->approvals_needed == 1 ? "one person" : "two people",
        asking->in_place ? "renew it again then"
                         : "then fetch it with `chancery requests fetch`");
    return tell(renewing, asking->file, "waiting", sentence,
        json_pack("{s:{s:s, s:I}}", "request", "id", issued->request_id,
            "approvals_needed", (json_int_t)issued->approvals_needed),
        why);
}

/* --- one ----------------------------------------------------------------- */

static bool append_certificates(const struct renew_asking *asking,
    struct buffer *contents, struct failure *why)
{
    const struct client_issued *issued = &asking->issued;

    if (asking->in_place && !asking->file->is_pem)
        return buffer_append(contents, issued->certificate, why);
    if (!certificate_print(issued->certificate, contents, why))
        return false;
    for (size_t i = 0; asking->file->has_chain && i < issued->chain_count;
         i++) {
        if (!certificate_print(issued->chain[i], contents, why))
            return false;
    }
    return true;
}

static bool deliver(
    struct renewing *renewing, struct renew_asking *asking, struct failure *why)
{
    RELEASED(buffer) contents = BUFFER("certificates", 16 * PEM_MAX);
    struct call *call = renewing->call;
    const char *out = call_text(call, "out");
    const struct private_key *inside = NULL;

    if (asking->issued.request_id[0] != '\0')
        return tell_waiting(renewing, asking, why);
    if (!append_certificates(asking, &contents, why))
        return false;
    if (asking->file->key_is_inside)
        inside = asking->new_key != NULL ? asking->new_key : asking->old_key;
    if (asking->in_place) {
        if (!renew_settle(
                call, asking->file, buffer_view(&contents), inside, why))
            return false;
    } else if (out != NULL) {
        if (!output_file_write(call, out, buffer_view(&contents), 0644, why))
            return false;
    } else if (!call->json && !output_bytes(buffer_view(&contents), why)) {
        return false;
    }
    return tell_renewed(renewing, asking, why);
}

static bool is_in_place(const struct call *call, const struct renew_file *file)
{
    return call_text(call, "out") == NULL && call_text(call, "csr") == NULL &&
           call_text(call, "key-out") == NULL &&
           file->signed_request.length == 0;
}

/* What stands in a container can't be put back into it. */
static bool check_place(const struct renew_file *file, struct failure *why)
{
    return file->is_pem ||
           bytes_equal(buffer_view(&file->contents), buffer_view(&file->der)) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "%.300s is neither PEM nor one certificate in DER: give --out "
               "FILE, and --key-out FILE",
               file->path);
}

static bool renew_now(struct renewing *renewing, const struct renew_file *file,
    bool in_place, struct failure *why)
{
    RELEASED(renew_asking)
    asking = {.call = renewing->call,
        .client = renewing->client,
        .file = file,
        .in_place = in_place};

    return renew_ask(&asking, why) && deliver(renewing, &asking, why);
}

static bool renew_one(struct renewing *renewing, const struct renew_file *file,
    struct failure *why)
{
    bool in_place = is_in_place(renewing->call, file);
    bool finished = false;

    if (in_place && !check_place(file, why))
        return false;
    if (renewing->client == NULL)
        return tell(renewing, file, "would-renew",
            "would be renewed; nothing was asked or changed", NULL, why);
    if (in_place && !renew_finish(renewing->call, file, &finished, why))
        return false;
    if (finished)
        return tell(renewing, file, "finished",
            "an interrupted renewal was finished", NULL, why);
    return renew_now(renewing, file, in_place, why);
}

/* --- all that are due ---------------------------------------------------- */

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), end = strlen(ending);

    return length > end && strcmp(name + length - end, ending) == 0;
}

static int may_be_a_certificate(const struct dirent *entry)
{
    const char *name = entry->d_name;

    return name[0] != '.' && !ends_with(name, ".key") &&
           !ends_with(name, ".old") && !ends_with(name, ".new");
}

static bool is_file(const char *path)
{
    struct stat status = {0};

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool note_failure(struct renewing *renewing,
    const struct renew_file *file, const struct failure *failure,
    struct failure *why)
{
    if (failure->kind == FAILURE_NOT_FOUND)
        return tell(renewing, file, "skipped", failure->reason, NULL, why);
    if (renewing->failed++ == 0)
        renewing->first = *failure;
    return tell(renewing, file, "failed", failure->reason, NULL, why);
}

static bool tell_not_due(struct renewing *renewing,
    const struct renew_file *file, struct failure *why)
{
    char end[CLOCK_TEXT], sentence[100];

    clock_print(file->certificate.tbs.not_after, end);
    (void)snprintf(
        sentence, sizeof(sentence), "not due yet, valid until %s", end);
    return tell(renewing, file, "not-due", sentence, NULL, why);
}

/* Other files than certificates are passed over in silence. */
static bool renew_if_due(
    struct renewing *renewing, const char *path, struct failure *why)
{
    RELEASED(renew_file) file = {0};
    struct failure failure = {0};

    if (!is_file(path) ||
        !renew_file_read(renewing->call, path, &file, &failure) ||
        file.der.length == 0)
        return true;
    if (!renew_file_is_due(&file, clock_now()))
        return tell_not_due(renewing, &file, why);
    if (!file.key_is_there)
        return tell(renewing, &file, "skipped",
            "due, but its key is not beside it", NULL, why);
    renewing->due++;
    return renew_one(renewing, &file, &failure) ||
           note_failure(renewing, &file, &failure, why);
}

static bool renew_each(struct renewing *renewing, const char *folder,
    struct dirent **entries, int count, struct failure *why)
{
    char path[PATH_ROOM];

    for (int i = 0; i < count; i++) {
        bool ok =
            strcmp(folder, ".") == 0
                ? snprintf(path, sizeof(path), "%s", entries[i]->d_name) > 0
                : path_join(path, folder, entries[i]->d_name, why);

        if (!ok || !renew_if_due(renewing, path, why))
            return false;
    }
    return true;
}

static bool renew_all_due(
    struct renewing *renewing, const char *folder, struct failure *why)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, may_be_a_certificate, alphasort);
    bool ok;

    if (count < 0)
        return fail_in_file(why, "reading", folder);
    ok = renew_each(renewing, folder, entries, count, why);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (ok && !renewing->call->json && renewing->due == 0)
        notice(renewing->call, "Nothing is due.");
    return ok;
}

/* --- the command --------------------------------------------------------- */

static bool check_usage(struct call *call, struct failure *why)
{
    bool all = call_given(call, "all-due");
    bool elsewhere = call_given(call, "out") || call_given(call, "csr") ||
                     call_given(call, "key-out");

    if (!all && call->options.operand_count == 0)
        return fail_usage(call, why,
            "which certificate? Give its FILE, or --all-due [FOLDER]");
    if (all && (elsewhere || call_given(call, "key")))
        return fail_usage(call, why,
            "--all-due renews each certificate in its place: --key, --csr, "
            "--key-out and --out are for one FILE");
    if (call_given(call, "reuse-key") &&
        (call_given(call, "csr") || call_given(call, "key-out")))
        return fail_usage(call, why,
            "--reuse-key excludes --csr and --key-out, which bring a new key");
    if (call_given(call, "csr") && call_given(call, "key-out"))
        return fail_usage(
            call, why, "--csr brings its key: leave --key-out out");
    return (call_given(call, "key-out") == false ||
               key_output_check(call, call_text(call, "key-out"), why)) &&
           (call_given(call, "out") == false ||
               output_file_check(call, call_text(call, "out"), why));
}

static bool renew_file_named(
    struct renewing *renewing, const char *path, struct failure *why)
{
    RELEASED(renew_file) file = {0};
    struct call *call = renewing->call;

    if (!renew_file_read(call, path, &file, why))
        return false;
    if (file.signed_request.length == 0 && call_given(call, "out") &&
        !call_given(call, "csr") && !call_given(call, "reuse-key") &&
        !call_given(call, "key-out"))
        return fail_usage(call, why,
            "--out needs --key-out FILE for the new key, --csr FILE or "
            "--reuse-key");
    return renew_one(renewing, &file, why);
}

static bool renew_given(struct renewing *renewing, struct failure *why)
{
    struct call *call = renewing->call;
    const char *operand =
        call->options.operand_count > 0 ? call->options.operands[0] : ".";

    if (!call_given(call, "all-due"))
        return renew_file_named(renewing, operand, why) &&
               (!call->json ||
                   output_json(json_array_get(renewing->results, 0), why));
    if (!renew_all_due(renewing, operand, why) ||
        (call->json && !output_json(renewing->results, why)))
        return false;
    return renewing->failed == 0 ||
           fail_because(why, renewing->first.kind,
               "%zu of %zu certificates that are due could not be renewed; of "
               "the first: %.300s",
               renewing->failed, renewing->due, renewing->first.reason);
}

/* Whoever serves tells by itself that it is locked; with the old key no role is
 * needed to ask it. */
static bool open_way(
    struct call *call, struct client **client, struct failure *why)
{
    struct client_need need = {0};
    struct place place = {0};

    if (!call_place(call, &place, why))
        return false;
    need.signs = !client_is_served(&place);
    return call_given(call, "dry-run") ||
           call_client(call, &place, &need, client, why);
}

bool run_renew(struct call *call, struct failure *why)
{
    SCOPED(json_t) *results = json_array();
    SCOPED_STRUCT(client) *client = NULL;
    struct renewing renewing = {.call = call, .results = results};

    if (!check_usage(call, why) || !open_way(call, &client, why))
        return false;
    renewing.client = client;
    return renew_given(&renewing, why);
}
