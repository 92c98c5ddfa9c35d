#include "server/pages/pages.h"

#include "server/pages/html.h"

const char *page_authority(const struct authority *authority)
{
    return authority->configuration->name[0] != '\0'
               ? authority->configuration->name
               : "This authority";
}

bool page_begin(const struct exchange *exchange, const char *title,
    const char *here, struct buffer *out, struct failure *why)
{
    const struct html_page page = {.title = title,
        .authority = page_authority(exchange->authority),
        .here = here,
        .is_plain = exchange->listener == LISTENER_PLAIN};

    return html_page_begin(out, &page, why);
}

bool page_answer_as(struct exchange *exchange, unsigned status,
    struct buffer *out, struct failure *why)
{
    return html_page_end(out, why) &&
           exchange_header(exchange, "Cache-Control", "no-store", why) &&
           exchange_answer(exchange, status, "text/html; charset=utf-8",
               buffer_view(out), why);
}

bool page_answer(
    struct exchange *exchange, struct buffer *out, struct failure *why)
{
    return page_answer_as(exchange, 200, out, why);
}
