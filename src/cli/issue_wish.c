#include "cli/issue_wish.h"

#include <string.h>
#include <unistd.h>

#include "authority/facts.h"
#include "base/clock.h"
#include "cli/issue_key.h"
#include "cli/output.h"
#include "x509/input.h"
#include "x509/request.h"

#define NAMES_TEXT_MAX (1024 * 1024)

void issue_wish_free(struct issue_wish *wish)
{
    buffer_free(&wish->request);
    buffer_free(&wish->subject);
    buffer_free(&wish->general_names);
    private_key_free(wish->key);
    wish->key = NULL;
}

/* --- the request --------------------------------------------------------- */

static bool check_request(const struct issue_wish *wish, struct failure *why)
{
    struct request request = {0};
    struct public_key_parts parts = {0};

    return request_read(buffer_view(&wish->request), &request, why) &&
           request_verify(&request, &parts, why);
}

/* A renewal's PKCS#10 counts here as any other: this command's right to a
 * certificate is its caller's role, not the old key. */
static bool read_request(
    const char *path, struct issue_wish *wish, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the request", PEM_MAX);
    RELEASED(buffer)
    old_certificate = BUFFER("the old certificate", CERTIFICATE_MAX);
    bool is_input = strcmp(path, "-") == 0;
    const char *name = is_input ? "standard input" : path;

    if (is_input ? !descriptor_read(STDIN_FILENO, name, &file, why)
                 : !file_read(path, &file, why))
        return false;
    return input_request(buffer_view(&file), name, &wish->request,
               &old_certificate, why) &&
           check_request(wish, why);
}

static bool read_key_kind(
    struct call *call, struct issue_wish *wish, struct failure *why)
{
    const char *word = call_text(call, "key");

    wish->key_kind = key_algorithm_named(word == NULL ? "p256" : word);
    return wish->key_kind != NULL || fail_key_kind(call, why);
}

static bool read_source(
    struct call *call, struct issue_wish *wish, struct failure *why)
{
    const char *request = call_text(call, "csr");

    wish->key_file = call_text(call, "key-out");
    if ((request == NULL) == (wish->key_file == NULL))
        return fail_usage(call, why,
            "either --csr FILE, a request, or --key-out FILE, for a new key, "
            "is needed");
    if (wish->key_file != NULL) {
        if (!call_given(call, "san") && !call_given(call, "subject"))
            return fail_usage(call, why,
                "whom is the new key for? Give --san NAME or --subject DN");
        return read_key_kind(call, wish, why);
    }
    if (call_given(call, "key") || call_given(call, "key-passphrase-file"))
        return fail_usage(call, why,
            "--key and --key-passphrase-file are for --key-out: a request "
            "brings its own key");
    return read_request(request, wish, why);
}

/* --- names
 * ----------------------------------------------------------------------------
 */

static bool read_names(
    struct call *call, struct issue_wish *wish, struct failure *why)
{
    const char *subject = call_text(call, "subject");
    const char *name;
    size_t position = 0;

    if (subject != NULL && !name_read(subject, &wish->subject, why))
        return false;
    while ((name = option_next(&call->options, "san", &position)) != NULL) {
        if (!general_name_read(name, &wish->general_names, why))
            return false;
    }
    return true;
}

/* --- time
 * -------------------------------------------------------------------------------
 */

static bool read_end(struct call *call, const char *text, int64_t *not_after,
    struct failure *why)
{
    struct failure no_time = {0}, no_lifetime = {0};
    int64_t lifetime_s = 0;

    if (clock_read(text, not_after, &no_time))
        return true;
    if (!duration_read(text, &lifetime_s, &no_lifetime))
        return fail_usage(call, why,
            "--not-after takes a time (2027-01-31T12:00:00Z, or seconds since "
            "1970) or a lifetime (90d)");
    *not_after = clock_now() + lifetime_s;
    return true;
}

static bool read_times(
    struct call *call, struct client_issue *asked, struct failure *why)
{
    const char *lifetime = call_text(call, "lifetime");
    const char *end = call_text(call, "not-after");
    struct failure cause = {0};

    if (lifetime != NULL && end != NULL)
        return fail_usage(
            call, why, "--lifetime and --not-after exclude each other");
    if (lifetime != NULL &&
        !duration_read(lifetime, &asked->lifetime_s, &cause))
        return fail_usage(call, why, "--lifetime: %s", cause.reason);
    /* The keeper takes none for "as the profile says". */
    if (lifetime != NULL && asked->lifetime_s == 0)
        return fail_usage(
            call, why, "--lifetime: %.20s is no time at all", lifetime);
    return end == NULL || read_end(call, end, &asked->not_after, why);
}

/* --- all of it
 * ------------------------------------------------------------------------------
 */

static bool check_outputs(struct call *call, struct failure *why)
{
    const char *certificate = call_text(call, "out");
    const char *key = call_text(call, "key-out");

    if (call_given(call, "der") && call_given(call, "chain"))
        return fail_usage(call, why,
            "--der writes one certificate: leave --chain out, or write PEM");
    if (certificate != NULL && key != NULL && strcmp(certificate, key) == 0)
        return fail_usage(call, why,
            "--out and --key-out name the same file: a key stands alone");
    return (key == NULL || key_output_check(call, key, why)) &&
           (certificate == NULL || output_file_check(call, certificate, why));
}

bool issue_wish_read(
    struct call *call, struct issue_wish *wish, struct failure *why)
{
    struct client_issue *asked = &wish->asked;

    wish->request = BUFFER("the request", PEM_MAX);
    wish->subject = BUFFER("the subject", NAME_TEXT_MAX);
    wish->general_names = BUFFER("the names", NAMES_TEXT_MAX);
    asked->profile = call_text(call, "profile");
    asked->authority = call_text(call, "ca");
    asked->origin = call_text(call, "idempotency-key");
    if (asked->profile == NULL)
        return fail_usage(call, why,
            "--profile is missing: chancery config show lists the profiles, "
            "server and client among them");
    if (!read_times(call, asked, why) || !check_outputs(call, why) ||
        !read_source(call, wish, why) || !read_names(call, wish, why))
        return false;
    asked->request = buffer_view(&wish->request);
    asked->subject = buffer_view(&wish->subject);
    asked->general_names = buffer_view(&wish->general_names);
    return true;
}

bool issue_wish_make_request(struct issue_wish *wish, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("the subject", NAME_TEXT_MAX);

    if (wish->subject.length > 0
            ? !buffer_append(&subject, buffer_view(&wish->subject), why)
            : !name_read("", &subject, why))
        return false;
    if (!key_generate(wish->key_kind, &wish->key, why) ||
        !request_make(wish->key, buffer_view(&subject),
            buffer_view(&wish->general_names), &wish->request, why))
        return false;
    wish->asked.request = buffer_view(&wish->request);
    return true;
}

bool issue_wish_echo(
    const struct call *call, const struct issue_wish *wish, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("the names", NAMES_TEXT_MAX * 4);
    const char *shown = NULL;

    if (wish->subject.length > 0) {
        if (!name_print(buffer_view(&wish->subject), &text, why) ||
            !buffer_as_text(&text, &shown, why))
            return false;
        notice(call, "subject: %s", shown);
        buffer_clear(&text);
    }
    if (wish->general_names.length > 0) {
        if (!names_print(buffer_view(&wish->general_names), &text, why) ||
            !buffer_as_text(&text, &shown, why))
            return false;
        notice(call, "names: %s", shown);
    }
    return true;
}
