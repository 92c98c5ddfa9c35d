#include "server/http/rule.h"

#define CLOSES true
#define GOES_ON false

static const struct {
    unsigned status;
    bool closes;
    const char *name, *reference, *sentence;
} rules[HTTP_RULE_COUNT] = {
    [HTTP_NO_RULE] = {200, GOES_ON, "none", "", "nothing is wrong"},
    [HTTP_BARE_LF] = {400, CLOSES, "bare-lf", "RFC 9112, 2.2",
        "a line ends with a line feed alone"},
    [HTTP_BARE_CR] = {400, CLOSES, "bare-cr", "RFC 9112, 2.2",
        "a carriage return is not followed by a line feed"},
    [HTTP_NUL] = {400, CLOSES, "nul", "RFC 9110, 5.5", "a byte is zero"},
    [HTTP_CONTROL] = {400, CLOSES, "control", "RFC 9110, 5.5",
        "a control character stands in the head"},
    [HTTP_NON_ASCII] = {400, CLOSES, "non-ascii", "RFC 9110, 5.5",
        "a byte above 0x7f stands in the head"},
    [HTTP_LEADING_LINES] = {400, CLOSES, "leading-lines", "RFC 9112, 2.2",
        "more than one empty line stands before the request"},
    [HTTP_LINE_LONG] = {414, CLOSES, "line-long", "RFC 9112, 3",
        "the request line is longer than 16384 bytes"},
    [HTTP_LINE_WHITESPACE] = {400, CLOSES, "line-whitespace", "RFC 9112, 3",
        "white space other than two single spaces is in the request line"},
    [HTTP_LINE_MALFORMED] = {400, CLOSES, "line-malformed", "RFC 9112, 3",
        "the request line is not method, target and version"},
    [HTTP_METHOD_MALFORMED] = {400, CLOSES, "method-malformed", "RFC 9110, 9.1",
        "the method is not a token"},
    [HTTP_METHOD_UNKNOWN] = {501, GOES_ON, "method-unknown", "RFC 9110, 9.1",
        "the method is not known here"},
    [HTTP_VERSION_MALFORMED] = {400, CLOSES, "version-malformed",
        "RFC 9112, 2.3", "the version is not HTTP/ digit . digit"},
    [HTTP_VERSION_UNSUPPORTED] = {505, CLOSES, "version-unsupported",
        "RFC 9110, 15.6.6", "only HTTP/1.1 and HTTP/1.0 are spoken"},
    [HTTP_TARGET_MALFORMED] = {400, CLOSES, "target-malformed", "RFC 3986, 3.3",
        "a character of the target is not one of a URI"},
    [HTTP_TARGET_FRAGMENT] = {400, CLOSES, "target-fragment", "RFC 9112, 3.2",
        "the target has a fragment"},
    [HTTP_TARGET_FORM] = {400, CLOSES, "target-form", "RFC 9112, 3.2",
        "the target is no path and no http or https address"},
    [HTTP_TARGET_USER] = {400, CLOSES, "target-user", "RFC 9110, 4.2.4",
        "the target names a user"},
    [HTTP_FIELD_LONG] = {431, CLOSES, "field-long", "RFC 6585, 5",
        "a header line is longer than 8192 bytes"},
    [HTTP_SECTION_LONG] = {431, CLOSES, "section-long", "RFC 6585, 5",
        "the header section is longer than 32768 bytes"},
    [HTTP_FIELDS_MANY] = {431, CLOSES, "fields-many", "RFC 6585, 5",
        "there are more than 100 header lines"},
    [HTTP_FIELD_FOLDED] = {400, CLOSES, "field-folded", "RFC 9112, 5.2",
        "a header line is folded"},
    [HTTP_FIELD_BEFORE] = {400, CLOSES, "field-before", "RFC 9112, 2.2",
        "white space stands before the first header line"},
    [HTTP_FIELD_COLON] = {400, CLOSES, "field-colon", "RFC 9112, 5",
        "a header line has no colon"},
    [HTTP_FIELD_NAMELESS] = {400, CLOSES, "field-nameless", "RFC 9112, 5",
        "a header line has no name"},
    [HTTP_FIELD_SPACE] = {400, CLOSES, "field-space", "RFC 9112, 5.1",
        "white space stands between a header's name and its colon"},
    [HTTP_FIELD_NAME] = {400, CLOSES, "field-name", "RFC 9110, 5.1",
        "a header's name is not a token"},
    [HTTP_FIELD_TWICE] = {400, CLOSES, "field-twice", "RFC 9110, 5.3",
        "a header that may stand once stands twice"},
    [HTTP_HOST_MISSING] = {400, CLOSES, "host-missing", "RFC 9112, 3.2",
        "there is no Host"},
    [HTTP_HOST_TWICE] = {400, CLOSES, "host-twice", "RFC 9112, 3.2",
        "there is more than one Host"},
    [HTTP_HOST_INVALID] = {400, CLOSES, "host-invalid", "RFC 9110, 7.2",
        "the Host is no name or address with an optional port"},
    [HTTP_HOST_DIFFERS] = {400, CLOSES, "host-differs", "RFC 9112, 3.2.2",
        "the target names another host than Host does"},
    [HTTP_EXPECTATION] = {417, CLOSES, "expectation", "RFC 9110, 10.1.1",
        "only 100-continue may be expected"},
    [HTTP_CONTENT_CODING] = {415, GOES_ON, "content-coding",
        "RFC 9110, 15.5.16", "an encoded body is not taken"},
    [HTTP_LENGTH_TWICE] = {400, CLOSES, "length-twice", "RFC 9112, 6.3",
        "there is more than one Content-Length"},
    [HTTP_LENGTH_MALFORMED] = {400, CLOSES, "length-malformed", "RFC 9112, 6.3",
        "the Content-Length is not digits alone"},
    [HTTP_LENGTH_OVERFLOW] = {400, CLOSES, "length-overflow", "RFC 9110, 8.6",
        "the Content-Length has more than 18 digits"},
    [HTTP_LENGTH_WITH_CODING] = {400, CLOSES, "length-with-coding",
        "RFC 9112, 6.1", "Content-Length stands with Transfer-Encoding"},
    [HTTP_CODING_IN_1_0] = {400, CLOSES, "coding-in-1.0", "RFC 9112, 6.1",
        "Transfer-Encoding stands in an HTTP/1.0 request"},
    [HTTP_CODING_MALFORMED] = {400, CLOSES, "coding-malformed", "RFC 9112, 6.1",
        "the Transfer-Encoding is not a list of tokens"},
    [HTTP_CODING_UNKNOWN] = {501, CLOSES, "coding-unknown", "RFC 9112, 6.1",
        "a Transfer-Encoding other than chunked is not known here"},
    [HTTP_CODING_NOT_LAST] = {400, CLOSES, "coding-not-last", "RFC 9112, 6.3",
        "chunked is not the last Transfer-Encoding"},
    [HTTP_CODING_TWICE] = {400, CLOSES, "coding-twice", "RFC 9112, 6.1",
        "chunked or the Transfer-Encoding stands more than once"},
    [HTTP_BODY_LONG] = {413, CLOSES, "body-long", "RFC 9110, 15.5.14",
        "the body is longer than this address takes"},
    [HTTP_CHUNK_SIZE] = {400, CLOSES, "chunk-size", "RFC 9112, 7.1",
        "a chunk's size is not hexadecimal digits"},
    [HTTP_CHUNK_OVERFLOW] = {400, CLOSES, "chunk-overflow", "RFC 9112, 7.1",
        "a chunk's size has more than 15 digits"},
    [HTTP_CHUNK_EXTENSION] = {400, CLOSES, "chunk-extension", "RFC 9112, 7.1.1",
        "a chunk's extension is not tokens"},
    [HTTP_CHUNK_LINE_LONG] = {400, CLOSES, "chunk-line-long", "RFC 9112, 7.1.1",
        "a chunk's line is longer than 512 bytes, or all extensions together "
        "than 1024"},
    [HTTP_CHUNK_END] = {400, CLOSES, "chunk-end", "RFC 9112, 7.1",
        "a chunk is not followed by an empty end of line"},
    [HTTP_TRAILER_LONG] = {431, CLOSES, "trailer-long", "RFC 9112, 7.1.2",
        "a trailer is longer than 512 bytes, or there are more than 16"},
    [HTTP_TRAILER_FORBIDDEN] = {400, CLOSES, "trailer-forbidden",
        "RFC 9110, 6.5.1", "a trailer would change framing or routing"},
    [HTTP_PATH_LONG] = {414, GOES_ON, "path-long", "RFC 9110, 15.5.15",
        "the path is longer than 8192 bytes"},
    [HTTP_ESCAPE_MALFORMED] = {400, GOES_ON, "escape-malformed",
        "RFC 3986, 2.1", "a percent sign is not followed by two digits"},
    [HTTP_ESCAPE_NUL] = {400, GOES_ON, "escape-nul", "RFC 3986, 7.3",
        "an escape stands for a zero byte"},
    [HTTP_ESCAPE_CONTROL] = {400, GOES_ON, "escape-control", "RFC 3986, 7.3",
        "an escape in the path stands for a control character"},
    [HTTP_ESCAPE_SLASH] = {400, GOES_ON, "escape-slash", "RFC 3986, 2.2",
        "an escape in the path stands for a slash or backslash"},
    [HTTP_ESCAPE_UTF8] = {400, GOES_ON, "escape-utf8", "RFC 3629, 3",
        "the text is not UTF-8"},
    [HTTP_PATH_DOTS] = {400, GOES_ON, "path-dots", "RFC 3986, 3.3",
        "a segment of the path is . or .."},
    [HTTP_FORM_MALFORMED] = {400, GOES_ON, "form-malformed",
        "URL Standard, 5.1", "a character of the form should be escaped"},
    [HTTP_FORM_MANY] = {400, GOES_ON, "form-many", "limit",
        "the form has more than 64 fields"},
    [HTTP_FORM_TWICE] = {400, GOES_ON, "form-twice", "limit",
        "a field that may stand once stands twice in the form"},
    [HTTP_MEDIA_MALFORMED] = {400, GOES_ON, "media-malformed",
        "RFC 9110, 8.3.1", "the Content-Type is malformed"},
    [HTTP_BOUNDARY_INVALID] = {400, GOES_ON, "boundary-invalid",
        "RFC 2046, 5.1.1", "the boundary is missing or invalid"},
    [HTTP_PART_PREAMBLE] = {400, CLOSES, "part-preamble", "RFC 7578, 4",
        "the form does not begin with its boundary"},
    [HTTP_PART_DELIMITER] = {400, CLOSES, "part-delimiter", "RFC 2046, 5.1.1",
        "a boundary is not followed by the end of its line"},
    [HTTP_PART_HEAD_LONG] = {400, CLOSES, "part-head-long", "limit",
        "the head of a part is longer than 2048 bytes"},
    [HTTP_PART_DISPOSITION] = {400, CLOSES, "part-disposition", "RFC 7578, 4.2",
        "a part does not say form-data and one name"},
    [HTTP_PART_CODING] = {400, CLOSES, "part-coding", "RFC 7578, 4.7",
        "a part has a Content-Transfer-Encoding"},
    [HTTP_PARTS_MANY] = {400, CLOSES, "parts-many", "limit",
        "the form has more than 32 parts"},
    [HTTP_PART_CUT] = {400, CLOSES, "part-cut", "RFC 2046, 5.1.1",
        "the form ends before its last boundary"},
    [HTTP_PART_EPILOGUE] = {400, CLOSES, "part-epilogue", "RFC 7578, 4",
        "something stands behind the last boundary"},
    [HTTP_MEMORY] = {503, CLOSES, "memory", "limit", "there is no memory"},
};

unsigned http_rule_status(enum http_rule rule)
{
    return rules[rule].status;
}

const char *http_rule_name(enum http_rule rule)
{
    return rules[rule].name;
}

const char *http_rule_reference(enum http_rule rule)
{
    return rules[rule].reference;
}

const char *http_rule_sentence(enum http_rule rule)
{
    return rules[rule].sentence;
}

bool http_rule_closes(enum http_rule rule)
{
    return rules[rule].closes;
}

bool http_break(enum http_rule *broken, enum http_rule rule)
{
    *broken = rule;
    return false;
}

enum http_step http_refuse(enum http_rule *broken, enum http_rule rule)
{
    *broken = rule;
    return HTTP_REFUSED;
}

bool http_rule_fail(enum http_rule rule, struct failure *why)
{
    enum failure_kind kind = FAILURE_MALFORMED;

    if (rules[rule].status == 503)
        kind = FAILURE_UNAVAILABLE;
    else if (rules[rule].status != 400)
        kind = FAILURE_UNSUITABLE;
    return fail_because(
        why, kind, "%s (%s)", rules[rule].sentence, rules[rule].reference);
}
