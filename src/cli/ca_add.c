#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/hierarchy.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"

/* What `ca add` is going to make. */
struct addition {
    const char *name;
    const char *parent; /* --ca; NULL: the root */
    int path_length;    /* -1: the profile's */
    int64_t lifetime_s;
    const struct key_algorithm *algorithm;
    struct buffer subject;
};

static void addition_free(struct addition *addition)
{
    buffer_free(&addition->subject);
}

static bool is_kept_apart(const struct addition *addition)
{
    return addition->path_length > 0;
}

static bool read_addition(struct call *call,
    const struct ceremony_call *ceremony, struct addition *addition,
    struct failure *why)
{
    const struct authorities *authorities = ceremony->authorities;
    const struct authority_known *like = NULL;

    addition->name = call->options.operands[0];
    addition->parent = call_text(call, "ca");
    addition->subject = BUFFER("subject", NAME_TEXT_MAX);
    if (addition->parent != NULL &&
        !authorities_find(authorities, addition->parent, &like, why))
        return false;
    if (like == NULL && authorities->count > 0)
        like = &authorities->rows[0];
    return check_authority_name(addition->name, why) &&
           ceremony_call_path_length(call, &addition->path_length, why) &&
           ceremony_call_lifetime(call, &addition->lifetime_s, why) &&
           ceremony_call_kind(call,
               like == NULL ? (struct bytes){0}
                            : buffer_view(&like->certificate),
               &addition->algorithm, why) &&
           ceremony_call_subject(
               call, ceremony, addition->name, &addition->subject, why);
}

/* --- telling ------------------------------------------------------------- */

static bool tell_in_json(const struct authority_known *made,
    const json_t *facts, bool was_there, struct failure *why)
{
    SCOPED(json_t) *value = authority_to_json(made);
    SCOPED(json_t) *more =
        json_pack("{s:b, s:o}", "already_there", (int)was_there, "certificate",
            certificate_to_json(buffer_view(&made->certificate)));
    json_t *parent = json_object_get(facts, "parent");

    if (value == NULL || more == NULL || json_object_update(value, more) != 0 ||
        (parent != NULL && json_object_set(value, "parent", parent) != 0))
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return output_json(value, why);
}

static bool tell(struct call *call, struct ceremony_call *ceremony,
    const char *name, const json_t *facts, bool was_there, struct failure *why)
{
    const struct authority_known *made;
    char fingerprint[FINGERPRINT_TEXT];

    if (!ceremony_call_read(ceremony, why))
        return false;
    made = ceremony_call_named(ceremony, name);
    if (made == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "the new authority is not in the store");
    ceremony_call_notices(call, facts);
    if (call->json)
        return tell_in_json(made, facts, was_there, why);
    fingerprint_print(made->facts.sha256, fingerprint);
    (void)printf("%s %s: ", name, was_there ? "is here already" : "is made");
    if (!print_shown(made->facts.subject, why))
        return false;
    (void)printf("\n  valid until      %s\n  SHA-256          %s\n",
        made->facts.not_after, fingerprint);
    if (made->issues)
        (void)printf("\nNext: chancery issue --ca %s --profile ...\n", name);
    return output_finish(why);
}

static bool rehearse(struct call *call, const struct addition *addition,
    bool is_there, struct failure *why)
{
    RELEASED(buffer) subject = BUFFER("subject", NAME_TEXT_MAX);
    SCOPED(json_t) *value = NULL;
    const char *text = NULL;

    if (!name_print(buffer_view(&addition->subject), &subject, why) ||
        !buffer_as_text(&subject, &text, why))
        return false;
    if (call->json) {
        value = json_pack("{s:b, s:s, s:o, s:s, s:s, s:b, s:b}", "dry_run", 1,
            "name", addition->name, "subject", json_of_text(text), "key",
            addition->algorithm->name, "parent",
            addition->parent == NULL ? "root" : addition->parent, "kept_apart",
            (int)is_kept_apart(addition), "already_there", (int)is_there);
        return output_json(value, why);
    }
    if (is_there)
        return printf("%s is here already; nothing would be done.\n",
                   addition->name) > 0 ||
               output_finish(why);
    (void)printf("%s would be made below %s, with a new %s key%s, as ",
        addition->name,
        addition->parent == NULL ? "the root" : addition->parent,
        addition->algorithm->title,
        is_kept_apart(addition) ? ", kept apart" : "");
    return print_shown(text, why) && printf("\n") > 0;
}

/* --- making -------------------------------------------------------------- */

static bool write_question(const struct addition *addition,
    struct bytes request, struct buffer *message, struct failure *why)
{
    return message_add_text(message, CONTROL_NAME, addition->name, why) &&
           message_add(message, CONTROL_REQUEST, request, why) &&
           (addition->parent == NULL ||
               message_add_text(
                   message, CONTROL_AUTHORITY, addition->parent, why)) &&
           (addition->path_length < 0 ||
               message_add_number(message, CONTROL_NUMBER,
                   (uint64_t)addition->path_length, why)) &&
           message_add_number(
               message, CONTROL_LIFETIME, (uint64_t)addition->lifetime_s, why);
}

static bool certify(struct call *call, const struct ceremony_call *ceremony,
    const struct addition *addition, struct bytes request, json_t **facts,
    struct failure *why)
{
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);

    return write_question(addition, request, &message, why) &&
           ceremony_call_ask(call, ceremony, CONTROL_AUTHORITY_ADD,
               buffer_view(&message), facts, why);
}

static bool add(struct call *call, struct ceremony_call *ceremony,
    const struct addition *addition, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    const struct ceremony_key key = {.name = addition->name,
        .kept_apart = is_kept_apart(addition),
        .algorithm = addition->algorithm,
        .subject = buffer_view(&addition->subject)};
    SCOPED(json_t) *facts = NULL;
    struct failure ignored = {0};
    bool is_new = false;

    if (!ceremony_call_make_key(call, ceremony, &key, &request, &is_new, why))
        return false;
    if (certify(call, ceremony, addition, buffer_view(&request), &facts, why))
        return tell(call, ceremony, addition->name, facts, false, why);
    /* A refused command leaves no key; whether it was recorded, the store
     * knows. */
    if (is_new && ceremony_call_read(ceremony, &ignored) &&
        ceremony_call_named(ceremony, addition->name) == NULL)
        (void)!ceremony_remove_key(&ceremony->ceremony, addition->name,
            is_kept_apart(addition), &ignored);
    return false;
}

bool run_ca_add(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(addition) addition = {0};
    bool is_there;

    if (!ceremony_call_begin(call, &ceremony, why) ||
        !read_addition(call, &ceremony, &addition, why))
        return false;
    is_there = ceremony_call_named(&ceremony, addition.name) != NULL;
    if (call_given(call, "dry-run"))
        return rehearse(call, &addition, is_there, why);
    return is_there ? tell(call, &ceremony, addition.name, NULL, true, why)
                    : add(call, &ceremony, &addition, why);
}
