#include "server/admin/listing.h"

#include <stdlib.h>
#include <string.h>

/* Numbers of rows alone, so that none overflows. */
static bool read_after(const char *text, int64_t *after, struct failure *why)
{
    size_t length = strlen(text);

    *after = 0;
    if (length > 18 || strspn(text, "0123456789") != length)
        return fail_because(why, FAILURE_MALFORMED,
            "a page begins behind a number; go by the links");
    for (; *text != '\0'; text++)
        *after = *after * 10 + (*text - '0');
    return true;
}

bool listing_begin(struct admin_call *call, struct listing *listing,
    const char *head, struct failure *why)
{
    *listing = (struct listing){.call = call, .out = &call->out};
    if (!read_after(
            exchange_text(call->exchange, "after"), &listing->after, why))
        return false;
    listing->last = listing->after;
    return html_raw(&call->out,
               "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"Table\"><table>\n<thead>",
               why) &&
           html_raw(&call->out, head, why) &&
           html_raw(&call->out, "</thead>\n<tbody>\n", why);
}

bool listing_looks(struct listing *listing, int64_t number)
{
    listing->is_full =
        listing->rows >= LISTING_ROWS || listing->looks >= LISTING_LOOKS;
    if (listing->is_full)
        return false;
    listing->looks++;
    listing->last = number;
    return true;
}

void listing_has(struct listing *listing)
{
    listing->rows++;
}

bool listing_takes(struct listing *listing, int64_t number)
{
    if (!listing_looks(listing, number))
        return false;
    listing_has(listing);
    return true;
}

/* A value of a query: all but letters, digits and "-_." as %XX. */
static bool add_escaped(
    struct buffer *out, const char *value, struct failure *why)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    for (; *value != '\0'; value++) {
        uint8_t byte = (uint8_t)*value;
        const uint8_t escaped[] = {
            '%', (uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 15]};

        if (strchr(plain, *value) != NULL
                ? !buffer_append_byte(out, byte, why)
                : !buffer_append(out, (struct bytes){escaped, 3}, why))
            return false;
    }
    return true;
}

/* What else the query said goes along. */
static bool add_query(struct listing *listing, struct failure *why)
{
    const struct exchange *exchange = listing->call->exchange;

    for (size_t i = 0; i < exchange->parameter_count; i++) {
        const char *name = exchange->parameters[i].name;

        if (strcmp(name, "after") == 0 || strcmp(name, "done") == 0)
            continue;
        if (!add_escaped(listing->out, name, why) ||
            !html_raw(listing->out, "=", why) ||
            !add_escaped(listing->out, exchange_text(exchange, name), why) ||
            !html_raw(listing->out, "&amp;", why))
            return false;
    }
    return true;
}

bool listing_end(struct listing *listing, const char *path, const char *none,
    struct failure *why)
{
    struct buffer *out = listing->out;

    if (!html_raw(out, "</tbody>\n</table></div>\n", why))
        return false;
    if (listing->rows == 0 && !listing->is_full)
        return html_print(out, why, "<p>%s</p>\n", none);
    if (!listing->is_full)
        return true;
    return html_print(
               out, why, "<p><a class=\"button quiet\" href=\"%s?", path) &&
           add_query(listing, why) &&
           html_print(out, why, "after=%lld\">Further ones</a></p>\n",
               (long long)listing->last);
}
