#include "x509/name_match.h"

#define TEXT_MAX (64 * 1024)

/* A text that is read folded: ASCII letters small, runs of blanks as one, none
 * at the ends (RFC 4518, 2.4 to 2.6, as far as ASCII goes). */
struct folded {
    struct bytes text;
    size_t position;
};

static bool blank_at(const struct folded *folded)
{
    return folded->position < folded->text.length &&
           folded->text.start[folded->position] == ' ';
}

/* The next byte, or -1 at the end. */
static int next_folded(struct folded *folded)
{
    bool begun = folded->position > 0;
    bool blank = blank_at(folded);
    uint8_t byte;

    while (blank_at(folded))
        folded->position++;
    if (folded->position == folded->text.length)
        return -1;
    if (begun && blank)
        return ' ';
    byte = folded->text.start[folded->position++];
    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

static bool texts_match(struct bytes a, struct bytes b)
{
    struct folded left = {.text = a}, right = {.text = b};
    int byte;

    do {
        byte = next_folded(&left);
        if (byte != next_folded(&right))
            return false;
    } while (byte != -1);
    return true;
}

/* The value itself where it is ASCII or UTF-8 already: no copy is made for the
 * names that are in use. */
static bool text_of(const struct name_attribute *attribute, struct buffer *room,
    struct bytes *text, struct failure *why)
{
    if (attribute->tag == DER_UTF8_STRING ||
        attribute->tag == DER_PRINTABLE_STRING ||
        attribute->tag == DER_IA5_STRING) {
        *text = attribute->value;
        return true;
    }
    if (!name_attribute_append_text(attribute, room, why))
        return false;
    *text = buffer_view(room);
    return true;
}

static bool attributes_match(
    const struct name_attribute *a, const struct name_attribute *b)
{
    RELEASED(buffer) left_room = BUFFER("a name", TEXT_MAX);
    RELEASED(buffer) right_room = BUFFER("a name", TEXT_MAX);
    struct bytes left = {0}, right = {0};
    struct failure unread = {0};

    return a->relative == b->relative &&
           bytes_equal(a->type_contents, b->type_contents) &&
           text_of(a, &left_room, &left, &unread) &&
           text_of(b, &right_room, &right, &unread) && texts_match(left, right);
}

bool name_matches(struct bytes a, struct bytes b)
{
    struct name_walk left = {0}, right = {0};
    struct name_attribute first = {0}, second = {0};
    struct failure unread = {0};

    if (bytes_equal(a, b))
        return true;
    if (!name_walk_start(a, &left, &unread) ||
        !name_walk_start(b, &right, &unread))
        return false;
    while (!name_walk_at_end(&left) && !name_walk_at_end(&right)) {
        if (!name_walk_next(&left, &first, &unread) ||
            !name_walk_next(&right, &second, &unread) ||
            !attributes_match(&first, &second))
            return false;
    }
    return name_walk_at_end(&left) && name_walk_at_end(&right);
}
