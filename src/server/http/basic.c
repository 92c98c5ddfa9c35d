#include "server/http/basic.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "server/http/syntax.h"

/* Of the decoded pair: user, colon, password. */
#define PAIR_MAX (HTTP_BASIC_USER_ROOM + HTTP_BASIC_PASSWORD_MAX)

static bool malformed(struct failure *why)
{
    return fail_because(why, FAILURE_MALFORMED,
        "the Basic credentials are not base64 of user:password in UTF-8 "
        "(RFC 7617, 2)");
}

static bool has_control(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.start[i] < 0x20 || text.start[i] == 0x7f)
            return true;
    return false;
}

/* RFC 7617, 2: the user has no colon, the password may. */
static bool split_pair(
    struct bytes pair, struct http_basic *basic, struct failure *why)
{
    const uint8_t *colon =
        pair.length == 0 ? NULL : memchr(pair.start, ':', pair.length);
    size_t user = colon == NULL ? 0 : (size_t)(colon - pair.start);

    if (user == 0 || has_control(pair) || !text_is_utf8(pair))
        return malformed(why);
    if (user >= HTTP_BASIC_USER_ROOM ||
        pair.length - user - 1 > HTTP_BASIC_PASSWORD_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "a user's name may have %d bytes and a password %d",
            HTTP_BASIC_USER_ROOM - 1, HTTP_BASIC_PASSWORD_MAX);
    if (!secret_new(&basic->password, pair.length - user, why))
        return false;
    memcpy(basic->user, pair.start, user);
    basic->user[user] = '\0';
    basic->password.length = pair.length - user - 1;
    memcpy(basic->password.start, colon + 1, basic->password.length);
    return true;
}

static bool is_token68(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!http_is_letter(text.start[i]) && !http_is_digit(text.start[i]) &&
            strchr("+/=", text.start[i]) == NULL)
            return false;
    return text.length > 0;
}

/* All room is taken before the secret is decoded into it: a buffer that grew
 * would leave a copy behind. */
static bool decode(
    struct bytes credentials, struct http_basic *basic, struct failure *why)
{
    RELEASED(buffer) pair = BUFFER("Basic credentials", PAIR_MAX);
    bool is_read;

    if (credentials.length > (size_t)PAIR_MAX * 4 / 3 ||
        !is_token68(credentials))
        return malformed(why);
    if (!buffer_reserve(&pair, PAIR_MAX, why))
        return false;
    is_read = base64_read(credentials, &pair, why)
                  ? split_pair(buffer_view(&pair), basic, why)
                  : malformed(why);
    wipe(pair.start, pair.capacity);
    return is_read;
}

bool http_basic_read(
    struct bytes value, struct http_basic *basic, struct failure *why)
{
    static const char scheme[] = "Basic ";
    size_t length = strlen(scheme);

    if (value.length < length ||
        !http_same_word(http_slice(value, 0, length), scheme))
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "the authentication scheme is not Basic");
    return decode(http_trim(http_slice(value, length, value.length - length)),
        basic, why);
}

void http_basic_free(struct http_basic *basic)
{
    secret_free(&basic->password);
    *basic = (struct http_basic){0};
}
