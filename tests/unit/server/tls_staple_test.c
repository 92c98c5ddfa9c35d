#include "tls_stand.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "x509/certificate.h"
#include "x509/ocsp_writer.h"

static void ask_staple(struct desk_client *client)
{
    desk_client_open(&desk, client);
    client->session = SSL_new(client->context);
    assert_int_equal(
        SSL_set_tlsext_status_type(client->session, TLSEXT_STATUSTYPE_ocsp), 1);
    desk_client_connect(client, public_listener);
    assert_connected(client);
}

static void an_answer_is_stapled_while_it_is_in_force(void **state)
{
    const struct bytes answer = bytes_of_text("an answer, to the client");
    const unsigned char *stapled = NULL;
    struct desk_client client;
    struct failure why = {0};

    (void)state;
    assert_true(
        tls_listener_staple(public_listener, answer, clock_now() + 60, &why));
    ask_staple(&client);
    assert_int_equal(SSL_get_tlsext_status_ocsp_resp(client.session, &stapled),
        answer.length);
    assert_memory_equal(stapled, answer.start, answer.length);
    desk_client_close(&client);
    assert_true(
        tls_listener_staple(public_listener, answer, clock_now() - 1, &why));
    ask_staple(&client);
    assert_int_equal(
        SSL_get_tlsext_status_ocsp_resp(client.session, &stapled), -1);
    desk_client_close(&client);
}

/* The keeper's part: a good answer for the certificate in use. */
static void put_answer(struct tls_listener *listener)
{
    static const uint8_t signature[64] = {1}, key_hash[20] = {2};
    const int64_t now = clock_now();
    const struct own_certificate *own = listener->own;
    SCOPED_STRUCT(status_table) *table = NULL;
    RELEASED(buffer) id = BUFFER("CertID", OCSP_ID_MAX);
    RELEASED(buffer) body = BUFFER("body", 4096);
    struct certificate leaf = {0}, issuer = {0};
    struct status_issuer of = {0};
    struct ocsp_answer_single single = {
        .reason = -1, .this_update = now - 60, .next_update = now + 3600};
    const struct ocsp_answer_plan plan = {.responder_key = {key_hash, 20},
        .produced_at = now - 60,
        .singles = &single,
        .single_count = 1};
    struct failure why = {0};
    bool began = false;

    assert_true(certificate_read(own->chain[0], &leaf, &why));
    assert_true(certificate_read(own->chain[1], &issuer, &why));
    of.name = issuer.tbs.subject;
    of.key_bits = issuer.tbs.key.bits;
    assert_true(
        status_table_open(tls_desk_path(&desk, "publish/ocsp/issuing.table"),
            &of, 10, &table, &began, &why));
    assert_true(ocsp_certificate_id_write(
        "SHA1", of.name, of.key_bits, leaf.tbs.serial, &id, &why));
    single.id = buffer_view(&id);
    assert_true(ocsp_answer_body(&plan, &body, &why));
    if (!status_table_responder(table, (struct bytes){0}, &why) ||
        !status_table_put(table, leaf.tbs.serial, OCSP_ID_SHA1,
            buffer_view(&body), (struct bytes){signature, sizeof(signature)},
            signature_algorithms()->identifier, single.next_update, &why))
        fail_msg("%s", why.reason);
}

static void the_answer_comes_from_the_mapped_table(void **state)
{
    SCOPED_STRUCT(tls_listener) *listener = NULL;
    SCOPED_STRUCT(status_map) *map = NULL;
    struct desk_client client;
    struct ocsp_response response = {0};
    const unsigned char *stapled = NULL;
    struct failure why = {0};
    long length;

    (void)state;
    assert_int_equal(mkdir(tls_desk_path(&desk, "publish/ocsp"), 0755), 0);
    tls_desk_listener(&desk, LISTENER_PUBLIC, &listener);
    assert_true(
        status_map_open(tls_desk_path(&desk, "publish/ocsp"), &map, &why));
    assert_true(tls_listener_staple_from(listener, map, &why));
    assert_int_equal(listener->staple.length, 0);
    put_answer(listener);
    assert_true(status_map_refresh(map, &why));
    listener->staple_look_ms = 0;
    if (!tls_listener_staple_from(listener, map, &why))
        fail_msg("%s", why.reason);
    desk_client_open(&desk, &client);
    client.session = SSL_new(client.context);
    assert_int_equal(
        SSL_set_tlsext_status_type(client.session, TLSEXT_STATUSTYPE_ocsp), 1);
    desk_client_connect(&client, listener);
    assert_connected(&client);
    length = SSL_get_tlsext_status_ocsp_resp(client.session, &stapled);
    assert_true(length > 0);
    assert_true(ocsp_response_read(
        (struct bytes){stapled, (size_t)length}, &response, &why));
    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    desk_client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_stapled_while_it_is_in_force),
        cmocka_unit_test(the_answer_comes_from_the_mapped_table),
    };

    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
