#ifndef SERVER_HTTP_SYNTAX_H
#define SERVER_HTTP_SYNTAX_H

#include "base/bytes.h"
#include "server/http/rule.h"

/* The small grammar of RFC 9110, 5.6, which all readers share. ASCII only. */

bool http_is_token_byte(uint8_t byte); /* tchar */
bool http_is_token(struct bytes text); /* 1*tchar */
bool http_is_digit(uint8_t byte);
bool http_is_letter(uint8_t byte);

/* ASCII letters of either case are the same. */
bool http_same_word(struct bytes text, const char *word);
bool http_same_words(struct bytes a, struct bytes b);

/* Without spaces and tabs at both ends (OWS). */
struct bytes http_trim(struct bytes text);

/* The part of *rest before the next separator, trimmed; *rest becomes what is
 * behind it.  False when *rest.start is NULL: nothing is left.  A quoted string
 * is not searched for separators. */
bool http_next_element(
    struct bytes *rest, char separator, struct bytes *element);

/* Does a comma-separated list hold the word? */
bool http_list_holds(struct bytes list, const char *word);

/* A part of the bytes; nothing of no bytes. */
struct bytes http_slice(struct bytes whole, size_t start, size_t length);

/* Digits alone, at most 18. */
MUST_CHECK bool http_decimal(struct bytes text, uint64_t *value);

/*
 * Takes the bytes of lines that end with CRLF, one by one: HTTP_MORE inside a
 * line (a CR is inside), HTTP_DONE at its LF.  Refuses bare CR and LF, NUL,
 * control characters other than a tab, and bytes above 0x7f unless
 * takes_utf8.
 */
struct http_line {
    bool after_return;
    bool takes_utf8;
};
enum http_step http_line_take(
    struct http_line *line, uint8_t byte, enum http_rule *broken);

/* RFC 9112, 5: a field line without its CRLF, taken apart; the value is
 * trimmed.  line begins with neither a space nor a tab. */
MUST_CHECK bool http_field_split(struct bytes line, struct bytes *name,
    struct bytes *value, enum http_rule *broken);

#endif
