#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/scoped.h"

/* A view of bytes that somebody else owns. */
struct bytes {
    const uint8_t *start;
    size_t length;
};

/* A view of a text without its final zero. */
struct bytes bytes_of_text(const char *text);

bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_begin_with(struct bytes bytes, const char *text);

/* Compares in a time that depends on the lengths alone: for secrets. */
bool bytes_equal_secretly(struct bytes a, struct bytes b);

/*
 * Bytes that grow, up to a named ceiling: whatever comes from outside cannot
 * make it larger.
 *
 *     RELEASED(buffer) body = BUFFER("request body", 1024 * 1024);
 */
struct buffer {
    uint8_t *start;
    size_t length;
    size_t capacity;
    size_t ceiling;   /* in bytes */
    const char *name; /* what is refused when it is reached */
};

#define BUFFER(what, most)                \
    (struct buffer)                       \
    {                                     \
        .ceiling = (most), .name = (what) \
    }

/* Fail as FAILURE_UNSUITABLE when the ceiling is reached (the reason names the
 * buffer and its ceiling), as FAILURE_INTERNAL when memory is. */
MUST_CHECK bool buffer_append(
    struct buffer *buffer, struct bytes bytes, struct failure *why);
MUST_CHECK bool buffer_append_byte(
    struct buffer *buffer, uint8_t byte, struct failure *why);
MUST_CHECK bool buffer_append_text(
    struct buffer *buffer, const char *text, struct failure *why);
/* In decimal digits. */
MUST_CHECK bool buffer_append_number(
    struct buffer *buffer, uint64_t number, struct failure *why);
MUST_CHECK bool buffer_print(struct buffer *buffer, struct failure *why,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Makes room for more bytes behind the present ones without adding any. */
MUST_CHECK bool buffer_reserve(
    struct buffer *buffer, size_t more, struct failure *why);

/* The contents as a zero-terminated text that the buffer owns until it changes.
 * The zero is not counted in length. */
MUST_CHECK bool buffer_as_text(
    struct buffer *buffer, const char **text, struct failure *why);

struct bytes buffer_view(const struct buffer *buffer);

/* Forgets the contents, keeps the room. */
void buffer_clear(struct buffer *buffer);

/* Frees the contents; the ceiling and the name stay, so it can be used again.
 */
void buffer_free(struct buffer *buffer);

/*
 * A secret: in pages of its own that are locked into memory, left out of core
 * dumps and of children, and wiped before they are given back.
 */
struct secret {
    uint8_t *start;
    size_t length; /* of the secret; may be made smaller by its owner */
    size_t mapped; /* of the pages */
};

/* Fails as FAILURE_UNAVAILABLE when the pages can't be locked: a secret that
 * could be swapped out is not made. */
MUST_CHECK bool secret_new(
    struct secret *secret, size_t length, struct failure *why);
void secret_free(struct secret *secret);
struct bytes secret_view(const struct secret *secret);

/* Wipes memory in a way the compiler keeps. */
void wipe(void *start, size_t length);

#endif
