#include "protocols/certsrv/attributes.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define SHOWN 64

static struct bytes slice(struct bytes text, size_t start, size_t end)
{
    return (struct bytes){text.start + start, end - start};
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct bytes trim(struct bytes text)
{
    while (text.length > 0 && is_blank(text.start[0]))
        text = slice(text, 1, text.length);
    while (text.length > 0 && is_blank(text.start[text.length - 1]))
        text.length--;
    return text;
}

static bool is_word(struct bytes text, const char *word)
{
    return text.length == strlen(word) &&
           strncasecmp((const char *)text.start, word, text.length) == 0;
}

/* What may stand in a sentence, cut. */
static const char *show(struct bytes text, struct buffer *shown)
{
    struct failure why = {0};
    const char *words = "";

    return text_append_visible(shown, text_beginning(text, SHOWN), &why) &&
                   buffer_as_text(shown, &words, &why)
               ? words
               : "";
}

/* Of the client's program and machine: nothing is decided by them. */
static bool tells_of_client(struct bytes name)
{
    static const char *const names[] = {
        "UserAgent", "cdc", "rmd", "ccm", "RequestOSVersion"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (is_word(name, names[i]))
            return true;
    }
    return false;
}

bool certsrv_take_template(struct bytes value,
    char template_name[static PROFILE_NAME_MAX], struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("a template", 1024);

    value = trim(value);
    if (value.length == 0 || value.length >= PROFILE_NAME_MAX ||
        memchr(value.start, 0, value.length) != NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "\"%s\" is no template here: a profile has 1 to %d characters",
            show(value, &shown), PROFILE_NAME_MAX - 1);
    if (template_name[0] != '\0' && !is_word(value, template_name))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the request names two templates, \"%s\" and \"%s\"", template_name,
            show(value, &shown));
    (void)snprintf(template_name, PROFILE_NAME_MAX, "%.*s", (int)value.length,
        (const char *)value.start);
    return true;
}

static bool refuse(struct bytes name, struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("an attribute", 1024);

    if (is_word(name, "SAN"))
        return fail_because(why, FAILURE_UNSUITABLE,
            "names in the attribute SAN are not taken, since nobody signed "
            "them (ESC6); put them into the request itself, as the extension "
            "subjectAltName");
    return fail_because(why, FAILURE_UNSUITABLE,
        "the attribute \"%s\" is not taken here; CertificateTemplate is, with "
        "the name of a profile",
        show(name, &shown));
}

static bool take_line(struct bytes line,
    char template_name[static PROFILE_NAME_MAX], struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("an attribute", 1024);
    const uint8_t *colon;
    struct bytes name;

    line = trim(line);
    if (line.length == 0)
        return true;
    colon = memchr(line.start, ':', line.length);
    if (colon == NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "an attribute is NAME:VALUE; \"%s\" has no colon",
            show(line, &shown));
    name = trim(slice(line, 0, (size_t)(colon - line.start)));
    if (is_word(name, "CertificateTemplate"))
        return certsrv_take_template(
            slice(line, (size_t)(colon - line.start) + 1, line.length),
            template_name, why);
    return tells_of_client(name) || refuse(name, why);
}

bool certsrv_attributes_read(struct bytes text,
    char template_name[static PROFILE_NAME_MAX], struct failure *why)
{
    if (text.length > CERTSRV_ATTRIBUTES_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the attributes have more than %zu bytes", CERTSRV_ATTRIBUTES_MAX);
    for (size_t start = 0, end = 0; start < text.length; start = end + 1) {
        end = start;
        while (end < text.length && text.start[end] != '\r' &&
               text.start[end] != '\n')
            end++;
        if (!take_line(slice(text, start, end), template_name, why))
            return false;
    }
    return true;
}
