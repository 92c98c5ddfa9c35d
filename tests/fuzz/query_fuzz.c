#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "authority/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is a query, the rest a text for its values as patterns. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[QUERY_TEXT_MAX + 2];
    struct query query;
    struct failure why = {0};
    const uint8_t *end = memchr(data, 0, size);
    size_t length = end == NULL ? size : (size_t)(end - data);

    if (length >= sizeof(text))
        length = sizeof(text) - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (!query_read(text, &query, &why))
        return why.reason[0] == '\0' ? abort(), 0 : 0;
    if (query.count == 0 || query.count > QUERY_TERMS_MAX)
        abort();
    for (size_t i = 0; i < query.count; i++) {
        const struct query_term *term = &query.terms[i];

        if (memchr(term->text, '\0', sizeof(term->text)) == NULL)
            abort();
        if (strchr(term->text, '*') == NULL &&
            !query_matches(term->text, bytes_of_text(term->text)))
            abort();
        (void)query_matches(term->text, (struct bytes){data, size});
    }
    return 0;
}
