#ifndef SERVER_HTTP_URL_H
#define SERVER_HTTP_URL_H

#include "base/bytes.h"
#include "server/http/rule.h"

#define HTTP_PATH_MAX 8192

/* What an escaped slash (%2F) in a path is: an error everywhere but where the
 * path's tail is base64 (OCSP by GET: RFC 6960, A.1). */
enum url_slash { URL_SLASH_REFUSED, URL_SLASH_DECODED };

/*
 * Decodes a raw path, once, and appends it.  Empty segments stay ("//" is a
 * path of its own, and base64 may hold it).  Refused: a '%' without two digits,
 * NUL, control characters, an escaped slash unless decoded, an escaped
 * backslash, what is not UTF-8, and segments "." and "..", escaped or not: a
 * client resolves these itself (RFC 3986, 5.2.4), so here they are an attempt.
 * path: its ceiling should be HTTP_PATH_MAX or more.
 */
MUST_CHECK bool url_path_decode(struct bytes raw, enum url_slash slash,
    struct buffer *path, enum http_rule *broken);

/* Appends the octets that the escapes of RFC 3986, 2.1 stand for; '+' becomes
 * a space if it says so.  Refuses malformed escapes and NUL. */
MUST_CHECK bool url_unescape(struct bytes raw, bool plus_is_space,
    struct buffer *octets, enum http_rule *broken);

#endif
