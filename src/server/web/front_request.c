#include "server/web/front_request.h"

#include <stddef.h>
#include <string.h>

#include "base/message.h"
#include "server/front_protocol.h"
#include "server/http/request.h"
#include "x509/certificate.h"

/* --- what the parts may hold --------------------------------------------- */

static bool is_letter(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_graphic(uint8_t byte)
{
    return byte > ' ' && byte <= '~';
}

static bool is_of_value(uint8_t byte)
{
    return is_graphic(byte) || byte == ' ' || byte == '\t';
}

static bool is_of_id(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           is_letter(byte);
}

/* An address, with the zone of a link-local one. */
static bool is_of_address(uint8_t byte)
{
    return is_of_id(byte) || byte == '.' || byte == ':' || byte == '%' ||
           byte == '-' || byte == '_';
}

static bool is_of_code(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '-';
}

static bool is_any(uint8_t byte)
{
    (void)byte;
    return true;
}

#define PEER_MAX 80
#define METHOD_MAX 32
#define CODE_MAX 64
#define SENTENCE_MAX 1024

struct part {
    uint8_t tag;
    size_t offset; /* of its view in struct front_request */
    size_t least, most;
    bool (*allows)(uint8_t byte);
    const char *name;
};

#define AT(member) offsetof(struct front_request, member)

static const struct part parts[] = {
    {FRONT_FIELD_METHOD, AT(method), 1, METHOD_MAX, is_letter, "method"},
    {FRONT_FIELD_PATH, AT(path), 1, HTTP_REQUEST_LINE_MAX, is_graphic, "path"},
    {FRONT_FIELD_QUERY, AT(query), 0, HTTP_REQUEST_LINE_MAX, is_graphic,
        "query"},
    {FRONT_FIELD_HOST, AT(host), 0, HTTP_FIELD_LINE_MAX, is_graphic, "host"},
    {FRONT_FIELD_BODY, AT(body), 0, FRONT_REQUEST_MAX, is_any, "body"},
    {FRONT_FIELD_PEER, AT(peer), 1, PEER_MAX, is_of_address, "peer"},
    {FRONT_FIELD_REQUEST_ID, AT(request_id), FRONT_REQUEST_ID_LENGTH,
        FRONT_REQUEST_ID_LENGTH, is_of_id, "request id"},
    {FRONT_FIELD_CERTIFICATE, AT(certificate), 1, CERTIFICATE_MAX, is_any,
        "certificate"},
    {FRONT_FIELD_CERTIFICATE_CODE, AT(certificate_code), 0, CODE_MAX,
        is_of_code, "certificate's code"},
    {FRONT_FIELD_CERTIFICATE_SENTENCE, AT(certificate_sentence), 0,
        SENTENCE_MAX, is_any, "certificate's sentence"},
};

#define PARTS (sizeof(parts) / sizeof(*parts))

static struct bytes *view_of(
    struct front_request *request, const struct part *part)
{
    return (struct bytes *)(void *)((uint8_t *)request + part->offset);
}

static bool holds_only(struct bytes value, bool (*allows)(uint8_t byte))
{
    for (size_t i = 0; i < value.length; i++) {
        if (!allows(value.start[i]))
            return false;
    }
    return true;
}

/* --- fields -------------------------------------------------------------- */

/* One that was sent, and is empty, has a start all the same. */
static struct bytes sent(struct bytes value)
{
    return value.length == 0 ? bytes_of_text("") : value;
}

static bool take_part(struct front_request *request, const struct part *part,
    struct bytes value, struct failure *why)
{
    struct bytes *view = view_of(request, part);

    if (view->start != NULL)
        return fail_because(
            why, FAILURE_MALFORMED, "a request with two fields %s", part->name);
    if (value.length < part->least || value.length > part->most)
        return fail_because(why, FAILURE_MALFORMED,
            "the field %s has %zu bytes, and %zu to %zu belong there",
            part->name, value.length, part->least, part->most);
    if (!holds_only(value, part->allows))
        return fail_because(why, FAILURE_MALFORMED,
            "the field %s holds a byte that none may have", part->name);
    *view = sent(value);
    return true;
}

static bool find_header(struct bytes name, size_t *number)
{
    const char *const *headers = front_headers();

    for (size_t i = 0; headers[i] != NULL && i < FRONT_HEADERS_MAX; i++) {
        if (bytes_equal(name, bytes_of_text(headers[i]))) {
            *number = i;
            return true;
        }
    }
    return false;
}

/* Its value is the very next field. */
static bool take_header(struct front_request *request, struct bytes name,
    struct reader *frame, struct failure *why)
{
    struct field value = {0};
    size_t number = 0;

    if (!find_header(name, &number))
        return fail_because(why, FAILURE_MALFORMED,
            "a request with a header that no front passes on");
    if (reader_at_end(frame) || !message_next(frame, &value, why) ||
        value.tag != FRONT_FIELD_HEADER_VALUE)
        return fail_because(
            why, FAILURE_MALFORMED, "a request with a header without a value");
    if (value.value.length > HTTP_FIELD_LINE_MAX ||
        !holds_only(value.value, is_of_value))
        return fail_because(
            why, FAILURE_MALFORMED, "a request with a header that is no line");
    request->has_header_twice |= request->headers[number].start != NULL;
    request->headers[number] = sent(value.value);
    return true;
}

static bool take_field(struct front_request *request, const struct field *field,
    struct reader *frame, struct failure *why)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (parts[i].tag == field->tag)
            return take_part(request, &parts[i], field->value, why);
    }
    if (field->tag == FRONT_FIELD_HEADER_NAME)
        return take_header(request, field->value, frame, why);
    return fail_because(why, FAILURE_MALFORMED,
        "a field %u that a request does not have", field->tag);
}

/* --- the whole ----------------------------------------------------------- */

static bool check_complete(
    const struct front_request *request, struct failure *why)
{
    if (request->method.start == NULL || request->path.start == NULL ||
        request->peer.start == NULL || request->request_id.start == NULL)
        return fail_because(why, FAILURE_MALFORMED,
            "a request without method, path, peer or id");
    return true;
}

/* Who asks is known by a certificate at these two listeners alone, whatever a
 * front says that was taken over (issue 5, section 1). */
static bool check_ceiling(const struct front_request *request,
    enum listener listener, struct failure *why)
{
    if (request->certificate.start == NULL || listener == LISTENER_ADMIN ||
        listener == LISTENER_MTLS)
        return true;
    return fail_because(why, FAILURE_FORBIDDEN,
        "a client certificate came from the %s listener, which asks for none",
        listener_name(listener));
}

bool front_request_read(struct bytes frame, enum listener listener,
    struct front_request *request, struct failure *why)
{
    struct reader reader = reader_of(frame);
    struct front_request found = {0};

    while (!reader_at_end(&reader)) {
        struct field field = {0};

        if (!message_next(&reader, &field, why) ||
            !take_field(&found, &field, &reader, why))
            return false;
    }
    if (!check_complete(&found, why) || !check_ceiling(&found, listener, why))
        return false;
    *request = found;
    return true;
}

static bool is_below(struct bytes path, struct bytes top)
{
    return path.length >= top.length &&
           bytes_equal((struct bytes){path.start, top.length}, top) &&
           (path.length == top.length || path.start[top.length] == '/');
}

bool front_request_is_below(struct bytes frame, const char *path)
{
    struct reader reader = reader_of(frame);
    struct field field = {0};
    struct failure malformed = {0};

    while (
        !reader_at_end(&reader) && message_next(&reader, &field, &malformed)) {
        if (field.tag == FRONT_FIELD_PATH)
            return is_below(field.value, bytes_of_text(path));
    }
    return false;
}

struct bytes front_request_header(
    const struct front_request *request, const char *name)
{
    size_t number = 0;

    return find_header(bytes_of_text(name), &number) ? request->headers[number]
                                                     : (struct bytes){0};
}
