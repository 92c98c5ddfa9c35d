#ifndef SERVER_HTTP_MEDIA_H
#define SERVER_HTTP_MEDIA_H

#include "base/bytes.h"
#include "server/http/rule.h"

/* A Content-Type taken apart (RFC 9110, 8.3.1). Views into the value. */
struct http_media {
    struct bytes type;       /* "text/html", compare with http_same_word */
    struct bytes parameters; /* what follows the first ';', or start NULL */
};

/* Refuses what is no type/subtype with well-formed parameters. */
MUST_CHECK bool http_media_read(
    struct bytes value, struct http_media *media, enum http_rule *broken);

/* Copies the value of a parameter, without its quotes, as a text. False when
 * there is none, when there are two, or when it has no room. */
bool http_media_parameter(
    const struct http_media *media, const char *name, char *value, size_t room);

/* RFC 9110, 12.5.1: the weight of a type in an Accept header, in thousandths,
 * by its most specific range.  No header (start NULL) accepts everything; a
 * malformed range counts as none. */
unsigned http_accept_weight(struct bytes accept, const char *type);

/* One parameter, name=token or name="quoted"; the value without quotes and
 * escapes, as a text in room bytes.  Used for Content-Disposition as well. */
MUST_CHECK bool http_parameter_read(
    struct bytes parameter, struct bytes *name, char *value, size_t room);

#endif
