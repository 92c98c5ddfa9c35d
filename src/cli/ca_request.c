#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/hierarchy.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"
#include "x509/pem.h"

#define NAME_PRESET "issuing"

/* --- one that waits already ---------------------------------------------- */

struct waiting {
    const char *name;
    struct buffer request; /* DER; empty: none waits */
};

static void waiting_free(struct waiting *waiting)
{
    buffer_free(&waiting->request);
}

static bool take_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    struct waiting *waiting = context;

    return strcmp(row->name, waiting->name) != 0 ||
           buffer_append(&waiting->request, row->request, why);
}

static bool find_waiting(const struct ceremony_call *ceremony,
    struct waiting *waiting, struct failure *why)
{
    SCOPED_STRUCT(store) *store = NULL;

    return place_open_store(&ceremony->ceremony.place, &store, why) &&
           store_list_awaited(store, take_awaited, waiting, why);
}

/* --- the request out ----------------------------------------------------- */

static bool tell(struct call *call, const char *name, struct bytes request,
    bool was_there, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("request", PEM_MAX);
    const char *file = call_text(call, "out");
    const char *text = NULL;
    struct bytes written = request;
    SCOPED(json_t) *value = NULL;

    if (!pem_append(&pem, "CERTIFICATE REQUEST", request, why) ||
        !buffer_as_text(&pem, &text, why))
        return false;
    if (!call_given(call, "der"))
        written = buffer_view(&pem);
    if (file != NULL && !output_file_write(call, file, written, 0644, why))
        return false;
    notice(call,
        "The key of %s waits for its certificate: have the request certified, "
        "then give the answer to `chancery ca install FILE`.",
        name);
    if (!call->json)
        return file != NULL || output_bytes(written, why);
    value = json_pack("{s:s, s:s, s:b, s:o}", "name", name, "request", text,
        "already_there", (int)was_there, "file",
        file == NULL ? json_null() : json_of_text(file));
    return output_json(value, why);
}

static bool make_request(struct call *call, struct ceremony_call *ceremony,
    const char *name, struct buffer *request, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    struct ceremony_key key = {.name = name};
    SCOPED(json_t) *facts = NULL;
    bool is_new = false;

    if (!ceremony_call_kind(call, (struct bytes){0}, &key.algorithm, why) ||
        !ceremony_call_subject(call, ceremony, name, &subject, why))
        return false;
    key.subject = buffer_view(&subject);
    return ceremony_call_make_key(
               call, ceremony, &key, request, &is_new, why) &&
           message_add_text(&message, CONTROL_NAME, name, why) &&
           message_add(&message, CONTROL_REQUEST, buffer_view(request), why) &&
           ceremony_call_ask(call, ceremony, CONTROL_AUTHORITY_AWAIT,
               buffer_view(&message), &facts, why);
}

static bool rehearse(
    struct call *call, const char *name, bool was_there, struct failure *why)
{
    SCOPED(json_t) *value = json_pack("{s:b, s:s, s:b}", "dry_run", 1, "name",
        name, "already_there", (int)was_there);

    if (call->json)
        return output_json(value, why);
    (void)printf(was_there
                     ? "%s waits already; its request would be written again.\n"
                     : "A key for %s would be made, and a request for its "
                       "certificate.\n",
        name);
    return output_finish(why);
}

static bool read_name(struct call *call, const char **name, struct failure *why)
{
    const char *option = call_text(call, "ca");

    *name = call_text(call, "name");
    if (*name != NULL && option != NULL)
        return fail_usage(
            call, why, "--name and --ca are the same: give one of them");
    if (*name == NULL)
        *name = option == NULL ? NAME_PRESET : option;
    return check_authority_name(*name, why);
}

bool run_ca_request(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(waiting)
    waiting = {.request = BUFFER("request", REQUEST_MAX)};
    const char *file = call_text(call, "out");
    bool was_there;

    if (!read_name(call, &waiting.name, why) ||
        (file != NULL && !output_file_check(call, file, why)) ||
        !ceremony_call_begin(call, &ceremony, why) ||
        !find_waiting(&ceremony, &waiting, why))
        return false;
    if (ceremony_call_named(&ceremony, waiting.name) != NULL)
        return fail_because(why, FAILURE_CONFLICT,
            "an authority \"%s\" is here already: give another name by "
            "--name, or a new key to this one by `ca rollover`",
            waiting.name);
    was_there = waiting.request.length > 0;
    if (call_given(call, "dry-run"))
        return rehearse(call, waiting.name, was_there, why);
    return (was_there || make_request(call, &ceremony, waiting.name,
                             &waiting.request, why)) &&
           tell(call, waiting.name, buffer_view(&waiting.request), was_there,
               why);
}
