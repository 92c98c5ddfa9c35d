#ifndef TESTS_UNIT_SERVER_REVOCATION_FIXTURE_H
#define TESTS_UNIT_SERVER_REVOCATION_FIXTURE_H

#include "road_fixture.h"

#include <inttypes.h>

#include "authority/lists.h"
#include "authority/revoke.h"
#include "x509/crl.h"

/* An authority in this process, with a signer in one of its own. */
static struct desk_of_revocation {
    struct configuration *configuration;
    struct running_signer signer;
    struct signer_client *client;
    struct store *store, *reading;
    struct authority authority;
    char publish[PATH_ROOM];
} here;

static const struct caller alice = {.door = DOOR_CONTROL,
    .role = ROLE_OPERATOR,
    .actor = "alice",
    .who = "person:1"};

static inline void start_signer_here(char key[static SHA256_TEXT])
{
    start_signer_of_folder(here.configuration, &here.signer, &here.client, key);
}

static inline int open_here(void **state)
{
    char keys[1][SHA256_TEXT];
    struct failure why = {0};
    const char *path;

    (void)copy_template(state);
    here.configuration = new_configuration();
    start_signer_here(keys[0]);
    path = path_in(folder, "chancery.db");
    assert_done(store_open(path, STORE_WRITE, &here.store, &why), why);
    assert_done(store_open(path, STORE_READ, &here.reading, &why), why);
    assert_done(authority_open(&here.authority, here.configuration, here.client,
                    here.store, keys, 1, &why),
        why);
    (void)snprintf(
        here.publish, sizeof(here.publish), "%s", path_in(folder, "publish"));
    here.authority.publish = here.publish;
    return 0;
}

static inline int close_here(void **state)
{
    authority_close(&here.authority);
    store_close(here.reading);
    store_close(here.store);
    signer_client_free(here.client);
    assert_int_equal(end_signer(&here.signer), 0);
    configuration_free(here.configuration);
    here = (struct desk_of_revocation){0};
    return remove_copy(state);
}

#define on_a_desk(function) \
    cmocka_unit_test_setup_teardown(function, open_here, close_here)

static inline const struct authority_issuer *issuing(void)
{
    const struct authority_issuer *issuer = NULL;
    struct failure why = {0};

    assert_done(lists_issuer(&here.authority, "issuing", &issuer, &why), why);
    return issuer;
}

/* --- rows ---------------------------------------------------------------- */

static inline void issue_here(struct issuance *issuance)
{
    static struct desk desk;
    RELEASED(buffer) request = BUFFER("request", REQUEST_MAX);
    struct enrolment enrolment = {.caller = &alice, .profile = "server"};

    new_request("a.example.org", &request);
    enrolment.request = buffer_view(&request);
    issuance_begin(issuance, &enrolment);
    issue_certificates(&here.authority, &desk, issuance, 1);
    signing_free(&desk.signing);
    desk = (struct desk){0};
    assert_int_equal(issuance->why.kind, FAILURE_NONE);
    issuance->enrolment = NULL;
}

struct rows {
    struct bytes der;
    int64_t not_after;
    uint64_t first, count;
    enum certificate_status status;
};

static inline bool add_rows(
    struct authority *authority, void *context, struct failure *why)
{
    const struct rows *rows = context;
    bool added = false;

    for (uint64_t i = 0; i < rows->count; i++) {
        uint8_t serial[17] = {0x02};
        struct certificate_row row = {.serial = {serial, sizeof(serial)},
            .der = rows->der,
            .sealed = true,
            .authority = issuing()->id,
            .profile = "server",
            .issued_at = clock_now() - 100,
            .not_after = rows->not_after,
            .status = rows->status,
            .actor = "bob"};

        for (size_t byte = 0; byte < 8; byte++)
            serial[16 - byte] = (uint8_t)((rows->first + i) >> (8 * byte));
        if (row.status == CERTIFICATE_REVOKED) {
            row.revoked_at = clock_now();
            row.reason = REASON_SUPERSEDED;
        }
        if (!store_add_certificate(authority->store, &row, &added, why))
            return false;
    }
    return true;
}

static inline void must_add(const struct rows *rows)
{
    struct rows copy = *rows;
    struct failure why = {0};

    assert_done(authority_write(&here.authority, add_rows, &copy, &why), why);
}

/* --- lists --------------------------------------------------------------- */

static inline struct lists_made must_follow(void)
{
    struct lists_made made;
    struct failure why = {0};

    assert_done(
        lists_follow(&here.authority, here.reading, issuing(), &made, &why),
        why);
    return made;
}

#endif
