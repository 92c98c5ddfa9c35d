#include "authority/pause.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

struct reading {
    struct pause entries[PAUSES_MAX];
    size_t count;
};

static bool take_pause(void *context, const char *profile, const char *actor,
    const char *reason, int64_t at, struct failure *why)
{
    struct reading *reading = context;
    struct pause *pause = &reading->entries[reading->count];

    if (reading->count == PAUSES_MAX)
        return fail_because(
            why, FAILURE_UNSUITABLE, "more than %d pauses", PAUSES_MAX);
    (void)snprintf(pause->profile, sizeof(pause->profile), "%s", profile);
    (void)snprintf(pause->actor, sizeof(pause->actor), "%s", actor);
    (void)snprintf(pause->reason, sizeof(pause->reason), "%s", reason);
    pause->since = at;
    reading->count++;
    return true;
}

bool pauses_refresh(
    struct pauses *pauses, struct store *store, struct failure *why)
{
    struct reading reading = {.count = 0};

    if (!store_list_pauses(store, take_pause, &reading, why))
        return false;
    (void)pthread_rwlock_wrlock(&pauses->lock);
    memcpy(pauses->entries, reading.entries, sizeof(reading.entries));
    pauses->count = reading.count;
    (void)pthread_rwlock_unlock(&pauses->lock);
    return true;
}

bool pauses_start(
    struct pauses *pauses, struct store *store, struct failure *why)
{
    (void)pthread_rwlock_init(&pauses->lock, NULL);
    pauses->count = 0;
    return pauses_refresh(pauses, store, why);
}

void pauses_end(struct pauses *pauses)
{
    (void)pthread_rwlock_destroy(&pauses->lock);
}

static bool fail_paused(
    const struct pause *pause, const char *profile, struct failure *why)
{
    char since[CLOCK_TEXT];

    clock_print(pause->since, since);
    return fail_because(why, FAILURE_UNAVAILABLE,
        "profile %s issues nothing: %s paused %s at %s%s%.120s; `chancery "
        "resume` ends it",
        profile, pause->actor,
        strcmp(pause->profile, PAUSE_ALL) == 0 ? "every profile" : "it", since,
        pause->reason[0] == '\0' ? "" : ": ", pause->reason);
}

bool pauses_allow(
    struct pauses *pauses, const char *profile, struct failure *why)
{
    bool ok = true;

    (void)pthread_rwlock_rdlock(&pauses->lock);
    for (size_t i = 0; ok && i < pauses->count; i++) {
        const char *paused = pauses->entries[i].profile;

        if (strcmp(paused, profile) == 0 || strcmp(paused, PAUSE_ALL) == 0)
            ok = fail_paused(&pauses->entries[i], profile, why);
    }
    (void)pthread_rwlock_unlock(&pauses->lock);
    return ok;
}
