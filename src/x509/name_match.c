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

static bool values_match(
    const struct name_attribute *a, const struct name_attribute *b)
{
    RELEASED(buffer) left_room = BUFFER("a name", TEXT_MAX);
    RELEASED(buffer) right_room = BUFFER("a name", TEXT_MAX);
    struct bytes left = {0}, right = {0};
    struct failure unread = {0};

    if (bytes_equal(a->value_element, b->value_element))
        return true;
    return text_of(a, &left_room, &left, &unread) &&
           text_of(b, &right_room, &right, &unread) && texts_match(left, right);
}

static bool attributes_match(
    const struct name_attribute *a, const struct name_attribute *b)
{
    return a->relative == b->relative &&
           bytes_equal(a->type_contents, b->type_contents) &&
           values_match(a, b);
}

/* What is left of the name behind all of the beginning, or false. */
static bool match_beginning(struct name_walk *name, struct name_walk *beginning,
    struct name_attribute *last)
{
    struct name_attribute attribute = {0};
    struct failure unread = {0};

    while (!name_walk_at_end(beginning)) {
        if (name_walk_at_end(name) ||
            !name_walk_next(name, &attribute, &unread) ||
            !name_walk_next(beginning, last, &unread) ||
            !attributes_match(&attribute, last))
            return false;
    }
    return true;
}

bool name_matches(struct bytes a, struct bytes b)
{
    struct name_walk left = {0}, right = {0};
    struct name_attribute last = {0};
    struct failure unread = {0};

    if (bytes_equal(a, b))
        return true;
    return name_walk_start(a, &left, &unread) &&
           name_walk_start(b, &right, &unread) &&
           match_beginning(&left, &right, &last) && name_walk_at_end(&left);
}

bool name_is_within(struct bytes name, struct bytes subtree)
{
    struct name_walk left = {0}, right = {0};
    struct name_attribute last = {0}, next = {0};
    struct failure unread = {0};

    if (!name_walk_start(name, &left, &unread) ||
        !name_walk_start(subtree, &right, &unread))
        return false;
    if (name_walk_at_end(&right))
        return true;
    if (!match_beginning(&left, &right, &last))
        return false;
    /* A relative name is one set: half of it is none. */
    return name_walk_at_end(&left) || (name_walk_next(&left, &next, &unread) &&
                                          next.relative != last.relative);
}

/* Each step can be undone, so the state keeps all that it knows of the seed. */
static uint64_t stir(uint64_t state, uint8_t byte)
{
    state = (state ^ byte) * UINT64_C(0x9e3779b97f4a7c15);
    return state ^ state >> 32;
}

static uint64_t hash_bytes(uint64_t state, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        state = stir(state, bytes.start[i]);
    return state;
}

static uint64_t hash_folded(uint64_t state, struct bytes text)
{
    struct folded folded = {.text = text};

    for (int byte = next_folded(&folded); byte != -1;
         byte = next_folded(&folded))
        state = stir(state, (uint8_t)byte);
    return state;
}

static uint64_t hash_attribute(
    uint64_t state, const struct name_attribute *attribute)
{
    RELEASED(buffer) room = BUFFER("a name", TEXT_MAX);
    struct bytes text = {0};
    struct failure unread = {0};

    state = hash_bytes(state, attribute->type_contents);
    return text_of(attribute, &room, &text, &unread)
               ? hash_folded(state, text)
               : hash_bytes(state, attribute->value);
}

uint64_t name_hash(struct bytes name, uint64_t seed)
{
    struct name_walk walk = {0};
    struct name_attribute attribute = {0};
    struct failure unread = {0};
    uint64_t state = seed;

    if (!name_walk_start(name, &walk, &unread))
        return hash_bytes(state, name);
    while (
        !name_walk_at_end(&walk) && name_walk_next(&walk, &attribute, &unread))
        state = hash_attribute(state, &attribute);
    return state;
}
