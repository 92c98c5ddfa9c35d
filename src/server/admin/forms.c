#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "server/admin/call.h"

bool form_token(struct admin_call *call, const char *action,
    char token[static SHA256_TEXT], struct failure *why)
{
    const struct bytes part = bytes_of_text(action);
    uint8_t digest[SHA256_BYTES];

    if (!keyed_digest(call->secret, &part, 1, digest, why))
        return false;
    hex_print((struct bytes){digest, sizeof(digest)}, token);
    return true;
}

bool form_begin(
    struct admin_call *call, const char *action, struct failure *why)
{
    char token[SHA256_TEXT];

    return form_token(call, action, token, why) &&
           html_print(&call->out, why,
               "<form method=\"post\" action=\"%s\">\n"
               "<input type=\"hidden\" name=\"token\" value=\"%s\">\n",
               action, token);
}

/* The path is decoded, as the action was written. */
bool form_check(struct admin_call *call, struct failure *why)
{
    const char *given = exchange_text(call->exchange, "token");
    char token[SHA256_TEXT];

    return form_token(call, call->exchange->path, token, why) &&
           (bytes_equal_secretly(bytes_of_text(given), bytes_of_text(token)) ||
               fail_because(why, FAILURE_FORBIDDEN,
                   "this form is not one of this session's, so nothing was "
                   "changed; open the page again, and send it from there"));
}

static bool add_notes(struct admin_call *call, const struct form_field *field,
    bool is_wrong, struct failure *why)
{
    struct buffer *out = &call->out;

    return (field->hint == NULL ||
               html_print(out, why, "<p class=\"hint\" id=\"%s-hint\">%s</p>\n",
                   field->id, field->hint)) &&
           (!is_wrong ||
               html_print(out, why, "<p class=\"bad\" id=\"%s-wrong\">%s</p>\n",
                   field->id, call->wrong));
}

/* What describes a field, by id (WCAG 1.3.1, 3.3.1). */
static bool add_described(struct buffer *out, const struct form_field *field,
    bool is_wrong, struct failure *why)
{
    if (field->hint == NULL && !is_wrong)
        return true;
    return html_raw(out, " aria-describedby=\"", why) &&
           (field->hint == NULL ||
               html_print(out, why, "%s-hint", field->id)) &&
           (field->hint == NULL || !is_wrong || html_raw(out, " ", why)) &&
           (!is_wrong || html_print(out, why, "%s-wrong\" aria-invalid=\"true",
                             field->id)) &&
           html_raw(out, "\"", why);
}

bool form_line(struct admin_call *call, const struct form_field *field,
    struct failure *why)
{
    struct buffer *out = &call->out;
    bool is_wrong =
        call->wrong != NULL && strcmp(call->wrong_field, field->name) == 0;

    return html_print(out, why, "<label for=\"%s\">%s</label>\n", field->id,
               field->label) &&
           add_notes(call, field, is_wrong, why) &&
           html_print(out, why,
               "<input id=\"%s\" name=\"%s\" autocomplete=\"off\" "
               "maxlength=\"%d\" value=\"%s\"",
               field->id, field->name, field->length_max,
               is_wrong ? exchange_text(call->exchange, field->name) : "") &&
           (!field->is_required || html_raw(out, " required", why)) &&
           add_described(out, field, is_wrong, why) &&
           html_raw(out, ">\n", why);
}

bool form_option(struct buffer *out, const char *value, const char *text,
    bool is_chosen, struct failure *why)
{
    return html_print(out, why, "<option value=\"%s\"%s>%s</option>\n", value,
        is_chosen ? " selected" : "", text);
}

bool form_end(struct admin_call *call, const char *button, bool is_danger,
    struct failure *why)
{
    return html_raw(&call->out,
               is_danger ? "<button class=\"danger\">" : "<button>", why) &&
           html_print(&call->out, why, "%s</button>\n</form>\n", button);
}

static bool say_wrong(
    struct admin_call *call, const char *field, const char *wrong)
{
    call->wrong_field = field;
    call->wrong = wrong;
    return false;
}

bool form_take(struct admin_call *call, const char *name, bool is_required,
    char *text, size_t room)
{
    const char *given = exchange_text(call->exchange, name);
    size_t length;

    given += strspn(given, " \t\r\n");
    length = strlen(given);
    while (length > 0 && strchr(" \t\r\n", given[length - 1]) != NULL)
        length--;
    if (length == 0 && is_required)
        return say_wrong(call, name, "Say why: it is kept in the journal.");
    if (length >= room)
        return say_wrong(
            call, name, "This is too long; say it in fewer words.");
    memcpy(text, given, length);
    text[length] = '\0';
    return true;
}
