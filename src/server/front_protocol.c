#include "server/front_protocol.h"

#include <stddef.h>

const char *const *front_headers(void)
{
    static const char *const headers[] = {"accept", "authorization",
        "content-type", "cookie", "idempotency-key", "if-match", "origin",
        "referer", "sec-fetch-site", "user-agent", NULL};

    return headers;
}
