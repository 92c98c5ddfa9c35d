#include "bare_road.h"

/*
 * Who may ask for what, by which door: every door with every way to be known
 * and every role, once allowed and otherwise refused by its sentence.
 */
#define ASKERS_ALL (ASKERS_STAFF | ASKER_ACCOUNT | ASKER_TOKEN | ASKER_ANYONE)

static struct private_key *key;

static int make_once(void **state)
{
    key = new_key("p256");
    return make_template(state);
}

static int free_once(void **state)
{
    private_key_free(key);
    return remove_template(state);
}

static struct profile *profile_of(
    struct configuration *configuration, const char *name)
{
    for (size_t i = 0; i < configuration->profile_count; i++) {
        if (strcmp(configuration->profiles[i].name, name) == 0)
            return &configuration->profiles[i];
    }
    fail_msg("no profile %s", name);
    return NULL;
}

/* server is for everybody, email for accounts alone, and so is code-signing,
 * where a person looks at each. */
static void open_to_all(struct configuration *configuration)
{
    profile_of(configuration, "server")->who = ASKERS_ALL;
    profile_of(configuration, "email")->who = ASKER_ACCOUNT;
    profile_of(configuration, "code-signing")->who = ASKER_ANYONE;
    profile_of(configuration, "code-signing")->approvals = 1;
}

static void sign_in_by_accounts(struct configuration *configuration)
{
    profile_of(configuration, "client")->who = ASKER_ACCOUNT;
}

static int open_with(
    void **state, void (*settings)(struct configuration *configuration))
{
    road_settings = settings;
    return open_road(state);
}

static int open_to_all_road(void **state)
{
    return open_with(state, open_to_all);
}

static int open_sign_in_road(void **state)
{
    return open_with(state, sign_in_by_accounts);
}

static struct caller caller_of(
    enum enrolment_door door, enum caller_way way, enum enrolment_role role)
{
    struct caller caller = {
        .door = door, .way = way, .role = role, .actor = "somebody"};

    if (caller_is_limited(&caller)) {
        (void)snprintf(
            caller.profiles, sizeof(caller.profiles), "%s", "client server");
        (void)snprintf(caller.names, sizeof(caller.names), "%s",
            "*.example.org 10.0.0.0/8 @example.org");
    }
    return caller;
}

static void ask_as(const struct caller *caller, const char *profile,
    const char *subject, const char *name, struct issuance *issuance)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct enrolment enrolment = {.caller = caller, .profile = profile};

    make_request(key, subject, name, &request);
    enrolment.request = buffer_view(&request);
    issuance_begin(issuance, &enrolment);
    issue_certificates(&road.authority, &road.desk, issuance, 1);
    issuance->enrolment = NULL; /* it ends here */
}

static void assert_gets(const struct caller *caller, const char *profile,
    const char *subject, const char *name)
{
    RELEASED(issuance) issuance = {0};

    ask_as(caller, profile, subject, name, &issuance);
    assert_string_equal(issuance.why.reason, "");
    assert_int_equal(issuance.why.kind, FAILURE_NONE);
    assert_true(issuance.certificate.length > 0);
}

static void assert_refuses(const struct caller *caller, const char *profile,
    const char *subject, const char *name, const char *reason)
{
    RELEASED(issuance) issuance = {0};

    ask_as(caller, profile, subject, name, &issuance);
    assert_string_equal(issuance.why.reason, reason);
    assert_int_equal(issuance.why.kind, FAILURE_FORBIDDEN);
    assert_int_equal(issuance.certificate.length, 0);
}

/* --- doors, ways and roles ----------------------------------------------- */

#define STAFF (ROLE_BIT(ROLE_ADMINISTRATOR) | ROLE_BIT(ROLE_OPERATOR))
#define EVERY                                                  \
    (STAFF | ROLE_BIT(ROLE_NOBODY) | ROLE_BIT(ROLE_APPROVER) | \
        ROLE_BIT(ROLE_AUDITOR))

/* Roles that get a certificate; 0: the way is unknown at the door. */
static const struct {
    enum enrolment_door door;
    const char *name;
    unsigned int person, token, account, anyone;
} doors[] = {
    {DOOR_CONTROL, "here", STAFF, 0, 0, 0},
    {DOOR_WEB, "at the enrolment pages", STAFF, 0, EVERY, EVERY},
    {DOOR_ADMIN, "at the admin pages", STAFF, 0, 0, 0},
    {DOOR_CERTSRV, "at /certsrv", STAFF, 0, EVERY, 0},
    {DOOR_API, "at /api/v1", STAFF, STAFF, 0, 0},
};

static void try_at_door(size_t door, enum caller_way way, unsigned int roles)
{
    static const char *const ways[] = {
        [CALLER_PERSON] = "a person with a role",
        [CALLER_TOKEN] = "a token",
        [CALLER_ACCOUNT] = "an account",
        [CALLER_ANYONE] = "nobody in particular",
    };
    char reason[200];

    for (int role = ROLE_NOBODY; role <= ROLE_AUDITOR; role++) {
        const struct caller caller =
            caller_of(doors[door].door, way, (enum enrolment_role)role);

        if (roles == 0)
            (void)snprintf(reason, sizeof(reason),
                "somebody is %s, and as such can't ask %s", ways[way],
                doors[door].name);
        else
            (void)snprintf(reason, sizeof(reason),
                "somebody may not issue certificates %s", doors[door].name);
        if ((roles & ROLE_BIT(role)) != 0)
            assert_gets(
                &caller, "server", "CN=www.example.org", "www.example.org");
        else
            assert_refuses(&caller, "server", "CN=www.example.org",
                "www.example.org", reason);
    }
}

static void incident2_each_door_knows_callers_by_its_own_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
        try_at_door(i, CALLER_PERSON, doors[i].person);
        try_at_door(i, CALLER_TOKEN, doors[i].token);
        try_at_door(i, CALLER_ACCOUNT, doors[i].account);
        try_at_door(i, CALLER_ANYONE, doors[i].anyone);
    }
}

static void founding_is_no_door_of_an_authority_that_is_there(void **state)
{
    const struct caller caller =
        caller_of(DOOR_FOUNDING, CALLER_PERSON, ROLE_ADMINISTRATOR);

    (void)state;
    assert_refuses(&caller, "server", "CN=www.example.org", "www.example.org",
        "authorities are made by init alone");
}

/* Whatever way somebody is known and whatever role they have: none of them is
 * the server. */
static void incident2_the_servers_own_door_is_its_own_alone(void **state)
{
    static const enum caller_way ways[] = {
        CALLER_PERSON, CALLER_TOKEN, CALLER_ACCOUNT, CALLER_ANYONE};

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        for (int role = ROLE_NOBODY; role <= ROLE_AUDITOR; role++) {
            struct caller caller =
                caller_of(DOOR_OWN, ways[i], (enum enrolment_role)role);

            if (ways[i] != CALLER_PERSON)
                (void)snprintf(caller.who, sizeof(caller.who), "keeper");
            assert_refuses(&caller, "server", "CN=www.example.org",
                "www.example.org",
                "the server's own certificates are asked for by itself alone");
        }
    }
}

/* Whatever `who` of a profile says, and without an approval. */
static void the_server_has_leaves_certified_for_itself(void **state)
{
    struct caller keeper = caller_of(DOOR_OWN, CALLER_PERSON, ROLE_NOBODY);

    (void)state;
    (void)snprintf(keeper.who, sizeof(keeper.who), "keeper");
    assert_gets(&keeper, "email", "CN=a", "email:a@example.org");
    assert_gets(&keeper, "code-signing", "CN=a", NULL);
}

/* --- profiles ------------------------------------------------------------ */

static void a_profile_says_which_kind_of_caller_asks(void **state)
{
    const struct caller token =
        caller_of(DOOR_API, CALLER_TOKEN, ROLE_OPERATOR);
    const struct caller account =
        caller_of(DOOR_CERTSRV, CALLER_ACCOUNT, ROLE_NOBODY);
    const struct caller anyone =
        caller_of(DOOR_WEB, CALLER_ANYONE, ROLE_NOBODY);
    const struct caller person =
        caller_of(DOOR_ADMIN, CALLER_PERSON, ROLE_OPERATOR);

    (void)state;
    /* A token that an operator's role was given is no operator. */
    assert_refuses(&token, "client", "CN=www.example.org", NULL,
        "somebody may not ask for profile client: it is not for tokens (who)");
    assert_refuses(&account, "client", "CN=www.example.org", NULL,
        "somebody may not ask for profile client: it is not for accounts "
        "(who)");
    assert_refuses(&anyone, "client", "CN=www.example.org", NULL,
        "somebody may not ask for profile client: it is not for anyone (who)");
    assert_refuses(&person, "email", "CN=Alice", "alice@example.org",
        "somebody, as operator, may not ask for profile email");
}

static void incident18_a_profile_that_is_not_listed_is_not_had(void **state)
{
    struct caller caller = caller_of(DOOR_CERTSRV, CALLER_ACCOUNT, ROLE_NOBODY);

    (void)state;
    (void)snprintf(
        caller.profiles, sizeof(caller.profiles), "%s", "client email");
    assert_refuses(&caller, "server", "CN=www.example.org", "www.example.org",
        "somebody may not ask for profile server; its profiles are: client "
        "email");
    caller.profiles[0] = '\0';
    assert_refuses(&caller, "server", "CN=www.example.org", "www.example.org",
        "somebody may not ask for profile server; its profiles are: none");
}

/* --- names --------------------------------------------------------------- */

#define ITS_NAMES "*.example.org 10.0.0.0/8 @example.org"

static void kb058_a_name_beyond_the_list_is_named_with_the_list(void **state)
{
    const struct caller caller =
        caller_of(DOOR_CERTSRV, CALLER_ACCOUNT, ROLE_NOBODY);

    (void)state;
    assert_gets(&caller, "server", "CN=www.example.org", "www.example.org");
    assert_gets(&caller, "server", "CN=Printer 7", "10.1.2.3");
    assert_refuses(&caller, "server", "CN=www.example.org", "www.example.com",
        "somebody may not ask for \"dns:www.example.com\"; its names "
        "are: " ITS_NAMES);
    assert_refuses(&caller, "server", "CN=Printer 7", "192.0.2.1",
        "somebody may not ask for \"ip:192.0.2.1\"; its names "
        "are: " ITS_NAMES);
}

/* Readers of old take a host from CN: it is held to the same list. */
static void a_name_in_the_subject_is_held_against_the_list_too(void **state)
{
    const struct caller caller =
        caller_of(DOOR_CERTSRV, CALLER_ACCOUNT, ROLE_NOBODY);

    (void)state;
    assert_refuses(&caller, "server", "CN=www.example.com", "www.example.org",
        "somebody may not ask for \"www.example.com\"; its names "
        "are: " ITS_NAMES);
}

/* Whoever signs in by CN would be whoever the account says (incident 12). */
static void incident12_where_cn_signs_in_every_cn_is_a_name(void **state)
{
    const struct caller caller =
        caller_of(DOOR_CERTSRV, CALLER_ACCOUNT, ROLE_NOBODY);

    (void)state;
    assert_refuses(&caller, "client", "CN=administrator", NULL,
        "somebody may not ask for \"administrator\"; its names "
        "are: " ITS_NAMES);
    assert_gets(&caller, "client", "CN=www.example.org", NULL);
}

static void incident18_an_empty_list_of_names_is_no_name_at_all(void **state)
{
    struct caller caller = caller_of(DOOR_API, CALLER_TOKEN, ROLE_OPERATOR);

    (void)state;
    caller.names[0] = '\0';
    assert_refuses(&caller, "server", "CN=Printer 7", "www.example.org",
        "somebody may not ask for \"dns:www.example.org\": it may ask for no "
        "name");
}

static void who_renews_by_the_old_key_is_not_held_to_lists(void **state)
{
    struct caller caller = caller_of(DOOR_API, CALLER_TOKEN, ROLE_APPROVER);
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    RELEASED(issuance) issuance = {0};
    struct enrolment enrolment = {.caller = &caller,
        .profile = "server",
        .asked_by = "alice",
        .renewal_is_proven = true};

    (void)state;
    caller.profiles[0] = caller.names[0] = '\0';
    make_request(key, "CN=www.example.org", "www.example.org", &request);
    enrolment.request = buffer_view(&request);
    issuance_begin(&issuance, &enrolment);
    issue_certificates(&road.authority, &road.desk, &issuance, 1);
    assert_string_equal(issuance.why.reason, "");
    assert_true(issuance.certificate.length > 0);
}

/* --- serials ------------------------------------------------------------- */

static void wait_times(const struct caller *caller, size_t count)
{
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct enrolment enrolment = {.caller = caller, .profile = "code-signing"};
    struct issuance group[SIGNER_GROUP_MAX] = {0};

    make_request(key, "CN=Maker", NULL, &request);
    enrolment.request = buffer_view(&request);
    for (size_t done = 0; done < count; done += SIGNER_GROUP_MAX) {
        for (size_t i = 0; i < SIGNER_GROUP_MAX; i++)
            issuance_begin(&group[i], &enrolment);
        issue_certificates(
            &road.authority, &road.desk, group, SIGNER_GROUP_MAX);
        for (size_t i = 0; i < SIGNER_GROUP_MAX; i++) {
            assert_string_equal(group[i].why.reason, "");
            assert_true(group[i].awaits);
            assert_int_equal(group[i].reserved.ends_ms, 0);
        }
    }
    for (size_t i = 0; i < SIGNER_GROUP_MAX; i++)
        issuance_free(&group[i]);
}

/* The signer has 2,048 serials open for a minute, and no more. */
static void what_is_not_signed_leaves_its_serial_to_others(void **state)
{
    const struct caller anyone =
        caller_of(DOOR_WEB, CALLER_ANYONE, ROLE_NOBODY);

    (void)state;
    wait_times(&anyone, SIGNER_OPEN_SERIALS_MAX + 2 * SIGNER_GROUP_MAX);
    assert_gets(&anyone, "server", "CN=www.example.org", "www.example.org");
}

static void properties5_a_serial_given_back_is_used_once(void **state)
{
    const struct caller anyone =
        caller_of(DOOR_WEB, CALLER_ANYONE, ROLE_NOBODY);
    RELEASED(issuance) waits = {0};
    RELEASED(issuance) first = {0};
    RELEASED(issuance) second = {0};

    (void)state;
    ask_as(&anyone, "code-signing", "CN=Maker", NULL, &waits);
    ask_as(&anyone, "server", "CN=www.example.org", "www.example.org", &first);
    ask_as(&anyone, "server", "CN=www.example.org", "www.example.org", &second);
    assert_true(waits.awaits);
    assert_memory_equal(first.serial, waits.serial, SERIAL_BYTES);
    assert_memory_not_equal(second.serial, first.serial, SERIAL_BYTES);
    assert_true(first.certificate.length > 0 && second.certificate.length > 0);
}

#define on_the_road(function) \
    cmocka_unit_test_setup_teardown(function, open_to_all_road, close_road)

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        on_the_road(incident2_each_door_knows_callers_by_its_own_ways),
        on_the_road(founding_is_no_door_of_an_authority_that_is_there),
        on_the_road(incident2_the_servers_own_door_is_its_own_alone),
        on_the_road(the_server_has_leaves_certified_for_itself),
        on_the_road(a_profile_says_which_kind_of_caller_asks),
        on_the_road(incident18_a_profile_that_is_not_listed_is_not_had),
        on_the_road(kb058_a_name_beyond_the_list_is_named_with_the_list),
        on_the_road(a_name_in_the_subject_is_held_against_the_list_too),
        cmocka_unit_test_setup_teardown(
            incident12_where_cn_signs_in_every_cn_is_a_name, open_sign_in_road,
            close_road),
        on_the_road(incident18_an_empty_list_of_names_is_no_name_at_all),
        on_the_road(who_renews_by_the_old_key_is_not_held_to_lists),
        on_the_road(what_is_not_signed_leaves_its_serial_to_others),
        on_the_road(properties5_a_serial_given_back_is_used_once),
    };
    struct failure why = {0};

    if (argument_count > 2 && strcmp(arguments[1], "--role") == 0)
        return role_main(arguments[2]);
    if (!crypto_start(&why))
        return 9;
    return cmocka_run_group_tests(tests, make_once, free_once);
}
