#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crypto/start.h"
#include "x509/facade/facade.h"

/* Written once, under pthread_once, and only read after it. */
static pthread_once_t started = PTHREAD_ONCE_INIT;
static struct failure start_failure;

static void start(void)
{
    struct failure why = {0};

    if (!crypto_start(&why))
        start_failure = why;
}

bool facade_start(struct failure *why)
{
    (void)pthread_once(&started, start);
    if (start_failure.kind == FAILURE_NONE)
        return true;
    return fail_because(why, FAILURE_UNAVAILABLE, "%s", start_failure.reason);
}

enum chancery_result facade_result(const struct failure *failure)
{
    switch (failure->kind) {
    case FAILURE_NONE:
        return CHANCERY_DONE;
    case FAILURE_MALFORMED:
        return CHANCERY_MALFORMED;
    case FAILURE_UNAUTHENTICATED:
    case FAILURE_FORBIDDEN:
    case FAILURE_UNSUITABLE:
    case FAILURE_CONFLICT:
        return CHANCERY_UNSUITABLE;
    case FAILURE_NOT_FOUND:
        return CHANCERY_NOT_FOUND;
    case FAILURE_UNAVAILABLE:
        return CHANCERY_UNAVAILABLE;
    case FAILURE_INTERNAL:
        break;
    }
    return CHANCERY_INTERNAL;
}

const char *chancery_library_version(void)
{
    return CHANCERY_LIBRARY_VERSION;
}

static bool check_version(
    const char *version, unsigned int abi, struct failure *why)
{
    if (version != NULL && strcmp(version, CHANCERY_LIBRARY_VERSION) == 0 &&
        abi == CHANCERY_LIBRARY_ABI)
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "this program was built against libchancery %.60s (ABI %u) and runs "
        "with libchancery " CHANCERY_LIBRARY_VERSION
        " (ABI %d), whose verdicts may be others: install the library that it "
        "was built against, or build it anew",
        version == NULL ? "without a version" : version, abi,
        CHANCERY_LIBRARY_ABI);
}

bool chancery_library_check(
    const char *version, unsigned int abi, char *sentence, size_t room)
{
    struct failure why = {0};

    if (check_version(version, abi, &why) && facade_start(&why))
        return true;
    (void)snprintf(sentence, room, "%s", why.reason);
    return false;
}
