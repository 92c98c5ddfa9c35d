#include "protocols/rest/rest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/message.h"
#include "protocols/rest/operation.h"
#include "protocols/rest/schemas.h"

/* --- the path ------------------------------------------------------------ */

static size_t segment_of(const char *path)
{
    return strcspn(path, "/");
}

/* Segment by segment; "{name}" takes any that is not empty. */
static bool fits(const char *template, const char *path,
    char argument[static OPERATION_ARGUMENT_ROOM])
{
    argument[0] = '\0';
    while (*template == '/' && *path == '/') {
        size_t wanted = segment_of(++template);
        size_t given = segment_of(++path);

        if (*template == '{') {
            if (given == 0 || given >= OPERATION_ARGUMENT_ROOM)
                return false;
            memcpy(argument, path, given);
            argument[given] = '\0';
        } else if (wanted != given || memcmp(template, path, given) != 0) {
            return false;
        }
        template += wanted;
        path += given;
    }
    return *template == '\0' && *path == '\0';
}

static const char *method_name(enum exchange_method method)
{
    switch (method) {
    case EXCHANGE_GET:
        return "GET, HEAD";
    case EXCHANGE_POST:
        return "POST";
    case EXCHANGE_PUT:
    case EXCHANGE_PATCH:
    case EXCHANGE_DELETE:
        break;
    }
    return "";
}

/* RFC 9110, 15.5.6: Allow names what the resource takes. */
static bool fail_method(
    struct rest_call *call, unsigned methods, struct failure *why)
{
    bool both = methods == (EXCHANGE_GET | EXCHANGE_POST);
    const char *allowed =
        both ? "GET, HEAD, POST" : method_name((enum exchange_method)methods);

    call->problem.status = 405;
    call->problem.type = "method-not-allowed";
    return exchange_header(call->exchange, "Allow", allowed, why) &&
           fail_because(why, FAILURE_MALFORMED,
               "this resource takes other methods: %s", allowed);
}

static bool find_operation(struct rest_call *call, struct failure *why)
{
    struct exchange *exchange = call->exchange;
    const char *path = exchange->path;
    unsigned methods = 0;

    if (strncmp(path, REST_ROOT "/", sizeof(REST_ROOT)) == 0)
        path += sizeof(REST_ROOT) - 1;
    for (const struct operation *row = operations(); row->path != NULL; row++) {
        char argument[OPERATION_ARGUMENT_ROOM];

        if (!fits(row->path, path, argument))
            continue;
        methods |= row->method;
        if (row->method != exchange->method)
            continue;
        call->operation = row;
        memcpy(call->argument, argument, sizeof(argument));
        return true;
    }
    return methods != 0
               ? fail_method(call, methods, why)
               : fail_because(why, FAILURE_NOT_FOUND,
                     "the interface has no such resource; /api/openapi.json "
                     "lists them");
}

/* --- who asks ------------------------------------------------------------ */

/* Absent, refused and nobody's are told apart (kb 94, 103); the type carries
 * the verdict's own word. */
static bool refuse_anyone(struct rest_call *call, struct failure *why)
{
    const struct exchange *exchange = call->exchange;

    if (exchange->certificate == CERTIFICATE_REFUSED) {
        call->problem.type = exchange->certificate_code;
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the client certificate was refused (%s): %s",
            exchange->certificate_code, exchange->certificate_sentence);
    }
    if (exchange->certificate == CERTIFICATE_VERIFIED)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the client certificate is good, and is nobody's here: an "
            "administrator gives it a role with chancery admin add NAME --role "
            "ROLE --certificate FILE");
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        "who asks must be known: by a token (Authorization: Bearer), or by "
        "a certificate at a listener that asks for one");
}

/* Whom the clerk refuses, he journals. */
static bool may_ask(struct rest_call *call, struct failure *why)
{
    const struct operation *row = call->operation;
    const struct caller *caller = &call->exchange->caller;

    if (row->askers == ASKED_BY_ANYONE)
        return true;
    if (caller->way == CALLER_ANYONE)
        return refuse_anyone(call, why);
    return row->askers == ASKED_BY_KNOWN || row->verb != 0 ||
           (row->roles & ROLE_BIT(caller->role)) != 0 ||
           fail_because(why, FAILURE_FORBIDDEN, "%s, as %s, may not ask for %s",
               caller->actor, role_name(caller->role), row->id);
}

/* A browser sends its certificate wherever a page of strangers points it at,
 * with a body of no bytes too; it says where it came from. */
static bool check_origin(const struct exchange *exchange, struct failure *why)
{
    static const char scheme[] = "https://";
    const char *origin = exchange->origin;
    const char *site = exchange->fetch_site;

    if (exchange->method == EXCHANGE_GET ||
        ((origin == NULL || (strncmp(origin, scheme, sizeof(scheme) - 1) == 0 &&
                                strcasecmp(origin + sizeof(scheme) - 1,
                                    exchange->host) == 0)) &&
            (site == NULL || strcmp(site, "same-origin") == 0 ||
                strcmp(site, "none") == 0)))
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "a page of another site may not ask for this (Origin, "
        "Sec-Fetch-Site)");
}

/* --- the query ----------------------------------------------------------- */

static bool blame_parameter(struct rest_call *call, const char *name,
    const char *rule, const char *found, const char *allowed,
    struct failure *why)
{
    return blame_field(&call->problem.blame, why, name, rule, found, allowed);
}

static const struct schema_member *parameter_row(
    const struct operation *row, const char *name)
{
    const struct schema_member *member = row->query;

    for (; member != NULL && member->name != NULL; member++) {
        if (strcmp(member->name, name) == 0)
            return member;
    }
    return NULL;
}

/* A whole number as JSON would write it; NULL otherwise. */
static json_t *number_of(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 9 || text[digits] != '\0')
        return NULL;
    return json_integer(strtol(text, NULL, 10));
}

static bool check_parameter(struct rest_call *call,
    const struct exchange_parameter *parameter, struct failure *why)
{
    const char *name = parameter->name;
    const struct schema_member *row = parameter_row(call->operation, name);
    const char *text = (const char *)parameter->value.start;
    SCOPED(json_t) *value = NULL;

    if (row == NULL)
        return blame_parameter(call, name, "unknown-parameter",
            "a name that this resource does not have",
            "those that /api/openapi.json lists", why);
    if (parameter->value.length == 0 ||
        memchr(text, 0, parameter->value.length) != NULL)
        return blame_parameter(call, name, "no-text",
            "nothing, or a zero byte in it", "a text", why);
    value = row->kind == SCHEMA_NUMBER ? number_of(text) : json_string(text);
    if (value == NULL)
        return blame_parameter(call, name, "wrong-type", "another text",
            "a whole number, in digits", why);
    return schema_check_member(row, name, value, &call->problem.blame, why);
}

static bool check_query(struct rest_call *call, struct failure *why)
{
    const struct exchange *exchange = call->exchange;

    for (size_t i = 0; i < exchange->parameter_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(exchange->parameters[i].name,
                    exchange->parameters[j].name) == 0)
                return blame_parameter(call, exchange->parameters[i].name,
                    "given-twice", "two values", "one value", why);
        }
        if (!check_parameter(call, &exchange->parameters[i], why))
            return false;
    }
    return true;
}

const char *rest_query(const struct rest_call *call, const char *name)
{
    const struct exchange *exchange = call->exchange;

    for (size_t i = 0; i < exchange->parameter_count; i++) {
        if (strcmp(exchange->parameters[i].name, name) == 0)
            return (const char *)exchange->parameters[i].value.start;
    }
    return NULL;
}

int64_t rest_query_number(
    const struct rest_call *call, const char *name, int64_t otherwise)
{
    const char *text = rest_query(call, name);

    return text == NULL ? otherwise : strtol(text, NULL, 10);
}

/* --- the body ------------------------------------------------------------ */

static bool check_type(struct rest_call *call, struct failure *why)
{
    static const char wanted[] = "application/json";
    const char *given = call->exchange->content_type;
    size_t length = strcspn(given, "; \t");

    if (length == sizeof(wanted) - 1 && memcmp(given, wanted, length) == 0)
        return true;
    call->problem.status = 415;
    (void)blame_parameter(call, "Content-Type", "unsupported-media-type",
        *given == '\0' ? "none" : given, wanted, why);
    return false;
}

static bool read_body(struct rest_call *call, struct failure *why)
{
    const struct operation *row = call->operation;
    struct bytes body = call->exchange->body;

    if (row->body == NULL)
        return body.length == 0 || blame_parameter(call, "", "no-body",
                                       "a body", "no body with GET", why);
    if (body.length == 0 && (row->flags & BODY_IS_NEEDED) == 0) {
        call->body = json_object();
        return call->body != NULL ||
               fail_because(why, FAILURE_INTERNAL, "out of memory");
    }
    return check_type(call, why) &&
           json_read_within(
               body, REST_BODY_MAX, "the body", &call->body, why) &&
           schema_check(row->body, call->body, &call->problem.blame, why);
}

const char *rest_member(const struct rest_call *call, const char *name)
{
    return json_string_value(json_object_get(call->body, name));
}

/* --- the answer ---------------------------------------------------------- */

bool rest_blame(struct rest_call *call, const char *field, const char *rule,
    const char *found, const char *allowed)
{
    struct failure sentence = {0};

    return blame_field(
        &call->problem.blame, &sentence, field, rule, found, allowed);
}

bool rest_answer_facts(
    struct rest_call *call, json_t *facts, struct failure *why)
{
    if (facts == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return exchange_answer_json(
        call->exchange, 200, "application/json", facts, why);
}

static bool finish_ask(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    return exchange_answer_json(exchange, 200, "application/json", facts, why);
}

bool rest_ask(
    struct rest_call *call, const struct buffer *fields, struct failure *why)
{
    struct exchange *exchange = call->exchange;

    return exchange->verbs->ask(
        exchange, call->operation->verb, buffer_view(fields), finish_ask, why);
}

static bool is_word_of(const char *words, const char *word)
{
    size_t length = strlen(word);

    while (*words != '\0') {
        size_t here = strcspn(words, " ");

        if (here == length && memcmp(words, word, length) == 0)
            return true;
        words += here;
        words += strspn(words, " ");
    }
    return false;
}

bool rest_reaches(
    const struct rest_call *call, const char *profile, struct failure *why)
{
    const struct caller *caller = &call->exchange->caller;

    return caller->way != CALLER_TOKEN ||
           is_word_of(caller->profiles, profile) ||
           fail_because(why, FAILURE_FORBIDDEN,
               "the token %s reaches the profiles it was given alone: \"%s\" "
               "is not among them",
               caller->actor, profile);
}

static bool answer(struct rest_call *call, struct failure *why)
{
    return find_operation(call, why) && check_origin(call->exchange, why) &&
           may_ask(call, why) && check_query(call, why) &&
           read_body(call, why) && call->operation->function(call, why);
}

bool rest_answer(struct exchange *exchange, struct failure *why)
{
    struct rest_call call = {.exchange = exchange};
    struct failure refusal = {0};
    bool ok = answer(&call, &refusal);

    json_decref(call.body);
    if (ok)
        return true;
    if (exchange->status != 0 || refusal.kind == FAILURE_INTERNAL) {
        *why = refusal;
        return false;
    }
    call.problem.refusal = refusal;
    return problem_answer(exchange, &call.problem, why);
}
