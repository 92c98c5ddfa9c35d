#include "issue_bench.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authority/sign_log.h"
#include "base/refusal.h"

#define ANSWER_WAIT_MS 60000
#define IDLE_PAUSE_NANOSECONDS 2000000

double wall_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double process_seconds(pid_t process)
{
    struct timespec taken = {0};
    clockid_t clock = 0;

    give_up_unless(clock_getcpuclockid(process, &clock) == 0 &&
                       clock_gettime(clock, &taken) == 0,
        "a role's CPU time can't be read");
    return (double)taken.tv_sec + (double)taken.tv_nsec / 1e9;
}

/* --- questions ----------------------------------------------------------- */

static void ask(
    struct bench_place *place, const struct bench_requests *requests)
{
    uint64_t id = ++place->next_id;
    const struct bench_request *request = &requests->all[id % requests->count];
    struct failure why = {0};

    if (!channel_send(place->channel, CONTROL_ISSUE, id,
            buffer_view(&request->message), NULL, 0, 0, &why))
        give_up(&why);
}

static void take_answer(struct bench_place *place)
{
    struct failure why = {0};
    struct frame frame = {0};

    if (!channel_receive(place->channel, ANSWER_WAIT_MS, &frame, &why))
        give_up(&why);
    if (frame.type == CONTROL_ISSUED)
        return;
    (void)fail_as_told(&why, frame.body, "keeper");
    give_up(&why);
}

/* --- groups -------------------------------------------------------------- */

/* The sign log has the drafts of a group, then its signatures. */
struct group_count {
    uint64_t groups;
    bool in_drafts;
};

static bool count_record(
    void *context, const struct sign_log_record *record, struct failure *why)
{
    struct group_count *count = context;
    bool is_draft = record->type == SIGN_LOG_INTENT;

    (void)why;
    if (is_draft && !count->in_drafts)
        count->groups++;
    count->in_drafts = is_draft;
    return true;
}

static uint64_t log_end(const struct bench_place *place)
{
    struct stat status = {0};

    give_up_unless(fstat(place->sign_log, &status) == 0, "no sign log");
    return (uint64_t)status.st_size;
}

static uint64_t groups_since(const struct bench_place *place, uint64_t offset)
{
    struct group_count count = {0};
    struct failure why = {0};

    if (!sign_log_visit(place->sign_log, offset, count_record, &count, &why))
        give_up(&why);
    return count.groups;
}

/* --- the load ------------------------------------------------------------ */

static struct figure moment(const struct bench_place *place)
{
    return (struct figure){.seconds = wall_seconds(),
        .keeper = process_seconds(place->household.keeper),
        .signer = process_seconds(place->household.signer),
        .bench = process_seconds(getpid())};
}

struct figure load_for(struct bench_place *place,
    const struct bench_requests *requests, size_t window, double seconds)
{
    uint64_t log_start = log_end(place);
    struct figure begun = moment(place);
    struct figure ended;
    uint64_t answered = 0;

    for (size_t i = 0; i < window; i++)
        ask(place, requests);
    while (wall_seconds() - begun.seconds < seconds) {
        take_answer(place);
        answered++;
        ask(place, requests);
    }
    for (size_t i = 0; i < window; i++)
        take_answer(place);
    ended = moment(place);
    return (struct figure){.seconds = ended.seconds - begun.seconds,
        .certificates = answered + window,
        .groups = groups_since(place, log_start),
        .keeper = ended.keeper - begun.keeper,
        .signer = ended.signer - begun.signer,
        .bench = ended.bench - begun.bench};
}

static int compare(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;

    return (first > second) - (first < second);
}

struct latency load_idle(struct bench_place *place,
    const struct bench_requests *requests, size_t count)
{
    const struct timespec pause = {.tv_nsec = IDLE_PAUSE_NANOSECONDS};
    double *taken = calloc(count, sizeof(*taken));
    struct latency latency;

    give_up_unless(taken != NULL, "out of memory");
    for (size_t i = 0; i < count; i++) {
        double begun = wall_seconds();

        ask(place, requests);
        take_answer(place);
        taken[i] = 1e3 * (wall_seconds() - begun);
        (void)nanosleep(&pause, NULL);
    }
    qsort(taken, count, sizeof(*taken), compare);
    latency = (struct latency){
        .median = taken[count / 2], .most_of_100 = taken[count * 99 / 100]};
    free(taken);
    return latency;
}
