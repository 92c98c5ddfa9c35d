#ifndef X509_VIEW_ELEMENT_H
#define X509_VIEW_ELEMENT_H

#include "x509/der.h"

/*
 * One element of BER as it stands, for showing what no strict reader takes: of
 * any tag, with lengths written long or not at all, and cut off in the middle.
 */
struct view_element {
    uint8_t tag;     /* the first byte */
    uint32_t number; /* of the tag */
    size_t offset, head_length;
    size_t length;      /* of the contents, as the head says */
    bool is_indefinite; /* the contents end with 00 00 */
    bool is_cut;        /* fewer bytes are left than that */
};

static inline bool view_element_holds(const struct view_element *element)
{
    return (element->tag & 0x20) != 0;
}

/*
 * Reads the next and moves past what is there of it; *contents: what is there
 * of its contents, or everything up to the end where the length is indefinite.
 * FAILURE_MALFORMED, with the offset: not even a head.
 */
MUST_CHECK bool view_element_next(struct der_reader *reader,
    struct view_element *element, struct der_reader *contents,
    struct failure *why);

/* "SEQUENCE", "[0]", "UTF8String". */
#define VIEW_TAG_TEXT 40
void view_element_print(
    const struct view_element *element, char text[static VIEW_TAG_TEXT]);

#endif
