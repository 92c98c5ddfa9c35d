#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"

/* What a buffer starts with, in bytes, unless its ceiling is lower. */
#define FIRST_ROOM 64

/* "18446744073709551615 bytes in all" */
#define BYTES_IN_ALL_TEXT 40

struct bytes bytes_of_text(const char *text)
{
    return (struct bytes){
        .start = (const uint8_t *)text, .length = strlen(text)};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.start, b.start, a.length) == 0);
}

bool bytes_begin_with(struct bytes bytes, const char *text)
{
    const size_t length = strlen(text);

    return bytes.length >= length &&
           (length == 0 || memcmp(bytes.start, text, length) == 0);
}

bool bytes_equal_secretly(struct bytes a, struct bytes b)
{
    /* Volatile keeps the compiler from leaving the loop early. */
    volatile uint8_t difference = 0;

    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        difference = (uint8_t)(difference | (a.start[i] ^ b.start[i]));
    return difference == 0;
}

static bool ceiling_reached(const struct buffer *buffer, struct failure *why)
{
    return fail_because(why, FAILURE_UNSUITABLE,
        "%s is longer than its ceiling of %zu bytes",
        buffer->name != NULL ? buffer->name : "a buffer", buffer->ceiling);
}

/* Makes the capacity at least this many bytes: twice what it was where the
 * ceiling allows, so that many small additions stay cheap. */
static bool grow(struct buffer *buffer, size_t least, struct failure *why)
{
    size_t capacity = FIRST_ROOM;
    uint8_t *start;

    if (least <= buffer->capacity)
        return true;
    if (buffer->capacity >= FIRST_ROOM)
        capacity = buffer->capacity * 2;
    if (capacity > buffer->ceiling)
        capacity = buffer->ceiling;
    if (capacity < least)
        capacity = least;

    start = realloc(buffer->start, capacity);
    if (start == NULL)
        return fail_because(why, FAILURE_INTERNAL,
            "no memory for %zu bytes of %s", capacity,
            buffer->name != NULL ? buffer->name : "a buffer");
    buffer->start = start;
    buffer->capacity = capacity;
    return true;
}

bool buffer_reserve(struct buffer *buffer, size_t more, struct failure *why)
{
    if (buffer->length > buffer->ceiling ||
        more > buffer->ceiling - buffer->length)
        return ceiling_reached(buffer, why);
    return grow(buffer, buffer->length + more, why);
}

bool buffer_append(
    struct buffer *buffer, struct bytes bytes, struct failure *why)
{
    if (!buffer_reserve(buffer, bytes.length, why))
        return false;
    if (bytes.length > 0)
        memcpy(buffer->start + buffer->length, bytes.start, bytes.length);
    buffer->length += bytes.length;
    return true;
}

bool buffer_append_byte(
    struct buffer *buffer, uint8_t byte, struct failure *why)
{
    if (!buffer_reserve(buffer, 1, why))
        return false;
    buffer->start[buffer->length++] = byte;
    return true;
}

bool buffer_append_text(
    struct buffer *buffer, const char *text, struct failure *why)
{
    return buffer_append(buffer, bytes_of_text(text), why);
}

/* Room for a final zero, which the ceiling does not count. */
static bool make_room_for_text(
    struct buffer *buffer, size_t more, struct failure *why)
{
    if (!buffer_reserve(buffer, more, why))
        return false;
    if (buffer->length + more == SIZE_MAX)
        return ceiling_reached(buffer, why);
    return grow(buffer, buffer->length + more + 1, why);
}

bool buffer_append_number(
    struct buffer *buffer, uint64_t number, struct failure *why)
{
    char digits[NUMBER_TEXT];

    number_print(number, digits);
    return buffer_append_text(buffer, digits, why);
}

bool buffer_print(
    struct buffer *buffer, struct failure *why, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return fail_because(
            why, FAILURE_INTERNAL, "a text can't be printed: %s", format);
    if (!make_room_for_text(buffer, (size_t)length, why))
        return false;

    va_start(arguments, format);
    (void)vsnprintf((char *)buffer->start + buffer->length, (size_t)length + 1,
        format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
    return true;
}

bool buffer_as_text(
    struct buffer *buffer, const char **text, struct failure *why)
{
    if (!make_room_for_text(buffer, 0, why))
        return false;
    buffer->start[buffer->length] = '\0';
    *text = (const char *)buffer->start;
    return true;
}

struct bytes buffer_view(const struct buffer *buffer)
{
    return (struct bytes){.start = buffer->start, .length = buffer->length};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->start);
    buffer->start = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
}

static bool fail_to_lock(size_t length, struct failure *why)
{
    struct rlimit limit = {0};
    char most[BYTES_IN_ALL_TEXT] = "no more";

    /* A role that has locked itself in may not ask. */
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0)
        (void)snprintf(most, sizeof(most), "%llu bytes in all",
            (unsigned long long)limit.rlim_cur);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "%zu bytes for a secret can't be locked into memory: this process may "
        "lock %s (RLIMIT_MEMLOCK; raise it with ulimit -l or LimitMEMLOCK=)",
        length, most);
}

static size_t whole_pages(size_t length)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return length == 0 ? page : (length + page - 1) / page * page;
}

bool secret_new(struct secret *secret, size_t length, struct failure *why)
{
    struct secret made = {.length = length, .mapped = whole_pages(length)};
    void *start = MAP_FAILED;

    if (made.mapped >= length)
        start = mmap(NULL, made.mapped, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return fail_because(why, FAILURE_INTERNAL,
            "no memory for a secret of %zu bytes", length);
    made.start = start;

    if (mlock(start, made.mapped) != 0) {
        secret_free(&made);
        return fail_to_lock(length, why);
    }
    /* A child finds zeros rather than no page: it may still free its copy. */
    if (madvise(start, made.mapped, MADV_DONTDUMP) != 0 ||
        madvise(start, made.mapped, MADV_WIPEONFORK) != 0) {
        secret_free(&made);
        return fail_because(why, FAILURE_UNAVAILABLE,
            "this kernel can't keep a secret out of core dumps and children "
            "(madvise; Linux 4.14 can)");
    }
    *secret = made;
    return true;
}

void secret_free(struct secret *secret)
{
    if (secret->start != NULL) {
        wipe(secret->start, secret->mapped);
        (void)munmap(secret->start, secret->mapped);
    }
    *secret = (struct secret){0};
}

struct bytes secret_view(const struct secret *secret)
{
    return (struct bytes){.start = secret->start, .length = secret->length};
}

void wipe(void *start, size_t length)
{
    explicit_bzero(start, length);
}
