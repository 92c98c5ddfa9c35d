#include "x509/ber.h"

#include <stdlib.h>

#include "x509/der.h"

#define CONSTRUCTED 0x20u
#define TAG_NUMBER 0x1fu
#define INDEFINITE 0x80u
#define END_OF_CONTENTS 0x00u

/* Where in a SignedData an element is a member of: RFC 5652, 3 and 5. */
enum place {
    PLACE_FILE,
    PLACE_CONTENT_INFO,
    PLACE_CONTENT,
    PLACE_SIGNED_DATA,
    PLACE_CERTIFICATES, /* lists too */
    PLACE_SIGNERS,
    PLACE_SIGNER,
    PLACE_ELSEWHERE
};

/* In the order they stand.  Written are the head, if it has one, and then the
 * bytes, if it has some: parts of a string have no head, what is made of
 * members has no bytes. */
struct element {
    size_t start;  /* of its bytes */
    size_t length; /* of its contents, as DER */
    uint8_t tag;
    bool has_head;
    bool has_bytes;
};

struct walk {
    struct bytes ber;
    size_t position;
    unsigned int depth;
    struct element *elements;
    size_t count;
    size_t room;
};

/* What the elements that are being read are members of. */
struct around {
    enum place place;
    size_t end;
    bool is_indefinite;
    bool is_string;
    size_t members;
    uint8_t tags[2]; /* of the first two */
};

struct head {
    size_t start;
    uint8_t tag;
    bool is_indefinite;
    size_t length;
};

static void walk_free(struct walk *walk)
{
    free(walk->elements);
}

static bool malformed(
    const struct walk *walk, const char *what, struct failure *why)
{
    return fail_because(
        why, FAILURE_MALFORMED, "%s at offset %zu", what, walk->position);
}

/* --- heads ---------------------------------------------------------------- */

static bool read_byte(
    struct walk *walk, size_t end, uint8_t *byte, struct failure *why)
{
    if (walk->position >= end)
        return malformed(walk, "an element is cut off", why);
    *byte = walk->ber.start[walk->position++];
    return true;
}

/* X.690, 8.1.3.5: more bytes than needed may be used. */
static bool read_long_length(struct walk *walk, size_t end, size_t bytes,
    size_t *length, struct failure *why)
{
    uint8_t byte = 0;

    *length = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (!read_byte(walk, end, &byte, why))
            return false;
        if (*length > BER_MAX)
            return malformed(walk, "an element reaches beyond its end", why);
        *length = *length << 8 | byte;
    }
    return true;
}

static bool read_head(
    struct walk *walk, size_t end, struct head *head, struct failure *why)
{
    uint8_t first = 0;

    *head = (struct head){.start = walk->position};
    if (!read_byte(walk, end, &head->tag, why))
        return false;
    if ((head->tag & TAG_NUMBER) == TAG_NUMBER)
        return malformed(walk, "a tag is longer than one byte", why);
    if (head->tag == END_OF_CONTENTS)
        return malformed(walk, "an end of contents stands where none is", why);
    if (!read_byte(walk, end, &first, why))
        return false;
    head->length = first;
    head->is_indefinite = first == INDEFINITE;
    if (head->is_indefinite)
        return (head->tag & CONSTRUCTED) != 0 ||
               malformed(walk, "a primitive has an indefinite length", why);
    if (first > INDEFINITE &&
        !read_long_length(walk, end, first & ~INDEFINITE, &head->length, why))
        return false;
    return head->length <= end - walk->position ||
           malformed(walk, "an element reaches beyond its end", why);
}

static size_t head_bytes(size_t length)
{
    size_t bytes = 2;

    if (length < 0x80)
        return bytes;
    for (; length > 0; length >>= 8)
        bytes++;
    return bytes;
}

/* --- the walk ------------------------------------------------------------- */

static bool add_element(
    struct walk *walk, struct element element, struct failure *why)
{
    const size_t more = walk->room == 0 ? 64 : walk->room * 2;

    if (walk->count == BER_ELEMENTS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the BER has more than %d elements, which is the limit",
            BER_ELEMENTS_MAX);
    if (walk->count == walk->room) {
        void *moved = realloc(walk->elements, more * sizeof(*walk->elements));
        if (moved == NULL)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        walk->elements = moved;
        walk->room = more;
    }
    walk->elements[walk->count++] = element;
    return true;
}

/* Signed as they stand: the members of certificates and crls, and a signer's
 * attributes. */
static bool keeps_its_bytes(const struct around *around, uint8_t tag)
{
    if (around->place == PLACE_CERTIFICATES)
        return true;
    return around->place == PLACE_SIGNER &&
           (tag == DER_CONTEXT_HOLDING(0) || tag == DER_CONTEXT_HOLDING(1));
}

static enum place place_within(enum place place, uint8_t tag)
{
    if (place == PLACE_FILE && tag == DER_SEQUENCE)
        return PLACE_CONTENT_INFO;
    if (place == PLACE_CONTENT_INFO && tag == DER_CONTEXT_HOLDING(0))
        return PLACE_CONTENT;
    if (place == PLACE_CONTENT && tag == DER_SEQUENCE)
        return PLACE_SIGNED_DATA;
    if (place == PLACE_SIGNED_DATA &&
        (tag == DER_CONTEXT_HOLDING(0) || tag == DER_CONTEXT_HOLDING(1)))
        return PLACE_CERTIFICATES;
    if (place == PLACE_SIGNED_DATA && tag == DER_SET)
        return PLACE_SIGNERS;
    if (place == PLACE_SIGNERS && tag == DER_SEQUENCE)
        return PLACE_SIGNER;
    return PLACE_ELSEWHERE;
}

/* X.690, 8.7 and 8.23: an OCTET STRING and the texts may be in parts. */
static bool is_string_in_parts(uint8_t tag)
{
    const unsigned int number = tag & TAG_NUMBER;

    if ((tag & ~TAG_NUMBER) != CONSTRUCTED)
        return false;
    return number == DER_OCTET_STRING || number == DER_UTF8_STRING ||
           (number >= DER_NUMERIC_STRING && number <= DER_BMP_STRING);
}

/* RFC 5652, 6.1: EncryptedContentInfo is type, algorithm and [0] IMPLICIT OCTET
 * STRING; in parts it looks like any other [0]. */
static bool is_encrypted_in_parts(
    const struct around *around, const struct head *head)
{
    return head->is_indefinite && head->tag == DER_CONTEXT_HOLDING(0) &&
           around->members == 2 && around->tags[0] == DER_OBJECT_IDENTIFIER &&
           around->tags[1] == DER_SEQUENCE;
}

static bool check_kind(const struct walk *walk, const struct around *around,
    uint8_t tag, struct failure *why)
{
    if (around->is_string && (tag & ~CONSTRUCTED) != DER_OCTET_STRING)
        return malformed(
            walk, "a string in parts holds what is no OCTET STRING", why);
    if (tag == (DER_BIT_STRING | CONSTRUCTED))
        return malformed(walk, "a BIT STRING in parts is not read", why);
    return true;
}

static bool ended(struct walk *walk, const struct around *inside, bool *at_end,
    struct failure *why)
{
    const size_t left = inside->end - walk->position;
    const uint8_t *next = walk->ber.start + walk->position;

    *at_end = false;
    if (!inside->is_indefinite) {
        *at_end = left == 0;
        return true;
    }
    if (left < 2)
        return malformed(walk, "an indefinite length has no end", why);
    if (next[0] != END_OF_CONTENTS)
        return true;
    if (next[1] != 0)
        return malformed(walk, "an end of contents has contents", why);
    walk->position += 2;
    *at_end = true;
    return true;
}

static bool walk_element(struct walk *walk, struct around *around, size_t *size,
    struct failure *why);

static bool walk_members(
    struct walk *walk, struct around *inside, size_t *sum, struct failure *why)
{
    bool at_end = false;
    size_t size = 0;

    *sum = 0;
    if (++walk->depth > BER_DEPTH_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the BER is nested deeper than %d, which is the limit",
            BER_DEPTH_MAX);
    for (;;) {
        if (!ended(walk, inside, &at_end, why))
            return false;
        if (at_end)
            break;
        if (!walk_element(walk, inside, &size, why))
            return false;
        *sum += size;
    }
    walk->depth--;
    return true;
}

static bool walk_holding(struct walk *walk, const struct around *around,
    const struct head *head, size_t *length, struct failure *why)
{
    const bool is_encrypted = is_encrypted_in_parts(around, head);
    const bool is_string = is_encrypted || is_string_in_parts(head->tag);
    const size_t index = walk->count;
    struct around inside = {.place = place_within(around->place, head->tag),
        .end =
            head->is_indefinite ? around->end : walk->position + head->length,
        .is_indefinite = head->is_indefinite,
        .is_string = is_string};
    struct element element = {.tag = head->tag, .has_head = !around->is_string};

    if (is_string)
        element.tag = (uint8_t)(head->tag & ~CONSTRUCTED);
    if (!add_element(walk, element, why) ||
        !walk_members(walk, &inside, length, why))
        return false;
    walk->elements[index].length = *length;
    return true;
}

/* Bytes as they are: of a primitive without its head, or of an element that
 * keeps its own. */
static bool take_bytes(struct walk *walk, struct element element,
    size_t *length, struct failure *why)
{
    *length = element.length;
    walk->position = element.start + element.length;
    return add_element(walk, element, why);
}

static bool walk_element(
    struct walk *walk, struct around *around, size_t *size, struct failure *why)
{
    struct head head = {0};
    size_t length = 0;
    bool has_head = !around->is_string;
    bool ok;

    if (!read_head(walk, around->end, &head, why) ||
        !check_kind(walk, around, head.tag, why))
        return false;

    const size_t behind = walk->position + head.length;
    if (!head.is_indefinite && keeps_its_bytes(around, head.tag)) {
        has_head = false;
        ok = take_bytes(walk,
            (struct element){.start = head.start,
                .length = behind - head.start,
                .has_bytes = true},
            &length, why);
    } else if ((head.tag & CONSTRUCTED) != 0)
        ok = walk_holding(walk, around, &head, &length, why);
    else
        ok = take_bytes(walk,
            (struct element){.start = walk->position,
                .length = head.length,
                .tag = head.tag,
                .has_head = has_head,
                .has_bytes = true},
            &length, why);

    if (around->members < sizeof(around->tags))
        around->tags[around->members] = head.tag;
    around->members++;
    *size = length + (has_head ? head_bytes(length) : 0);
    return ok;
}

/* --- writing -------------------------------------------------------------- */

static bool write_head(
    const struct element *element, struct buffer *der, struct failure *why)
{
    const size_t more = head_bytes(element->length) - 2;
    uint8_t head[2 + sizeof(size_t)] = {element->tag, (uint8_t)element->length};

    if (more > 0)
        head[1] = (uint8_t)(INDEFINITE | more);
    for (size_t i = 0; i < more; i++)
        head[2 + i] = (uint8_t)(element->length >> (8 * (more - 1 - i)));
    return buffer_append(
        der, (struct bytes){.start = head, .length = 2 + more}, why);
}

static bool write_elements(
    const struct walk *walk, struct buffer *der, struct failure *why)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct element *element = &walk->elements[i];

        if (element->has_head && !write_head(element, der, why))
            return false;
        if (element->has_bytes &&
            !buffer_append(der,
                (struct bytes){.start = walk->ber.start + element->start,
                    .length = element->length},
                why))
            return false;
    }
    return true;
}

bool ber_is_indefinite(struct bytes ber)
{
    return ber.length >= 2 && (ber.start[0] & CONSTRUCTED) != 0 &&
           ber.start[1] == INDEFINITE;
}

bool ber_to_der(struct bytes ber, struct buffer *der, struct failure *why)
{
    RELEASED(walk) walk = {.ber = ber};
    struct around file = {.place = PLACE_FILE, .end = ber.length};
    size_t size = 0;

    if (ber.length > BER_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the BER has more than %d bytes, which is the limit", BER_MAX);
    if (!walk_element(&walk, &file, &size, why))
        return false;
    if (walk.position != ber.length)
        return malformed(&walk, "bytes are left over", why);
    return write_elements(&walk, der, why);
}
