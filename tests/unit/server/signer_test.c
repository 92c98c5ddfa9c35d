#include "signer_desk.h"

/* --- what it signs ------------------------------------------------------- */

static void a_draft_within_the_limits_is_signed(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct outcome outcome;

    (void)state;
    good_draft(&draft);
    outcome = ask_to_sign(&signer, 0, buffer_view(&draft));
    assert_verifies(&authority, buffer_view(&draft), &outcome);
}

static void properties3_the_draft_is_in_the_log_before_the_answer(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct tally tally;

    (void)state;
    good_draft(&draft);
    assert_true(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);
    tally = read_log();
    assert_int_equal(tally.of[SIGN_LOG_INTENT], 1);
    assert_int_equal(tally.of[SIGN_LOG_SIGNED], 1);
    assert_int_equal(tally.intent_length, draft.length);
    assert_memory_equal(tally.intent, draft.start, draft.length);
}

static void two_keys_sign_each_its_own(void **state)
{
    RELEASED(buffer) question = BUFFER("question", SIGNER_FRAME_MAX);
    RELEASED(buffer) first = BUFFER("draft", SIGNER_DRAFT_MAX);
    RELEASED(buffer) second = BUFFER("draft", SIGNER_DRAFT_MAX);
    uint8_t serials[2 * SERIAL_BYTES];
    struct outcome outcomes[4];
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    reserve_serials(&signer, 2, serials);
    compose_server(configuration, &authority.limits, serials, &first);
    compose_server(
        configuration, &other.limits, serials + SERIAL_BYTES, &second);
    assert_true(message_add_number(&question, FIELD_KEY, 0, &why));
    assert_true(message_add(&question, FIELD_DRAFT, buffer_view(&first), &why));
    assert_true(message_add_number(&question, FIELD_KEY, 1, &why));
    assert_true(
        message_add(&question, FIELD_DRAFT, buffer_view(&second), &why));
    assert_done(ask_signer(&signer, SIGNER_SIGN, buffer_view(&question), -1,
                    &answer, &why),
        why);
    assert_int_equal(read_outcomes(answer.body, outcomes, 4), 2);
    assert_verifies(&authority, buffer_view(&first), &outcomes[0]);
    assert_verifies(&other, buffer_view(&second), &outcomes[1]);
}

static void properties36_a_draft_for_another_keys_issuer_is_refused(
    void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    uint8_t serial[SERIAL_BYTES];

    (void)state;
    reserve_serials(&signer, 1, serial);
    compose_server(configuration, &other.limits, serial, &draft);
    assert_refused_as(buffer_view(&draft),
        "the signer's limits for \"Issuing\" do not allow another issuer's "
        "name");
}

static void a_key_it_does_not_hold_is_refused(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct outcome outcome;

    (void)state;
    good_draft(&draft);
    outcome = ask_to_sign(&signer, 1, buffer_view(&draft));
    assert_int_equal(outcome.why.kind, FAILURE_NOT_FOUND);
    assert_string_equal(outcome.why.reason, "the signer has no key number 1");
    outcome = ask_to_sign(&signer, UINT64_MAX, buffer_view(&draft));
    assert_int_equal(outcome.why.kind, FAILURE_NOT_FOUND);
}

static void a_refused_member_leaves_the_others_signed(void **state)
{
    RELEASED(buffer) question = BUFFER("question", SIGNER_FRAME_MAX);
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct outcome outcomes[4];
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    good_draft(&draft);
    assert_true(message_add_number(&question, FIELD_KEY, 0, &why));
    assert_true(
        message_add(&question, FIELD_DRAFT, bytes_of_text("no draft"), &why));
    assert_true(message_add(&question, FIELD_DRAFT, buffer_view(&draft), &why));
    assert_true(message_add(&question, FIELD_DRAFT, buffer_view(&draft), &why));
    assert_done(ask_signer(&signer, SIGNER_SIGN, buffer_view(&question), -1,
                    &answer, &why),
        why);
    assert_int_equal(read_outcomes(answer.body, outcomes, 4), 3);
    assert_int_equal(outcomes[0].why.kind, FAILURE_MALFORMED);
    assert_true(outcomes[1].is_signed);
    assert_int_equal(outcomes[2].why.kind, FAILURE_FORBIDDEN);
}

/* --- serials ------------------------------------------------------------- */

static const char not_given_out[] =
    "the draft's serial was not given out, or was used already";

static void properties5_a_serial_of_the_keepers_own_is_refused(void **state)
{
    static const uint8_t serial[SERIAL_BYTES] = {1, 2, 3};
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);

    (void)state;
    compose_server(configuration, &authority.limits, serial, &draft);
    assert_refused_as(buffer_view(&draft), not_given_out);
}

static void properties5_a_serial_is_signed_once(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);

    (void)state;
    good_draft(&draft);
    assert_true(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);
    assert_refused_as(buffer_view(&draft), not_given_out);
}

/* A serial whose draft was refused is gone with it. */
static void a_serial_is_used_up_by_a_refusal(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    RELEASED(buffer) wrong = BUFFER("draft", SIGNER_DRAFT_MAX);
    uint8_t serial[SERIAL_BYTES];

    (void)state;
    reserve_serials(&signer, 1, serial);
    compose_server(configuration, &other.limits, serial, &wrong);
    compose_server(configuration, &authority.limits, serial, &draft);
    assert_false(ask_to_sign(&signer, 0, buffer_view(&wrong)).is_signed);
    assert_refused_as(buffer_view(&draft), not_given_out);
}

static void at_most_2048_serials_are_given_out_unused(void **state)
{
    static uint8_t serials[2048 * SERIAL_BYTES];
    RELEASED(buffer) question = BUFFER("question", 64);
    struct frame answer = {0};
    struct failure why = {0};

    (void)state;
    reserve_serials(&signer, 1000, serials);
    reserve_serials(&signer, 1048, serials);
    assert_true(message_add_number(&question, FIELD_COUNT, 1, &why));
    assert_false(ask_signer(
        &signer, SIGNER_RESERVE, buffer_view(&question), -1, &answer, &why));
    assert_int_equal(why.kind, FAILURE_UNAVAILABLE);
}

/* --- one byte changed ---------------------------------------------------- */

/* Each byte in turn, under a serial that was given out: what is signed all the
 * same is a certificate within the limits, for another subject, key or end. */
static bool is_inside(struct bytes part, const uint8_t *place)
{
    return place >= part.start && place < part.start + part.length;
}

static bool may_differ(struct bytes draft, const uint8_t *place)
{
    struct tbs_certificate tbs = read_tbs(draft);

    return is_inside(tbs.subject, place) || is_inside(tbs.key.whole, place) ||
           /* the times stand between the two names */
           (place >= tbs.issuer.start + tbs.issuer.length &&
               place < tbs.subject.start) ||
           is_inside(value_of(draft, OID_SUBJECT_ALT_NAME), place) ||
           is_inside(value_of(draft, OID_SUBJECT_KEY_IDENTIFIER), place) ||
           is_inside(value_of(draft, OID_KEY_USAGE), place);
}

static void sign_with_byte_changed(
    const struct buffer *draft, size_t place, const uint8_t *serial)
{
    struct tbs_certificate tbs = read_tbs(buffer_view(draft));
    size_t at_serial = (size_t)(tbs.serial.start - draft->start);
    struct outcome outcome;
    uint8_t altered[4096];

    memcpy(altered, draft->start, draft->length);
    memcpy(altered + at_serial, serial, SERIAL_BYTES);
    altered[place] ^= 0x01;
    outcome = ask_to_sign(&signer, 0, (struct bytes){altered, draft->length});
    if (!outcome.is_signed)
        return;
    if (!may_differ(buffer_view(draft), draft->start + place))
        fail_msg("a draft with byte %zu changed was signed", place);
    tbs = read_tbs((struct bytes){altered, draft->length});
    assert_true(signer_limits_allow(&authority.limits, &tbs,
        authority.key->algorithm->signs_with->identifier, clock_now(),
        &outcome.why));
}

static void properties2_no_changed_byte_takes_a_draft_out_of_the_limits(
    void **state)
{
    static uint8_t serials[1024 * SERIAL_BYTES];
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);

    (void)state;
    good_draft(&draft);
    assert_true(draft.length < 1024);
    reserve_serials(&signer, draft.length, serials);
    for (size_t place = 0; place < draft.length; place++)
        sign_with_byte_changed(&draft, place, serials + place * SERIAL_BYTES);
}

/* Of these no bit may change at all. */
static void assert_no_bit_changes(struct buffer *draft, struct bytes part)
{
    size_t from = (size_t)(part.start - draft->start);

    for (size_t bit = 0; bit < part.length * 8; bit++) {
        struct outcome outcome;
        uint8_t serial[SERIAL_BYTES];
        struct tbs_certificate tbs = read_tbs(buffer_view(draft));

        reserve_serials(&signer, 1, serial);
        memcpy(draft->start + (tbs.serial.start - draft->start), serial,
            SERIAL_BYTES);
        draft->start[from + bit / 8] ^= (uint8_t)(1u << bit % 8);
        outcome = ask_to_sign(&signer, 0, buffer_view(draft));
        draft->start[from + bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (outcome.is_signed)
            fail_msg("bit %zu of byte %zu was signed changed", bit % 8,
                from + bit / 8);
    }
}

static void properties36_no_bit_of_who_signs_and_what_for_may_change(
    void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct signer_limits servers = authority.limits;
    struct tbs_certificate tbs;
    struct signer_plan plan;

    (void)state;
    /* Purposes of other profiles are a bit away from a server's. */
    servers.purposes[0] = OID_SERVER_AUTH;
    servers.purpose_count = 1;
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[0] = &servers;
    start_signer(&plan, &signer);
    good_draft(&draft);
    tbs = read_tbs(buffer_view(&draft));
    assert_no_bit_changes(&draft, tbs.serial);
    assert_no_bit_changes(&draft, tbs.signature_algorithm);
    assert_no_bit_changes(&draft, tbs.issuer);
    assert_no_bit_changes(
        &draft, value_of(buffer_view(&draft), OID_AUTHORITY_KEY_IDENTIFIER));
    assert_no_bit_changes(
        &draft, value_of(buffer_view(&draft), OID_EXTENDED_KEY_USAGE));
}

/* --- authorities --------------------------------------------------------- */

/* Of an authority that issues leaves alone, under a serial given out. */
static void compose_subordinate(struct buffer *draft)
{
    RELEASED(buffer) subject = BUFFER("name", 4096);
    SCOPED_STRUCT(composer) *composer = NULL;
    struct issuer issuer = {.authority = 1,
        .name = "issuing",
        .subject = authority.limits.issuer,
        .key_identifier = authority.limits.key_identifier,
        .not_before = clock_now() - DAY_S,
        .not_after = authority.limits.not_after,
        .algorithm = authority.key->algorithm->signs_with,
        .url = ""};
    uint8_t serial[SERIAL_BYTES];
    struct draft_wishes wishes = {.serial = {serial, SERIAL_BYTES},
        .not_before = clock_now(),
        .not_after = clock_now() + DAY_S,
        .key = read_spki(buffer_view(&other.spki)),
        .algorithm = other.key->algorithm};
    struct failure why = {0};

    reserve_serials(&signer, 1, serial);
    assert_true(name_read("CN=Sub", &subject, &why));
    wishes.subject = buffer_view(&subject);
    assert_done(
        composer_new(profile_subordinate(), &issuer, &composer, &why), why);
    assert_done(compose_draft(composer, &wishes, draft, &why), why);
}

static void properties10_a_draft_of_an_authority_is_refused(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);

    (void)state;
    compose_subordinate(&draft);
    assert_refused_as(buffer_view(&draft),
        "the signer's limits for \"Issuing\" do not allow an authority "
        "(CA:TRUE)");
}

static void start_ceremony(uint32_t path_length)
{
    const struct basic_constraints constraints = {.is_authority = true,
        .has_path_length = true,
        .path_length = path_length};
    static struct signer_limits limits;
    struct signer_plan plan;

    limits = authority.limits;
    signer_limits_allow_authorities(
        &limits, &constraints, KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN);
    sign_log = new_log();
    plan = plan_of_one();
    plan.limits[0] = &limits;
    start_signer(&plan, &signer);
}

static void properties10_an_authority_is_made_in_a_ceremony(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct outcome outcome;

    (void)state;
    start_ceremony(1);
    compose_subordinate(&draft);
    outcome = ask_to_sign(&signer, 0, buffer_view(&draft));
    assert_verifies(&authority, buffer_view(&draft), &outcome);
}

static void properties10_a_ceremony_does_not_lengthen_the_path(void **state)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);

    (void)state;
    start_ceremony(0);
    compose_subordinate(&draft);
    assert_false(ask_to_sign(&signer, 0, buffer_view(&draft)).is_signed);
}

/* --- another keeper ------------------------------------------------------ */

static void hand_over_keeper(void)
{
    SCOPED_DESCRIPTOR int theirs = -1;
    int sockets[2];
    struct frame answer = {0};
    struct failure why = {0};

    assert_done(channel_pair(sockets, &why), why);
    theirs = sockets[1];
    assert_done(channel_send(signer.parent, SIGNER_KEEPER, 2, (struct bytes){0},
                    &theirs, 1, 0, &why),
        why);
    assert_done(channel_receive(signer.parent, 60000, &answer, &why), why);
    assert_int_equal(answer.type, SIGNER_READY);
    assert_done(signer_state_read(answer.body, &signer.ready, &why), why);
    assert_done(
        channel_new(sockets[0], any_answer, 0, &signer.keeper, &why), why);
}

static void assert_signs(void)
{
    RELEASED(buffer) draft = BUFFER("draft", SIGNER_DRAFT_MAX);
    struct outcome outcome;

    good_draft(&draft);
    outcome = ask_to_sign(&signer, 0, buffer_view(&draft));
    assert_verifies(&authority, buffer_view(&draft), &outcome);
}

static void properties31_the_keys_stay_open_when_the_keeper_dies(void **state)
{
    (void)state;
    assert_signs();
    channel_free(signer.keeper);
    hand_over_keeper();
    assert_true(signer.ready.keys[0].is_usable);
    assert_signs();
}

/* A keeper that is killed while it sends leaves a frame without its end. */
static void properties31_half_a_question_ends_nothing(void **state)
{
    uint8_t head[FRAME_HEAD_BYTES] = {0, 0, 0, 200, 0, SIGNER_SIGN};
    int socket = channel_descriptor(signer.keeper);

    (void)state;
    assert_int_equal(write(socket, head, sizeof(head)), sizeof(head));
    channel_free(signer.keeper);
    hand_over_keeper();
    assert_signs();
}

/* The new one reads the log to its end: nothing may follow that it does not
 * know of. */
static void the_channel_of_the_keeper_before_is_closed(void **state)
{
    struct channel *before = signer.keeper;
    struct frame frame = {0};
    struct failure why = {0};

    (void)state;
    hand_over_keeper();
    assert_false(channel_receive(before, 60000, &frame, &why));
    assert_int_equal(why.kind, FAILURE_NOT_FOUND);
    channel_free(before);
    assert_signs();
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        with_one(a_draft_within_the_limits_is_signed),
        with_one(properties3_the_draft_is_in_the_log_before_the_answer),
        with_two(two_keys_sign_each_its_own),
        with_two(properties36_a_draft_for_another_keys_issuer_is_refused),
        with_one(a_key_it_does_not_hold_is_refused),
        with_one(a_refused_member_leaves_the_others_signed),
        with_one(properties5_a_serial_of_the_keepers_own_is_refused),
        with_one(properties5_a_serial_is_signed_once),
        with_two(a_serial_is_used_up_by_a_refusal),
        with_one(at_most_2048_serials_are_given_out_unused),
        with_one(properties2_no_changed_byte_takes_a_draft_out_of_the_limits),
        with_its_own(properties36_no_bit_of_who_signs_and_what_for_may_change),
        with_one(properties10_a_draft_of_an_authority_is_refused),
        with_its_own(properties10_an_authority_is_made_in_a_ceremony),
        with_its_own(properties10_a_ceremony_does_not_lengthen_the_path),
        with_one(properties31_the_keys_stay_open_when_the_keeper_dies),
        with_one(properties31_half_a_question_ends_nothing),
        with_one(the_channel_of_the_keeper_before_is_closed),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
