#ifndef TESTS_UNIT_SERVER_HTTP_CASES_H
#define TESTS_UNIT_SERVER_HTTP_CASES_H

#include "server/http/request.h"

/* One row of a table of framing: the rule and its source, the bytes, and what
 * is said of them: the status and HTTP_NO_RULE with 0 when they are taken. */
struct http_case {
    const char *rule;
    const char *bytes;
    size_t length;
    unsigned status;
    enum http_rule broken;
};

/* The bytes of a literal, zeros among them. */
#define BYTES(literal) (literal), sizeof(literal) - 1
#define TAKEN 0, HTTP_NO_RULE

/* How bytes are parted: all at once, one by one, or by a seed. */
#define HTTP_AT_ONCE 0u
#define HTTP_ONE_BY_ONE 1u
#define HTTP_PARTINGS 12u
size_t http_parted(unsigned parting, uint64_t *seed, size_t left);

/* Feeds a head; *used as http_request_feed says. The bytes move between two
 * calls. moved: room for all of them, where request's views point to. */
enum http_step http_feed_head(struct bytes bytes, unsigned parting,
    uint8_t *moved, struct http_request *request, size_t *used,
    enum http_rule *broken);

/* Every row, in every parting: the status, the rule, and that an incomplete
 * head is still wanted more of. */
void http_check_heads(const struct http_case *cases, size_t count);

/* The same for the whole of a request with its body, of which the route takes
 * limit bytes. */
void http_check_messages(
    const struct http_case *cases, size_t count, uint64_t limit);

/* Feeds the head and the body; appends the content. *used: of all bytes. */
enum http_step http_feed_message(struct bytes bytes, unsigned parting,
    uint64_t limit, struct buffer *content, size_t *used,
    enum http_rule *broken);

#endif
