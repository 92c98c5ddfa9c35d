#include "front_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/message.h"
#include "server/front/answerers.h"
#include "server/front/files.h"
#include "server/front_protocol.h"
#include "server/reader_protocol.h"

/* A file that is shown at /view goes to a reader of its own, whose channel the
 * parent passes on: the test is both. */

#define ROOTS "what is trusted"
#define BELOW "what stands between"
#define FILE_NAME_LENGTH 32

static const struct channel_rule parent_rules[] = {
    {FRONT_READER, "reader", 0, 1, 1},
    {0},
};

static const struct channel_rule reader_rules[] = {
    {READER_VIEW, "view", READER_VIEW_QUESTION_MAX, 1, 0},
    {0},
};

static const struct route *route_of_view(
    const char *path, enum listener listener)
{
    static const struct route view = {.path = "/view",
        .methods = EXCHANGE_POST,
        .body_max = 4096,
        .place = ROUTE_VIEW,
        .manner = MANNER_TEXT};

    (void)listener;
    return strcmp(path, view.path) == 0 ? &view : NULL;
}

struct viewer {
    char directory[PATH_ROOM];
    struct scene *scene;
    struct channel *fronts, *parent; /* the ends of one channel */
};

static void viewer_free(struct viewer *viewer)
{
    struct failure why;

    scene_free(viewer->scene);
    channel_free(viewer->fronts);
    channel_free(viewer->parent);
    assert_true(folder_remove(viewer->directory, &why));
}

static void put(
    const struct viewer *viewer, const char *name, const char *words)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    assert_true(path_join(path, viewer->directory, name, &why));
    assert_true(
        file_write(path, bytes_of_text(words), 0644, FILE_REPLACE, &why));
}

static void make_folder(const struct viewer *viewer, const char *name)
{
    char path[PATH_ROOM];
    struct failure why = {0};

    assert_true(path_join(path, viewer->directory, name, &why));
    assert_true(folder_make(path, 0755, &why));
}

static struct viewer make_viewer(void)
{
    struct viewer viewer = {.directory = "/tmp/chancery-view-XXXXXX"};
    struct failure why = {0};
    int sockets[2];

    assert_non_null(mkdtemp(viewer.directory));
    make_folder(&viewer, "publish");
    make_folder(&viewer, "publish/crl");
    put(&viewer, "publish/roots.pem", ROOTS);
    put(&viewer, "publish/intermediates.pem", BELOW);
    viewer.scene = scene_new(&front_limits);
    viewer.scene->front->route_of = route_of_view;
    viewer.scene->front->answerers[ROUTE_VIEW] = answer_view;
    assert_true(
        files_open(viewer.directory, &viewer.scene->front->files, &why));
    assert_true(channel_pair(sockets, &why));
    assert_true(channel_new(sockets[0], parent_rules, 0, &viewer.fronts, &why));
    assert_true(channel_new(sockets[1], parent_rules, 0, &viewer.parent, &why));
    viewer.scene->front->parent = viewer.fronts;
    return viewer;
}

/* Files that are fetched, each of a place of its own among those kept. */
static void fetch_lists(struct viewer *viewer, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[FILE_NAME_LENGTH], path[2 * FILE_NAME_LENGTH];
        struct published *file = NULL;
        struct failure why = {0};

        (void)snprintf(name, sizeof(name), "/crl/%u.crl", i);
        (void)snprintf(path, sizeof(path), "publish%s", name);
        put(viewer, path, "a list");
        assert_true(files_find(viewer->scene->front->files, name, &file, &why));
    }
}

static void send_file(int client)
{
    static const char body[] =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"x.cer\"\r\n\r\nno certificate\r\n--b--\r\n";
    char head[256];

    (void)snprintf(head, sizeof(head),
        "POST /view HTTP/1.1\r\nHost: ca.test\r\nContent-Type: "
        "multipart/form-data; boundary=b\r\nContent-Length: %zu\r\n\r\n",
        sizeof(body) - 1);
    client_say(client, head);
    client_say(client, body);
}

static struct channel *hear_reader(struct viewer *viewer)
{
    struct channel *reader = NULL;
    struct frame frame = {0};
    struct failure why = {0};

    scene_turn(viewer->scene, 20);
    assert_true(channel_receive(viewer->parent, 1000, &frame, &why));
    assert_int_equal(frame.type, FRONT_READER);
    assert_int_equal(frame.descriptor_count, 1);
    assert_true(channel_new(descriptor_keep(&frame.descriptors[0]),
        reader_rules, 0, &reader, &why));
    return reader;
}

static void assert_asked(struct channel *channel)
{
    static const struct {
        uint8_t tag;
        const char *words;
    } fields[] = {{READER_NAME, "x.cer"}, {READER_FILE, "no certificate"},
        {READER_ROOTS, ROOTS}, {READER_UNTRUSTED, BELOW}};
    struct frame frame = {0};
    struct failure why = {0};
    struct reader reader;

    assert_true(channel_receive(channel, 1000, &frame, &why));
    reader = reader_of(frame.body);
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct field field = {0};

        assert_true(message_next(&reader, &field, &why));
        assert_int_equal(field.tag, fields[i].tag);
        assert_true(bytes_equal(field.value, bytes_of_text(fields[i].words)));
    }
    assert_true(reader_at_end(&reader));
}

/* With the first of the two fetched so long ago that its place is the next one
 * to be given to another file: to the second of them. */
static void ask_after(const char *first, unsigned fetched)
{
    RELEASED(viewer) viewer = make_viewer();
    SCOPED_DESCRIPTOR int client = scene_client(viewer.scene, 1);
    SCOPED_STRUCT(channel) *reader = NULL;
    struct published *file = NULL;
    struct failure why = {0};

    assert_true(files_find(viewer.scene->front->files, first, &file, &why));
    fetch_lists(&viewer, fetched);
    send_file(client);
    reader = hear_reader(&viewer);
    assert_asked(reader);
}

static void a_reader_is_told_the_roots_however_many_files_were_fetched(
    void **state)
{
    (void)state;
    for (unsigned fetched = 61; fetched < 66; fetched++) {
        ask_after("/roots.pem", fetched);
        ask_after("/intermediates.pem", fetched);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_reader_is_told_the_roots_however_many_files_were_fetched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
