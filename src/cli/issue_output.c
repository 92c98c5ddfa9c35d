#include "cli/issue_output.h"

#include <stdio.h>

#include "authority/facts.h"
#include "base/clock.h"
#include "cli/output.h"
#include "x509/pem.h"
#include "x509/request.h"

#define CHAIN_MAX ((CLIENT_CHAIN_MAX + 1) * PEM_MAX)

static bool append_output(const struct call *call,
    const struct client_issued *issued, struct buffer *contents,
    struct failure *why)
{
    if (call_given(call, "der"))
        return buffer_append(contents, issued->certificate, why);
    if (!certificate_print(issued->certificate, contents, why))
        return false;
    for (size_t i = 0; call_given(call, "chain") && i < issued->chain_count;
         i++) {
        if (!certificate_print(issued->chain[i], contents, why))
            return false;
    }
    return true;
}

static json_t *chain_to_json(const struct client_issued *issued)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < issued->chain_count; i++)
        (void)json_array_append_new(
            array, certificate_to_json(issued->chain[i]));
    return array;
}

static json_t *notices_to_json(const struct client_issued *issued)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < issued->notice_count; i++)
        (void)json_array_append_new(
            array, json_stringn((const char *)issued->notices[i].start,
                       issued->notices[i].length));
    return array;
}

static json_t *path_to_json(const char *path)
{
    return path == NULL ? json_null() : json_of_text(path);
}

static bool print_in_json(const struct call *call,
    const struct issue_wish *wish, const struct client_issued *issued,
    struct failure *why)
{
    RELEASED(facts) facts = {0};
    SCOPED(json_t) *value = NULL;

    if (!facts_read(issued->certificate, true, &facts, why))
        return false;
    value = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:o, s:o, s:o, "
                      "s:o, s:o}",
        "serial", facts.serial, "subject", facts.subject, "issuer",
        facts.issuer, "profile", wish->asked.profile, "not_before",
        facts.not_before, "not_after", facts.not_after, "sha256", facts.sha256,
        "names", facts.names, "certificate",
        certificate_to_json(issued->certificate), "chain",
        chain_to_json(issued), "file", path_to_json(call_text(call, "out")),
        "key_file", path_to_json(wish->key_file), "notices",
        notices_to_json(issued));
    return output_json(value, why);
}

static bool tell(const struct call *call, const struct issue_wish *wish,
    const struct client_issued *issued, const char *file, struct failure *why)
{
    RELEASED(facts) facts = {0};

    for (size_t i = 0; i < issued->notice_count; i++)
        notice(call, "%.*s", (int)issued->notices[i].length,
            (const char *)issued->notices[i].start);
    if (file == NULL)
        return true;
    if (!facts_read(issued->certificate, true, &facts, why))
        return false;
    notice(call, "%s: certificate %s, valid until %s", file, facts.serial,
        facts.not_after);
    if (wish->key_file != NULL)
        notice(call,
            "%s: its private key, the only copy: the authority keeps none; it "
            "can be exported",
            wish->key_file);
    return true;
}

bool issue_output(const struct call *call, const struct issue_wish *wish,
    const struct client_issued *issued, struct failure *why)
{
    RELEASED(buffer) contents = BUFFER("the certificates", CHAIN_MAX);
    const char *file = call_text(call, "out");

    if (!append_output(call, issued, &contents, why))
        return false;
    if (file != NULL &&
        !output_file_write(call, file, buffer_view(&contents), 0644, why))
        return false;
    if (!issue_wish_echo(call, wish, why))
        return false;
    if (call->json)
        return print_in_json(call, wish, issued, why);
    return tell(call, wish, issued, file, why) &&
           (file != NULL || output_bytes(buffer_view(&contents), why));
}

/* --- a request that waits ------------------------------------------------- */

static bool print_waiting_in_json(const struct issue_wish *wish,
    const struct client_issued *issued, struct failure *why)
{
    SCOPED(json_t) *value = json_pack("{s:{s:s, s:I}, s:o, s:o}", "request",
        "id", issued->request_id, "approvals_needed",
        (json_int_t)issued->approvals_needed, "key_file",
        path_to_json(wish->key_file), "notices", notices_to_json(issued));

    return output_json(value, why);
}

bool issue_output_waiting(const struct call *call,
    const struct issue_wish *wish, const struct client_issued *issued,
    struct failure *why)
{
    if (!issue_wish_echo(call, wish, why))
        return false;
    if (call->json)
        return print_waiting_in_json(wish, issued, why);
    for (size_t i = 0; i < issued->notice_count; i++)
        notice(call, "%.*s", (int)issued->notices[i].length,
            (const char *)issued->notices[i].start);
    if (wish->key_file != NULL)
        notice(call, "%s: its private key", wish->key_file);
    (void)printf("Request %s waits for the approval of %s: `chancery requests "
                 "approve %s`.\n",
        issued->request_id,
        issued->approvals_needed == 1 ? "one person" : "two people",
        issued->request_id);
    (void)printf("Then fetch the certificate: `chancery requests fetch %s "
                 "--key %s`.\n",
        issued->request_id, wish->key_file == NULL ? "FILE" : wish->key_file);
    return true;
}

/* --- --dry-run ----------------------------------------------------------- */

static bool plan_names(
    const struct issue_wish *wish, json_t **names, struct failure *why)
{
    SCOPED(json_t) *array = json_array();

    if (array == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!names_to_json(
            der_reader_of(buffer_view(&wish->general_names)), array, why))
        return false;
    *names = KEEP(json_t, &array);
    return true;
}

static bool plan_subject(
    const struct issue_wish *wish, struct buffer *text, struct failure *why)
{
    struct request request = {0};

    if (wish->subject.length > 0)
        return name_print(buffer_view(&wish->subject), text, why);
    if (wish->request.length == 0)
        return true;
    return request_read(buffer_view(&wish->request), &request, why) &&
           name_print(request.subject, text, why);
}

static bool print_plan(
    const struct issue_wish *wish, const char *subject, struct failure *why)
{
    char text[DURATION_TEXT > CLOCK_TEXT ? DURATION_TEXT : CLOCK_TEXT];

    (void)printf("profile   %s\nsubject   ", wish->asked.profile);
    if (!print_shown(*subject == 0 ? "(empty)" : subject, why))
        return false;
    if (wish->asked.lifetime_s != 0) {
        duration_print(wish->asked.lifetime_s, text);
        (void)printf("\nlifetime  %s", text);
    }
    if (wish->asked.not_after != 0) {
        clock_print(wish->asked.not_after, text);
        (void)printf("\nuntil     %s", text);
    }
    if (wish->key_file != NULL)
        (void)printf("\nkey       a new one, %s", wish->key_kind->title);
    (void)puts("\nThis would be asked of the authority; nothing was issued.");
    return true;
}

static bool print_plan_in_json(
    const struct issue_wish *wish, const char *subject, struct failure *why)
{
    SCOPED(json_t) *names = NULL;
    SCOPED(json_t) *value = NULL;

    if (!plan_names(wish, &names, why))
        return false;
    value = json_pack("{s:b, s:s, s:s, s:O, s:I, s:s?}", "dry_run", 1,
        "profile", wish->asked.profile, "subject", subject, "names", names,
        "lifetime_s", (json_int_t)wish->asked.lifetime_s, "key",
        wish->key_file == NULL ? NULL : wish->key_kind->name);
    return output_json(value, why);
}

bool issue_output_plan(
    const struct call *call, const struct issue_wish *wish, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("the subject", NAME_TEXT_MAX * 4);
    const char *subject = NULL;

    if (!plan_subject(wish, &text, why) ||
        !buffer_as_text(&text, &subject, why) ||
        !issue_wish_echo(call, wish, why))
        return false;
    return call->json ? print_plan_in_json(wish, subject, why)
                      : print_plan(wish, subject, why);
}
