#ifndef TESTS_UNIT_SERVER_BARE_ROAD_H
#define TESTS_UNIT_SERVER_BARE_ROAD_H

#include "road_fixture.h"

/*
 * The road in the test's own process, without a keeper; the signer has its
 * own.  road_settings, where there is one, changes the settings first.
 */
static void (*road_settings)(struct configuration *configuration);

static struct road {
    struct configuration *configuration;
    struct running_signer signer;
    struct signer_client *client;
    struct store *store;
    struct authority authority;
    struct desk desk;
} road;

/* --- a road without a keeper's process ----------------------------------- */

static inline int open_road(void **state)
{
    char keys[1][SHA256_TEXT];
    struct failure why = {0};

    (void)copy_template(state);
    road.configuration = new_configuration();
    if (road_settings != NULL)
        road_settings(road.configuration);
    start_signer_of_folder(
        road.configuration, &road.signer, &road.client, keys[0]);
    assert_done(store_open(path_in(folder, "chancery.db"), STORE_WRITE,
                    &road.store, &why),
        why);
    assert_done(authority_open(&road.authority, road.configuration, road.client,
                    road.store, keys, 1, &why),
        why);
    assert_null(road.desk.reading);
    return 0;
}

static inline int close_road(void **state)
{
    authority_close(&road.authority);
    store_close(road.store);
    signing_free(&road.desk.signing);
    signer_client_free(road.client);
    assert_int_equal(end_signer(&road.signer), 0);
    configuration_free(road.configuration);
    road = (struct road){0};
    return remove_copy(state);
}

#endif
