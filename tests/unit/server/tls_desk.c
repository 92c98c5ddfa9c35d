#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/clock.h"
#include "base/message.h"
#include "server/front_protocol.h"
#include "tls_desk.h"
#include "x509/pem.h"

#define ROUNDS_MAX 200

/* --- certificates --------------------------------------------------------- */

static void add_extension(
    X509 *made, const struct desk_identity *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer == NULL ? made : issuer->certificate, made,
        NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(made, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *begin(struct tls_desk *desk, const char *name, int64_t begins,
    int64_t ends, EVP_PKEY *key)
{
    X509 *made = X509_new();

    assert_non_null(made);
    assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
    assert_int_equal(
        ASN1_INTEGER_set(X509_get_serialNumber(made), ++desk->serial), 1);
    assert_non_null(
        ASN1_TIME_set(X509_getm_notBefore(made), (time_t)(desk->now + begins)));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notAfter(made), (time_t)(desk->now + ends)));
    assert_int_equal(X509_set_pubkey(made, key), 1);
    assert_int_equal(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN",
            MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0),
        1);
    return made;
}

static void sign(X509 *made, const struct desk_identity *issuer, EVP_PKEY *own)
{
    const X509 *above = issuer == NULL ? made : issuer->certificate;

    assert_int_equal(
        X509_set_issuer_name(made, X509_get_subject_name(above)), 1);
    add_extension(made, issuer, NID_subject_key_identifier, "hash");
    add_extension(made, issuer, NID_authority_key_identifier, "keyid:always");
    assert_true(
        X509_sign(made, issuer == NULL ? own : issuer->key, EVP_sha256()) > 0);
}

static void make_authority(struct tls_desk *desk, const char *name,
    const struct desk_identity *issuer, struct desk_identity *made)
{
    made->key = EVP_EC_gen("P-256");
    assert_non_null(made->key);
    made->certificate =
        begin(desk, name, -30 * TLS_DAY, 3650 * TLS_DAY, made->key);
    add_extension(
        made->certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made->certificate, issuer, NID_key_usage,
        "critical,keyCertSign,cRLSign");
    sign(made->certificate, issuer, made->key);
}

void tls_desk_make(struct tls_desk *desk, const struct desk_wish *wish,
    struct desk_identity *made)
{
    made->key = wish->key == NULL ? EVP_EC_gen("P-256") : wish->key;
    assert_non_null(made->key);
    if (wish->key != NULL)
        assert_int_equal(EVP_PKEY_up_ref(made->key), 1);
    made->certificate =
        begin(desk, wish->name, wish->begins, wish->ends, made->key);
    add_extension(
        made->certificate, wish->issuer, NID_key_usage, "digitalSignature");
    if (wish->purpose != NULL)
        add_extension(
            made->certificate, wish->issuer, NID_ext_key_usage, wish->purpose);
    if (wish->alternative != NULL)
        add_extension(made->certificate, wish->issuer, NID_subject_alt_name,
            wish->alternative);
    if (wish->addresses != NULL)
        add_extension(
            made->certificate, wish->issuer, NID_info_access, wish->addresses);
    sign(made->certificate, wish->issuer, made->key);
}

void desk_identity_free(struct desk_identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    X509_CRL_free(identity->list);
    *identity = (struct desk_identity){0};
}

long desk_serial(const struct desk_identity *identity)
{
    return ASN1_INTEGER_get(X509_get0_serialNumber(identity->certificate));
}

void desk_encode(X509 *certificate, struct buffer *der)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    struct failure why = {0};
    const int length = i2d_X509(certificate, &encoded);

    assert_true(length > 0);
    assert_true(
        buffer_append(der, (struct bytes){encoded, (size_t)length}, &why));
}

/* --- what is published ---------------------------------------------------- */

const char *tls_desk_path(const struct tls_desk *desk, const char *name)
{
    static char paths[4][PATH_ROOM];
    static size_t next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, PATH_ROOM, "%s/%s", desk->folder, name);
    return path;
}

void tls_desk_publish(const struct tls_desk *desk, const char *file,
    const struct desk_identity *const *identities, size_t count)
{
    RELEASED(buffer) pem = BUFFER("certificates", PEM_MAX);
    struct failure why = {0};

    for (size_t i = 0; i < count; i++) {
        RELEASED(buffer) der = BUFFER("certificate", PEM_MAX);

        desk_encode(identities[i]->certificate, &der);
        assert_true(pem_append(&pem, "CERTIFICATE", buffer_view(&der), &why));
    }
    assert_true(file_write(tls_desk_path(desk, file), buffer_view(&pem), 0644,
        FILE_REPLACE, &why));
}

static void add_revoked(struct tls_desk *desk, X509_CRL *list, long serial)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *date = ASN1_TIME_set(NULL, (time_t)(desk->now - 60));

    assert_int_equal(ASN1_INTEGER_set(number, serial), 1);
    assert_int_equal(X509_REVOKED_set_serialNumber(entry, number), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(entry, date), 1);
    assert_int_equal(X509_CRL_add0_revoked(list, entry), 1);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(date);
}

static X509_CRL *make_list(struct tls_desk *desk,
    const struct desk_identity *issuer, long revoked, int64_t ends)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *begin_time =
        ASN1_TIME_set(NULL, (time_t)(desk->now - 7 * TLS_DAY));
    ASN1_TIME *end_time = ASN1_TIME_set(NULL, (time_t)(desk->now + ends));
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509V3_CTX context;
    X509_EXTENSION *key;

    assert_int_equal(X509_CRL_set_version(list, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(
                         list, X509_get_subject_name(issuer->certificate)),
        1);
    assert_int_equal(X509_CRL_set1_lastUpdate(list, begin_time), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(list, end_time), 1);
    if (revoked != 0)
        add_revoked(desk, list, revoked);
    X509V3_set_ctx(&context, issuer->certificate, NULL, NULL, list, 0);
    key = X509V3_EXT_conf_nid(
        NULL, &context, NID_authority_key_identifier, "keyid:always");
    assert_int_equal(X509_CRL_add_ext(list, key, -1), 1);
    X509_EXTENSION_free(key);
    assert_int_equal(ASN1_INTEGER_set(number, ++desk->serial), 1);
    assert_int_equal(
        X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0), 1);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(begin_time);
    ASN1_TIME_free(end_time);
    assert_true(X509_CRL_sign(list, issuer->key, EVP_sha256()) > 0);
    return list;
}

void tls_desk_list(struct tls_desk *desk, struct desk_identity *issuer,
    const char *name, long revoked, int64_t ends)
{
    SCOPED(openssl_bytes) *encoded = NULL;
    struct failure why = {0};
    int length;

    X509_CRL_free(issuer->list);
    issuer->list = make_list(desk, issuer, revoked, ends);
    length = i2d_X509_CRL(issuer->list, &encoded);
    assert_true(length > 0);
    assert_true(file_write(tls_desk_path(desk, name),
        (struct bytes){encoded, (size_t)length}, 0644, FILE_REPLACE, &why));
}

/* --- the desk ------------------------------------------------------------- */

void tls_desk_open(struct tls_desk *desk)
{
    const struct desk_identity *roots[] = {&desk->root};
    const struct desk_identity *issuing[] = {&desk->issuing};

    *desk = (struct tls_desk){.now = clock_now(), .serial = 1000};
    (void)snprintf(
        desk->folder, sizeof(desk->folder), "%s", "/tmp/chancery-test-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    assert_int_equal(mkdir(tls_desk_path(desk, "publish"), 0755), 0);
    assert_int_equal(mkdir(tls_desk_path(desk, "publish/crl"), 0755), 0);
    make_authority(desk, "Desk Root", NULL, &desk->root);
    make_authority(desk, "Desk Issuing", &desk->root, &desk->issuing);
    make_authority(desk, "Another Root", NULL, &desk->other);
    tls_desk_publish(desk, "publish/roots.pem", roots, 1);
    tls_desk_publish(desk, "publish/intermediates.pem", issuing, 1);
    tls_desk_list(desk, &desk->root, "publish/crl/root.crl", 0, TLS_DAY);
    tls_desk_list(desk, &desk->issuing, "publish/crl/issuing.crl", 0, TLS_DAY);
}

void tls_desk_close(struct tls_desk *desk)
{
    struct failure why = {0};

    desk_identity_free(&desk->root);
    desk_identity_free(&desk->issuing);
    desk_identity_free(&desk->other);
    assert_true(folder_remove(desk->folder, &why));
}

/* --- the keeper's answer -------------------------------------------------- */

static EVP_PKEY *key_of_request(struct bytes message)
{
    struct reader reader = reader_of(message);
    struct field field = {0};
    struct failure why = {0};
    const unsigned char *at = NULL;
    SCOPED(X509_REQ) *request = NULL;
    EVP_PKEY *key = NULL;

    assert_true(message_next(&reader, &field, &why));
    assert_int_equal(field.tag, FRONT_FIELD_REQUEST);
    at = field.value.start;
    request = d2i_X509_REQ(NULL, &at, (long)field.value.length);
    assert_non_null(request);
    key = X509_REQ_get_pubkey(request);
    assert_int_equal(X509_REQ_verify(request, key), 1);
    return key;
}

static void answer_with(
    struct tls_desk *desk, EVP_PKEY *key, int64_t lives, struct buffer *answer)
{
    struct desk_identity made = {0};
    const struct desk_wish wish = {.issuer = &desk->issuing,
        .name = "a front",
        .purpose = "serverAuth",
        .alternative = "DNS:localhost",
        .begins = -60,
        .ends = lives,
        .key = key};
    RELEASED(buffer) leaf = BUFFER("certificate", PEM_MAX);
    RELEASED(buffer) issuer = BUFFER("certificate", PEM_MAX);
    struct failure why = {0};

    tls_desk_make(desk, &wish, &made);
    desk_encode(made.certificate, &leaf);
    desk_encode(desk->issuing.certificate, &issuer);
    assert_true(
        message_add(answer, FRONT_FIELD_CERTIFICATE, buffer_view(&leaf), &why));
    assert_true(
        message_add(answer, FRONT_FIELD_CHAIN, buffer_view(&issuer), &why));
    desk_identity_free(&made);
}

void tls_desk_certify(
    struct tls_desk *desk, struct tls_listener *listener, int64_t lives)
{
    RELEASED(buffer) message = BUFFER("message", PEM_MAX);
    RELEASED(buffer) answer = BUFFER("answer", PEM_MAX);
    SCOPED(EVP_PKEY) *key = NULL;
    struct failure why = {0};
    bool wanted = false;

    assert_true(tls_listener_certify(listener, &message, &wanted, &why));
    assert_true(wanted);
    key = key_of_request(buffer_view(&message));
    answer_with(desk, key, lives, &answer);
    if (!tls_listener_certified(listener, buffer_view(&answer), &why))
        fail_msg("%s", why.reason);
}

void tls_desk_listener(
    struct tls_desk *desk, enum listener kind, struct tls_listener **listener)
{
    const char *names[] = {"localhost"};
    const struct tls_wish wish = {.directory = desk->folder,
        .listener = kind,
        .names = names,
        .name_count = 1};
    struct failure why = {0};

    if (!tls_listener_new(&wish, listener, &why))
        fail_msg("%s", why.reason);
    if (!tls_listener_ready(*listener))
        tls_desk_certify(desk, *listener, 90 * TLS_DAY);
}

/* --- a client ------------------------------------------------------------- */

void desk_client_open(struct tls_desk *desk, struct desk_client *client)
{
    *client = (struct desk_client){.context = SSL_CTX_new(TLS_client_method())};
    assert_non_null(client->context);
    SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, NULL);
    assert_int_equal(
        X509_STORE_add_cert(
            SSL_CTX_get_cert_store(client->context), desk->root.certificate),
        1);
}

void desk_client_show(
    struct desk_client *client, const struct desk_identity *identity)
{
    assert_int_equal(
        SSL_CTX_use_certificate(client->context, identity->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(client->context, identity->key), 1);
}

void desk_client_also(
    struct desk_client *client, const struct desk_identity *issuer)
{
    assert_int_equal(
        SSL_CTX_add1_chain_cert(client->context, issuer->certificate), 1);
}

static void make_pair(int sockets[static 2])
{
    assert_int_equal(
        socketpair(
            AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets),
        0);
}

static bool wants_more(enum transport_step step)
{
    return step == TRANSPORT_WANTS_READ || step == TRANSPORT_WANTS_WRITE;
}

static void step_client(struct desk_client *client)
{
    int reason;

    if (client->answer == 1)
        return;
    ERR_clear_error();
    client->answer = SSL_connect(client->session);
    reason = SSL_get_error(client->session, client->answer);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE &&
        reason != SSL_ERROR_NONE && client->error == 0)
        client->error = ERR_peek_error();
}

void desk_client_connect(
    struct desk_client *client, struct tls_listener *listener)
{
    int sockets[2];
    struct failure why = {0};

    make_pair(sockets);
    assert_true(tls_transport_new(listener, sockets[0], &client->server, &why));
    if (client->session == NULL)
        client->session = SSL_new(client->context);
    assert_int_equal(SSL_set1_host(client->session, "localhost"), 1);
    assert_int_equal(SSL_set_tlsext_host_name(client->session, "localhost"), 1);
    assert_int_equal(SSL_set_fd(client->session, sockets[1]), 1);
    client->step = TRANSPORT_WANTS_READ;
    client->answer = 0;
    client->error = 0;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        step_client(client);
        if (wants_more(client->step))
            client->step =
                client->server->verbs->handshake(client->server, &client->why);
        if (!wants_more(client->step) &&
            (client->answer == 1 || client->error != 0))
            return;
    }
}

void desk_client_end(struct desk_client *client)
{
    int socket = client->session == NULL ? -1 : SSL_get_fd(client->session);

    if (client->server != NULL)
        client->server->verbs->free(client->server);
    client->server = NULL;
    /* Else the library would take its session for one that went wrong. */
    if (client->session != NULL)
        SSL_set_shutdown(
            client->session, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(client->session);
    client->session = NULL;
    descriptor_close(&socket);
    ERR_clear_error();
}

void desk_client_close(struct desk_client *client)
{
    desk_client_end(client);
    SSL_CTX_free(client->context);
    client->context = NULL;
}

size_t desk_server_read(struct desk_client *client, uint8_t *room, size_t size)
{
    struct failure why = {0};
    size_t all = 0, count = 0;

    while (all < size && client->server->verbs->read(client->server, room + all,
                             size - all, &count, &why) == TRANSPORT_DONE)
        all += count;
    return all;
}
