#ifndef SERVER_HTTP_BASIC_H
#define SERVER_HTTP_BASIC_H

#include "base/bytes.h"

/* Bytes: of the user's name with its zero, of the password. */
#define HTTP_BASIC_USER_ROOM 257
#define HTTP_BASIC_PASSWORD_MAX 1024

/* RELEASED(http_basic) basic = {0}; wipes the password. */
struct http_basic {
    char user[HTTP_BASIC_USER_ROOM]; /* UTF-8 */
    struct secret password;          /* UTF-8, perhaps of no bytes */
};

/*
 * The value of an Authorization header of the scheme Basic (RFC 7617): strict
 * base64 of user ':' password in UTF-8 without control characters.  Fails as
 * FAILURE_UNAUTHENTICATED when the scheme is another one, as FAILURE_MALFORMED
 * when the credentials can't be read, as FAILURE_UNAVAILABLE when no memory can
 * be locked. No reason repeats anything of the value.
 */
MUST_CHECK bool http_basic_read(
    struct bytes value, struct http_basic *basic, struct failure *why);
void http_basic_free(struct http_basic *basic);

#endif
