#include "bare_road.h"

/*
 * Two retries with one origin meet on the road.  A desk that does not look
 * origins up ahead meets them every time: the store finds out.
 */
#define ORIGIN "control:order-1"

static struct enrolment enrolment_for(
    const char *profile, const struct buffer *request)
{
    static const struct caller somebody = {.door = DOOR_CONTROL,
        .role = ROLE_ADMINISTRATOR,
        .actor = "somebody",
        .who = "local"};

    return (struct enrolment){.caller = &somebody,
        .profile = profile,
        .request = buffer_view(request),
        .origin = ORIGIN};
}

static void take_the_road(
    struct issuance *issuance, const struct enrolment *enrolment)
{
    issuance_begin(issuance, enrolment);
    issue_certificates(&road.authority, &road.desk, issuance, 1);
}

/* --- what the store holds afterwards ------------------------------------- */

static bool is_the_first(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct issuance *first = context;

    (void)why;
    assert_int_equal(row->status, CERTIFICATE_VALID);
    assert_true(bytes_equal(row->der, buffer_view(&first->certificate)));
    assert_memory_equal(row->serial.start, first->serial, SERIAL_BYTES);
    return true;
}

static void assert_origin_has(struct issuance *first)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    struct failure why = {0};
    bool found = false;

    assert_int_equal(first->why.kind, FAILURE_NONE);
    assert_done(store_certificate_by_origin(
                    store, ORIGIN, &found, is_the_first, first, &why),
        why);
    assert_true(found);
}

static bool is_a_revoked_twin(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct issuance *twin = context;
    struct certificate certificate = {0};

    assert_true(row->sealed);
    assert_null(row->origin);
    assert_int_equal(row->status, CERTIFICATE_REVOKED);
    assert_int_equal(row->reason, REASON_SUPERSEDED);
    assert_true(row->revoked_at >= row->issued_at && row->issued_at > 0);
    assert_string_equal(row->profile, twin->enrolment->profile);
    /* It was signed for this very request. */
    assert_done(certificate_read(row->der, &certificate, why), *why);
    assert_true(bytes_equal(certificate.tbs.serial, row->serial));
    assert_true(
        bytes_equal(certificate.tbs.key.whole, twin->request.key.whole));
    return true;
}

static bool counts_refusals(
    void *context, const struct journal_event *event, struct failure *why)
{
    int *count = context;

    (void)why;
    *count += strcmp(event->kind, "refused") == 0;
    return true;
}

/* Whoever met the conflict was refused, and the journal says so. */
static void assert_refusal_is_told(void)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    struct failure why = {0};
    int count = 0;

    assert_done(
        store_list_journal(store, 0, counts_refusals, &count, &why), why);
    assert_int_equal(count, 1);
}

static bool tells_of_the_twin(
    void *context, const struct journal_event *event, struct failure *why)
{
    struct kind_count *twins = context;

    (void)why;
    if (strcmp(event->kind, "twin") != 0 ||
        strcmp(event->object, twins->kind) != 0)
        return true;
    assert_string_equal(event->actor, "keeper");
    assert_non_null(
        strstr(event->detail, "\"revocation_reason\":\"superseded\""));
    assert_non_null(strstr(event->detail,
        "\"because\":\"its idempotency key had its certificate already\""));
    twins->count++;
    return true;
}

/* In the store without its origin, and once in the journal. */
static void assert_revoked(struct issuance *twin)
{
    SCOPED_STRUCT(store) *store = read_store(folder);
    const struct bytes serial = {twin->serial, SERIAL_BYTES};
    char text[SERIAL_TEXT];
    struct kind_count told = {.kind = text};
    struct failure why = {0};

    assert_done(store_certificate_by_serial(
                    store, serial, is_a_revoked_twin, twin, &why),
        why);
    serial_print(serial, text);
    assert_done(
        store_list_journal(store, 0, tells_of_the_twin, &told, &why), why);
    assert_int_equal(told.count, 1);
}

static void assert_conflict(const struct issuance *twin, const char *reason)
{
    assert_int_equal(twin->why.kind, FAILURE_CONFLICT);
    assert_string_equal(twin->why.reason, reason);
    assert_int_equal(twin->certificate.length, 0);
}

static void assert_same_certificate(
    const struct issuance *first, const struct issuance *twin)
{
    assert_int_equal(twin->why.kind, FAILURE_NONE);
    assert_true(twin->certificate.length > 0);
    assert_true(bytes_equal(
        buffer_view(&first->certificate), buffer_view(&twin->certificate)));
}

/* --- the rules ----------------------------------------------------------- */

static void a_twin_gets_the_first_certificate_and_its_own_is_revoked(
    void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance) first = {0};
    RELEASED(issuance) twin = {0};
    int64_t before = certificates_in(folder);
    struct enrolment enrolment;

    (void)state;
    new_request("www.example.org", &request);
    enrolment = enrolment_for("server", &request);
    take_the_road(&first, &enrolment);
    take_the_road(&twin, &enrolment);
    assert_same_certificate(&first, &twin);
    assert_memory_not_equal(first.serial, twin.serial, SERIAL_BYTES);
    assert_int_equal(certificates_in(folder), before + 2);
    assert_int_equal(events_in(folder, "issued"), 1);
    assert_origin_has(&first);
    assert_revoked(&twin);
}

static void a_twin_for_another_key_is_a_conflict_and_revoked(void **state)
{
    RELEASED(buffer) mine = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) others = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance) first = {0};
    RELEASED(issuance) twin = {0};
    struct enrolment enrolments[2];

    (void)state;
    new_request("www.example.org", &mine);
    new_request("www.example.org", &others);
    enrolments[0] = enrolment_for("server", &mine);
    enrolments[1] = enrolment_for("server", &others);
    take_the_road(&first, &enrolments[0]);
    take_the_road(&twin, &enrolments[1]);
    assert_conflict(&twin,
        "the idempotency key \"" ORIGIN "\" was used before, for another key");
    assert_origin_has(&first);
    assert_revoked(&twin);
    assert_refusal_is_told();
}

static void a_twin_for_another_profile_is_a_conflict_and_revoked(void **state)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance) first = {0};
    RELEASED(issuance) twin = {0};
    struct enrolment enrolments[2];

    (void)state;
    new_request("www.example.org", &request);
    enrolments[0] = enrolment_for("server", &request);
    enrolments[1] = enrolment_for("client", &request);
    take_the_road(&first, &enrolments[0]);
    take_the_road(&twin, &enrolments[1]);
    assert_conflict(&twin,
        "the idempotency key \"" ORIGIN "\" was used before, for another "
        "profile or authority");
    assert_origin_has(&first);
    assert_revoked(&twin);
}

/* Even a desk that looks ahead can't see within its own group. */
static void twins_within_a_group_are_told_apart(void **state)
{
    RELEASED(buffer) mine = BUFFER("request", REQUEST_MAX);
    RELEASED(buffer) others = BUFFER("request", REQUEST_MAX);
    SCOPED_STRUCT(store) *reading = read_store(folder);
    struct enrolment enrolments[3];
    struct issuance group[3] = {0};

    (void)state;
    new_request("www.example.org", &mine);
    new_request("www.example.org", &others);
    road.desk.reading = reading;
    for (size_t i = 0; i < 3; i++) {
        enrolments[i] = enrolment_for("server", i == 1 ? &others : &mine);
        issuance_begin(&group[i], &enrolments[i]);
    }
    issue_certificates(&road.authority, &road.desk, group, 3);
    assert_origin_has(&group[0]);
    assert_conflict(&group[1],
        "the idempotency key \"" ORIGIN "\" was used before, for another key");
    assert_revoked(&group[1]);
    assert_same_certificate(&group[0], &group[2]);
    assert_revoked(&group[2]);
    for (size_t i = 0; i < 3; i++)
        issuance_free(&group[i]);
}

#define on_the_road(function) \
    cmocka_unit_test_setup_teardown(function, open_road, close_road)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_the_road(a_twin_gets_the_first_certificate_and_its_own_is_revoked),
        on_the_road(a_twin_for_another_key_is_a_conflict_and_revoked),
        on_the_road(a_twin_for_another_profile_is_a_conflict_and_revoked),
        on_the_road(twins_within_a_group_are_told_apart),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
