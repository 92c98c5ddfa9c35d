#include "server/reader_role.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <openssl/err.h>
#include <openssl/provider.h>

#include "base/channel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/refusal.h"
#include "base/sandbox.h"
#include "crypto/openssl_failure.h"
#include "crypto/start.h"
#include "server/reader_protocol.h"
#include "server/reader_tls.h"
#include "server/reader_view.h"
#include "x509/pkcs12.h"

#define PARENT_DESCRIPTOR 3

static const struct channel_rule parent_rules[] = {
    {READER_OPEN, "open", 0, 1, 2},
    {READER_HANDSHAKE, "handshake", 1024, 1, 1},
    {READER_VIEW, "view", READER_VIEW_QUESTION_MAX, 1, 0},
    {0},
};

static bool limit(
    int resource, rlim_t most, const char *what, struct failure *why)
{
    const struct rlimit limits = {.rlim_cur = most, .rlim_max = most};

    return setrlimit((__rlimit_resource_t)resource, &limits) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "limiting %s: %s", what,
               strerrordesc_np(errno));
}

/* A sanitizer's shadow is larger than any limit. */
static bool limit_itself(struct failure *why)
{
#ifndef CHANCERY_SANITIZED
    if (!limit(RLIMIT_AS, READER_MEMORY_MAX, "memory", why))
        return false;
#endif
    return limit(RLIMIT_CPU, READER_CPU_SECONDS, "CPU time", why);
}

/* RC2, RC4 and DES of old files; whoever has not got them is told so.  A
 * provider named by hand takes the place of the default one, hence both. */
DEFINE_SCOPED(OSSL_PROVIDER, OSSL_PROVIDER_unload)

static bool load_old_ciphers(
    OSSL_PROVIDER **usual, OSSL_PROVIDER **old, struct failure *why)
{
    *usual = OSSL_PROVIDER_load(NULL, "default");
    if (*usual == NULL)
        return fail_in_openssl(why, FAILURE_UNAVAILABLE, "starting OpenSSL");
    *old = OSSL_PROVIDER_load(NULL, "legacy");
    ERR_clear_error();
    return true;
}

/* --- questions ------------------------------------------------------------ */

static bool open_file(const struct frame *frame, struct container *container,
    enum verdict_code *code, struct failure *why)
{
    RELEASED(buffer) file = BUFFER("the container", CONTAINER_BYTES_MAX);
    RELEASED(secret) passphrase = {0};
    const bool has_passphrase = frame->descriptor_count > 1;

    if (frame->descriptor_count == 0)
        return fail_because(why, FAILURE_MALFORMED, "no file was handed over");
    if (!descriptor_read(frame->descriptors[0], "the container", &file, why)) {
        if (why->kind == FAILURE_UNSUITABLE)
            *code = VERDICT_BUDGET_EXCEEDED;
        return false;
    }
    if (has_passphrase && !descriptor_read_secret(frame->descriptors[1],
                              "the passphrase", &passphrase, why))
        return false;
    return pkcs12_read(buffer_view(&file), has_passphrase ? &passphrase : NULL,
        container, code, why);
}

static bool shake_hands(SSL_CTX *tls, const struct frame *frame,
    struct container *container, struct failure *why)
{
    struct reader reader = reader_of(frame->body);
    struct field field = {0};
    char name[READER_NAME_MAX] = "";

    if (frame->descriptor_count != 1)
        return fail_because(
            why, FAILURE_MALFORMED, "no connection was handed over");
    if (!reader_at_end(&reader) &&
        (!message_next(&reader, &field, why) ||
            !field_text(&field, name, sizeof(name), why)))
        return false;
    return reader_tls_read(tls, frame->descriptors[0], name, container, why);
}

/* --- answers -------------------------------------------------------------- */

static bool write_object(const struct container *container,
    const struct container_object *object, struct buffer *answer,
    struct failure *why)
{
    return message_add_number(
               answer, READER_OBJECT_KIND, (uint64_t)object->kind, why) &&
           message_add_number(answer, READER_OF_PRIVATE_KEY,
               object->is_of_private_key ? 1 : 0, why) &&
           message_add_text(answer, READER_NAME, object->name, why) &&
           message_add(
               answer, READER_DER, container_der(container, object), why);
}

static bool write_contents(const struct container *container,
    struct buffer *answer, struct failure *why)
{
    if (!message_add_text(answer, READER_KIND, container->kind, why) ||
        !message_add_text(
            answer, READER_INTEGRITY, container->integrity, why) ||
        !message_add_text(
            answer, READER_ENCRYPTION, container->encryption, why) ||
        !message_add_number(answer, READER_INTEGRITY_ITERATIONS,
            container->integrity_iterations, why) ||
        !message_add_number(answer, READER_ENCRYPTION_ITERATIONS,
            container->encryption_iterations, why))
        return false;
    for (size_t i = 0; i < container->count; i++) {
        if (!write_object(container, &container->objects[i], answer, why))
            return false;
    }
    return true;
}

static bool refuse(struct channel *channel, uint64_t id, enum verdict_code code,
    const struct failure *refusal, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", 4096);

    return message_add_number(&answer, READER_CODE, (uint64_t)code, why) &&
           refusal_write(&answer, refusal, why) &&
           channel_answer(
               channel, READER_FAILED, id, buffer_view(&answer), why);
}

static bool serve_view(
    struct channel *channel, const struct frame *frame, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", READER_SHOWN_MAX);
    RELEASED(buffer) markup = BUFFER("what is shown", READER_MARKUP_MAX);
    struct failure refusal = {0};

    if (!reader_view(frame->body, &markup, &refusal))
        return refuse(channel, frame->id, VERDICT_MALFORMED, &refusal, why);
    return message_add(&answer, READER_MARKUP, buffer_view(&markup), why) &&
           channel_answer(
               channel, READER_SHOWN, frame->id, buffer_view(&answer), why);
}

static bool serve(struct channel *channel, SSL_CTX *tls, struct failure *why)
{
    RELEASED(buffer) answer = BUFFER("answer", READER_ANSWER_MAX);
    RELEASED(container) container = container_new();
    enum verdict_code code = VERDICT_MALFORMED;
    struct failure refusal = {0};
    struct frame frame = {0};
    bool ok;

    if (!channel_receive(channel, -1, &frame, why))
        return false;
    if (frame.type == READER_VIEW)
        return serve_view(channel, &frame, why);
    ok = frame.type == READER_OPEN
             ? open_file(&frame, &container, &code, &refusal)
             : shake_hands(tls, &frame, &container, &refusal);
    frame_close_descriptors(&frame);
    if (!ok)
        return refuse(channel, frame.id, code, &refusal, why);
    return write_contents(&container, &answer, why) &&
           channel_answer(
               channel, READER_CONTENTS, frame.id, buffer_view(&answer), why);
}

int reader_main(void)
{
    const struct sandbox sandbox = {.role = SANDBOX_READER};
    /* Above what uses them: they go last. */
    SCOPED(OSSL_PROVIDER) *usual = NULL;
    SCOPED(OSSL_PROVIDER) *old = NULL;
    SCOPED_STRUCT(channel) *channel = NULL;
    SCOPED(SSL_CTX) *tls = NULL;
    char degraded[120] = "";
    struct failure why = {0};

    log_open("reader", LOG_LEVEL_INFO);
    /* A server that closes while we write is told in a sentence. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (sandbox_keep_private(&why) && crypto_start(&why) &&
        load_old_ciphers(&usual, &old, &why) && reader_tls_new(&tls, &why) &&
        limit_itself(&why) &&
        channel_new(PARENT_DESCRIPTOR, parent_rules, 1, &channel, &why) &&
        sandbox_enter(&sandbox, degraded, &why) && serve(channel, tls, &why))
        return 0;
    log_event(LOG_LEVEL_ERROR, "failed", "why", why.reason, NULL);
    return 9;
}
