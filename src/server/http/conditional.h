#ifndef SERVER_HTTP_CONDITIONAL_H
#define SERVER_HTTP_CONDITIONAL_H

#include "server/http/request.h"

/* An opaque tag with its quotes and its zero: 32 hexadecimal digits. */
#define HTTP_TAG_TEXT 35

/* A strong tag of the first 16 bytes of a digest over the content. */
void http_tag_print(
    const uint8_t digest[static 16], char tag[static HTTP_TAG_TEXT]);

/*
 * RFC 9110, 13.2.2, for GET and HEAD of a representation that exists: is the
 * answer 304?  If-None-Match is compared weakly and, where it stands,
 * If-Modified-Since is not looked at; a malformed condition counts as none.
 * tag: with quotes, or NULL; modified: in seconds since 1970, 0: unknown; now
 * for dates of two digits, and because a date in the future is invalid.
 */
bool http_is_not_modified(const struct http_request *request, const char *tag,
    int64_t modified, int64_t now);

#endif
