#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/admin/sessions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken stands in the header behind its name, and is all of its value.
 */
static void check(const char *header, const char *cookie)
{
    char part[sizeof(SESSION_COOKIE "=") + SESSION_COOKIE_TEXT];
    const char *found;

    if (strlen(cookie) != SESSION_COOKIE_TEXT - 1 ||
        strspn(cookie, "0123456789abcdef") != SESSION_COOKIE_TEXT - 1)
        abort();
    (void)snprintf(part, sizeof(part), SESSION_COOKIE "=%s", cookie);
    found = strstr(header, part);
    if (found == NULL)
        abort();
    found += strlen(part);
    if (*found != '\0' && *found != ';')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char cookie[SESSION_COOKIE_TEXT];
    char *header = malloc(size + 1);

    if (header == NULL)
        return 0;
    memcpy(header, data, size);
    header[size] = '\0';
    if (session_cookie_read(header, cookie))
        check(header, cookie);
    free(header);
    return 0;
}
