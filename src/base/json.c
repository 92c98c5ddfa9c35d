#include "base/json.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"

#define JSON_BYTES_MAX ((size_t)1024 * 1024)
#define JSON_DEPTH_MAX 32

/* Keys from outside are hashed.  Jansson would seed itself from /dev/urandom
 * at the first object, and from the clock in a role that can open no file. */
__attribute__((constructor)) static void seed_the_hash(void)
{
    size_t seed = 0;

    random_fill((uint8_t *)&seed, sizeof(seed));
    json_object_seed(seed | 1); /* 0 would ask for its own seed */
}

/* Where the scan for the depth stands. */
struct place {
    unsigned int line, column, depth;
    bool in_string, escaped;
};

static void pass_within_string(struct place *place, uint8_t byte)
{
    if (place->escaped)
        place->escaped = false;
    else if (byte == '\\')
        place->escaped = true;
    else if (byte == '"')
        place->in_string = false;
}

static void pass(struct place *place, uint8_t byte)
{
    place->column++;
    if (byte == '\n') {
        place->line++;
        place->column = 0;
    }
    if (place->in_string)
        pass_within_string(place, byte);
    else if (byte == '"')
        place->in_string = true;
    else if (byte == '[' || byte == '{')
        place->depth++;
    else if ((byte == ']' || byte == '}') && place->depth > 0)
        place->depth--;
}

/* Before parsing, as Jansson's own limit is 2048 calls deep. */
static bool check_depth(
    struct bytes text, const char *name, struct failure *why)
{
    struct place place = {.line = 1};

    for (size_t i = 0; i < text.length; i++) {
        pass(&place, text.start[i]);
        if (place.depth > JSON_DEPTH_MAX)
            return fail_because(why, FAILURE_MALFORMED,
                "%.60s, line %u, column %u: more than %d levels", name,
                place.line, place.column, JSON_DEPTH_MAX);
    }
    return true;
}

/* Jansson quotes the bytes it stumbled over. */
static bool fail_in_jansson(
    struct failure *why, const char *name, const json_error_t *error)
{
    RELEASED(buffer) visible = BUFFER("a reason", 2048);
    const char *text = NULL;
    enum failure_kind kind = json_error_code(error) == json_error_out_of_memory
                                 ? FAILURE_INTERNAL
                                 : FAILURE_MALFORMED;

    if (!text_append_visible(&visible, bytes_of_text(error->text), why) ||
        !buffer_as_text(&visible, &text, why))
        return false;
    return fail_because(why, kind, "%.60s, line %d, column %d: %s", name,
        error->line, error->column, text);
}

bool json_read(
    struct bytes text, const char *name, json_t **value, struct failure *why)
{
    return json_read_within(text, JSON_BYTES_MAX, name, value, why);
}

bool json_read_within(struct bytes text, size_t bytes_max, const char *name,
    json_t **value, struct failure *why)
{
    json_error_t error;
    json_t *read;

    if (text.length > bytes_max)
        return fail_because(why, FAILURE_MALFORMED,
            "%.60s is longer than %zu bytes", name, bytes_max);
    if (text.length == 0)
        return fail_because(why, FAILURE_MALFORMED,
            "%.60s, line 1, column 1: it is empty", name);
    if (!check_depth(text, name, why))
        return false;

    read = json_loadb((const char *)text.start, text.length,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (read == NULL)
        return fail_in_jansson(why, name, &error);
    *value = read;
    return true;
}

/* Jansson hands its callback one pointer. */
struct writing {
    struct buffer *text;
    struct failure *why;
    bool failed;
};

static int append(const char *piece, size_t length, void *state)
{
    struct writing *writing = state;
    struct bytes bytes = {.start = (const uint8_t *)piece, .length = length};

    writing->failed = !buffer_append(writing->text, bytes, writing->why);
    return writing->failed ? -1 : 0;
}

bool json_append(struct buffer *text, const json_t *value, struct failure *why)
{
    struct writing writing = {.text = text, .why = why};
    size_t before = text->length;

    if (json_dump_callback(value, append, &writing,
            JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) == 0)
        return true;
    text->length = before;
    return !writing.failed ? fail_because(why, FAILURE_INTERNAL,
                                 "a JSON value can't be written")
                           : false;
}

#define SHOWN_MAX ((size_t)4 * 1024 * 1024)

json_t *json_of_text(const char *text)
{
    RELEASED(buffer) visible = BUFFER("a text", SHOWN_MAX);
    json_t *value = json_string(text);
    struct failure unshown = {0};
    const char *shown = NULL;

    if (value == NULL && text_append_shown(&visible, text, &unshown) &&
        buffer_as_text(&visible, &shown, &unshown))
        value = json_string(shown);
    return value;
}

json_t *json_of_time(int64_t time)
{
    char text[CLOCK_TEXT];

    if (time == 0)
        return json_null();
    clock_print(time, text);
    return json_string(text);
}

const char *json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}
