#include "server/admin/admin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "authority/facts.h"
#include "protocols/origin.h"
#include "server/admin/call.h"
#include "server/pages/pages.h"

#define GET(given_path, given_title, given_here, given_roles, answers) \
    {                                                                  \
        EXCHANGE_GET, (given_path), (given_title), (given_here),       \
            (given_roles), (answers)                                   \
    }
#define POST(given_path, given_title, given_here, answers)                \
    {                                                                     \
        EXCHANGE_POST, (given_path), (given_title), (given_here), BY_ALL, \
            (answers)                                                     \
    }

#define REQUESTS "/admin/requests"
#define CERTIFICATES "/admin/certificates"
#define PROFILES "/admin/profiles"
#define QUESTION_MAX 4096 /* fields for the clerk */

static const struct admin_row rows[] = {
    {EXCHANGE_GET, "/admin/sign-in", "Sign in", NULL, 0, entry_show},
    {EXCHANGE_POST, "/admin/sign-in", "Sign in", NULL, 0, entry_sign_in},
    POST("/admin/sign-out", "Signed out", NULL, entry_sign_out),

    GET("/admin/", "Overview", "/admin/", BY_ALL, overview_show),

    GET(REQUESTS, "Requests", REQUESTS, BY_ALL, requests_list),
    GET(REQUESTS "/*", "A request", REQUESTS, BY_ALL, requests_show),
    POST(REQUESTS "/*/approve", "A request", REQUESTS, requests_approve),
    POST(REQUESTS "/*/deny", "A request", REQUESTS, requests_deny),

    GET(CERTIFICATES, "Certificates", CERTIFICATES, BY_ALL, certificates_list),
    GET(CERTIFICATES "/*", "A certificate", CERTIFICATES, BY_ALL,
        certificates_show),
    GET(CERTIFICATES "/*/revoke", "Revoke a certificate", CERTIFICATES,
        BY_OPERATORS, revocation_show),
    POST(CERTIFICATES "/*/revoke", "Revoke a certificate", CERTIFICATES,
        revocation_do),
    POST(
        CERTIFICATES "/*/hold", "A certificate", CERTIFICATES, revocation_hold),
    POST(CERTIFICATES "/*/release", "A certificate", CERTIFICATES,
        revocation_release),

    GET(PROFILES, "Profiles", PROFILES, BY_ALL, profiles_list),
    GET(PROFILES "/*", "A profile", PROFILES, BY_ALL, profiles_show),
    POST(PROFILES "/*/pause", "A profile", PROFILES, profiles_pause),
    POST(PROFILES "/*/resume", "A profile", PROFILES, profiles_resume),

    GET("/admin/authorities", "Authorities", "/admin/authorities", BY_ALL,
        authorities_show),
    GET("/admin/crl", "Lists and OCSP", "/admin/crl", BY_ALL, lists_show),
    POST("/admin/crl/*/publish", "Lists and OCSP", "/admin/crl",
        lists_publish_now),
    GET("/admin/journal", "Journal", "/admin/journal", BY_AUDITORS,
        journal_show),
    GET("/admin/people", "People", "/admin/people", BY_AUDITORS, people_show),
    {.path = NULL},
};

/* --- the frame of a page ---------------------------------------------------
 */

bool admin_begin(
    struct admin_call *call, const char *title, struct failure *why)
{
    const struct html_page page = {
        .title = title == NULL ? call->row->title : title,
        .authority = page_authority(call->exchange->authority),
        .here = call->row->here,
        .is_admin = true,
        .who = call->is_signed_in ? call->who : NULL,
        .sign_out = call->is_signed_in ? call->token : NULL};

    return (!call->is_signed_in ||
               form_token(call, "/admin/sign-out", call->token, why)) &&
           html_page_begin(&call->out, &page, why);
}

bool admin_end_as(struct admin_call *call, unsigned status, struct failure *why)
{
    return page_answer_as(call->exchange, status, &call->out, why);
}

bool admin_end(struct admin_call *call, struct failure *why)
{
    return admin_end_as(call, call->wrong == NULL ? 200 : 400, why);
}

bool admin_may(const struct admin_call *call, unsigned roles)
{
    return (ROLE_BIT(call->exchange->caller.role) & roles) != 0;
}

bool admin_tell_done(
    struct admin_call *call, const struct admin_done *done, struct failure *why)
{
    const char *word = exchange_text(call->exchange, "done");

    for (; done->word != NULL; done++) {
        if (strcmp(done->word, word) == 0)
            return html_print(&call->out, why,
                "<p class=\"note\" role=\"status\">%s</p>\n", done->sentence);
    }
    return true;
}

bool admin_fact(struct buffer *out, const char *name, const char *value,
    struct failure *why)
{
    return value[0] == '\0' ||
           html_print(out, why, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

bool admin_hash(struct buffer *out, const char *name, const char *sha256,
    struct failure *why)
{
    char text[FINGERPRINT_TEXT] = "";

    if (strlen(sha256) == SHA256_TEXT - 1)
        fingerprint_print(sha256, text);
    return html_print(out, why, "<dt>%s</dt><dd>", name) &&
           html_fingerprint(out, text, why) && html_raw(out, "</dd>\n", why);
}

bool admin_names(struct buffer *out, const json_t *names, struct failure *why)
{
    const json_t *name = NULL;
    size_t index = 0;

    if (json_array_size(names) == 0)
        return true;
    if (!html_raw(out, "<dt>Names</dt><dd>", why))
        return false;
    json_array_foreach(names, index, name)
    {
        if (!html_print(out, why, "%s%s", index == 0 ? "" : ", ",
                json_string_value(name)))
            return false;
    }
    return html_raw(out, "</dd>\n", why);
}

const char *admin_title(const char *subject, const json_t *names)
{
    const char *name = json_string_value(json_array_get(names, 0));

    if (subject[0] != '\0')
        return subject;
    return name == NULL ? "(no name)" : name;
}

/* --- the table --------------------------------------------------------------
 */

/* One segment, which is not empty. */
static size_t take_argument(
    const char *path, char argument[static ADMIN_ARGUMENT_ROOM])
{
    size_t length = strcspn(path, "/");

    if (length >= ADMIN_ARGUMENT_ROOM)
        return 0;
    memcpy(argument, path, length);
    argument[length] = '\0';
    return length;
}

static bool fits(const char *pattern, const char *path,
    char argument[static ADMIN_ARGUMENT_ROOM])
{
    size_t before = strcspn(pattern, "*");
    size_t taken;

    argument[0] = '\0';
    if (pattern[before] == '\0')
        return strcasecmp(pattern, path) == 0;
    if (strncasecmp(pattern, path, before) != 0)
        return false;
    taken = take_argument(path + before, argument);
    return taken > 0 &&
           strcasecmp(pattern + before + 1, path + before + taken) == 0;
}

/* *other: a row has the path, with another method. */
static const struct admin_row *find_row(
    struct admin_call *call, const struct admin_row **other)
{
    *other = NULL;
    for (const struct admin_row *row = rows; row->path != NULL; row++) {
        if (!fits(row->path, call->exchange->path, call->argument))
            continue;
        if (row->method == call->exchange->method)
            return row;
        *other = row;
    }
    return NULL;
}

/* RFC 9110, 15.5.6. */
static bool answer_method(
    struct admin_call *call, const struct admin_row *row, struct failure *why)
{
    call->row = row;
    return exchange_header(call->exchange, "Allow",
               row->method == EXCHANGE_GET ? "GET, HEAD" : "POST", why) &&
           admin_begin(call, "Method not allowed", why) &&
           html_raw(
               &call->out, "<p>This address is not asked so.</p>\n", why) &&
           admin_end_as(call, 405, why);
}

/* Of what changes something the clerk says who may, and journals a refusal. */
static bool check_role(const struct admin_call *call, struct failure *why)
{
    enum enrolment_role role = call->exchange->caller.role;

    return call->row->roles == 0 || call->row->method == EXCHANGE_POST ||
           admin_may(call, call->row->roles) ||
           fail_because(why, FAILURE_FORBIDDEN,
               "%s is signed in as %s, and this page is not for that role",
               call->exchange->caller.actor, role_name(role));
}

static bool answer(struct admin_call *call, struct failure *why)
{
    bool is_in = false;

    if (!entry_pass(call, &is_in, why))
        return false;
    return !is_in ||
           (check_role(call, why) &&
               (call->row->method != EXCHANGE_POST || form_check(call, why)) &&
               call->row->function(call, why));
}

static void call_free(struct admin_call *call)
{
    buffer_free(&call->out);
    buffer_free(&call->question);
    wipe(call, sizeof(*call));
}

bool admin_answer(struct exchange *exchange, struct failure *why)
{
    struct admin_call call = {.exchange = exchange,
        .out = BUFFER("page", HTML_PAGE_MAX),
        .question = BUFFER("question", QUESTION_MAX)};
    const struct admin_row *other = NULL;
    bool ok;

    if (!entry_check_host(exchange, why) ||
        (exchange->method == EXCHANGE_POST &&
            !exchange_check_origin(exchange, why)))
        return false;
    if (strcasecmp(exchange->path, "/admin") == 0)
        return exchange_redirect(exchange, "/admin/", why);
    call.row = find_row(&call, &other);
    if (call.row != NULL)
        ok = answer(&call, why);
    else if (other != NULL)
        ok = answer_method(&call, other, why);
    else
        ok = fail_because(why, FAILURE_NOT_FOUND, "there is no such page");
    call_free(&call);
    return ok;
}
