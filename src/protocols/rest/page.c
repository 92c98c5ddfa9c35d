#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "protocols/rest/operation.h"

#define CURSOR_TEXT 17 /* 16 digits and a zero */

static bool read_cursor(struct rest_call *call, const char *text,
    int64_t *after, struct failure *why)
{
    uint8_t bytes[8];
    size_t length = 0;

    if (!hex_read(text, bytes, sizeof(bytes), &length, why) ||
        length != sizeof(bytes) || (bytes[0] & 0x80) != 0)
        return blame_field(&call->problem.blame, why, "cursor", "cursor",
            "another text", "what the member next of a page said");
    *after = 0;
    for (size_t i = 0; i < length; i++)
        *after = *after << 8 | bytes[i];
    return true;
}

bool rest_page_begin(
    struct rest_call *call, struct rest_page *page, struct failure *why)
{
    const char *cursor = rest_query(call, "cursor");

    *page = (struct rest_page){
        .limit = rest_query_number(call, "limit", PAGE_ITEMS)};
    if (cursor != NULL && !read_cursor(call, cursor, &page->after, why))
        return false;
    page->last = page->after;
    page->items = json_array();
    return page->items != NULL ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

void rest_page_free(struct rest_page *page)
{
    json_decref(page->items);
    page->items = NULL;
}

bool rest_page_looks(struct rest_page *page, int64_t number)
{
    page->is_full = (int64_t)json_array_size(page->items) >= page->limit ||
                    page->bytes >= PAGE_BYTES_MAX ||
                    page->rows >= PAGE_ROWS_MAX;
    if (page->is_full)
        return false;
    page->rows++;
    page->last = number;
    return true;
}

bool rest_page_add(
    struct rest_page *page, json_t *item, size_t weight, struct failure *why)
{
    page->bytes += weight;
    return (item != NULL && json_array_append_new(page->items, item) == 0) ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

bool rest_page_answer(struct rest_call *call, struct rest_page *page,
    const char *name, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;
    char cursor[CURSOR_TEXT];

    (void)snprintf(cursor, sizeof(cursor), "%016" PRIx64, page->last);
    facts = json_pack(
        "{s:O,s:s?}", name, page->items, "next", page->is_full ? cursor : NULL);
    return rest_answer_facts(call, facts, why);
}
