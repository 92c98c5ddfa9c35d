#include "protocols/certsrv/markup.h"

#include <string.h>

#include "base/text.h"

bool markup_begin(struct buffer *page, const struct exchange *exchange,
    const char *title, struct failure *why)
{
    const char *name = exchange->authority->configuration->name;

    return buffer_append_text(page,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
               "<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">\n"
               "<link rel=\"stylesheet\" href=\"/style.css\">\n<title>",
               why) &&
           markup_text(page, title, why) &&
           buffer_append_text(
               page, "</title>\n</head>\n<body>\n<main>\n<p>", why) &&
           markup_text(page, name[0] == '\0' ? "Chancery" : name, why) &&
           buffer_append_text(page, "</p>\n<h1>", why) &&
           markup_text(page, title, why) &&
           buffer_append_text(page, "</h1>\n", why);
}

bool markup_text(struct buffer *page, const char *text, struct failure *why)
{
    for (; *text != '\0'; text++) {
        const char *entity = text_entity((uint8_t)*text);
        bool is_control = (unsigned char)*text < ' ' || *text == 0x7f;
        bool ok = entity != NULL ? buffer_append_text(page, entity, why)
                                 : buffer_append_byte(page,
                                       is_control ? ' ' : (uint8_t)*text, why);

        if (!ok)
            return false;
    }
    return true;
}

/* A refusal has said so before it is worded. */
static bool forbid_keeping(struct exchange *exchange, struct failure *why)
{
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (strcmp(exchange->headers[i].name, "Cache-Control") == 0)
            return true;
    }
    return exchange_header(exchange, "Cache-Control", "no-store", why);
}

bool markup_answer(
    struct exchange *exchange, struct buffer *page, struct failure *why)
{
    return buffer_append_text(page, "</main>\n</body>\n</html>\n", why) &&
           forbid_keeping(exchange, why) &&
           exchange_answer(exchange, 200, "text/html; charset=utf-8",
               buffer_view(page), why);
}

void markup_without_quotes(char *sentence)
{
    for (; *sentence != '\0'; sentence++) {
        if (*sentence == '"')
            *sentence = '\'';
    }
}
