#ifndef TESTS_UNIT_X509_SIGNED_DESK_H
#define TESTS_UNIT_X509_SIGNED_DESK_H

#include "signed_fixture.h"
#include "x509/chain/revocation.h"
#include "x509/signed_file.h"

/* What a test asks with: the root of tests/objects/signed, and a time at which
 * everybody is valid. */
struct desk {
    struct chain_pool *roots, *strangers, *given;
    struct buffer root, stranger, signer, authority;
    struct buffer bytes, content, list;
    struct status_source source;
    const struct status_source *sources[1];
    struct chain_question question;
    struct signed_file file;
};

static inline void add_file(
    struct chain_pool *pool, const char *name, struct buffer *der)
{
    struct failure why = {0};

    read_signed(name, der);
    if (!chain_pool_add(pool, buffer_view(der), name, &why))
        fail_msg("%s", why.reason);
}

static inline int desk_open(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    struct failure why = {0};

    assert_non_null(desk);
    desk->root = desk->stranger = desk->signer = desk->authority = desk->bytes =
        desk->content = desk->list = SIGNED_BUFFER();
    assert_true(chain_pool_new(&desk->roots, &why));
    assert_true(chain_pool_new(&desk->strangers, &why));
    assert_true(chain_pool_new(&desk->given, &why));
    add_file(desk->roots, "root.crt", &desk->root);
    add_file(desk->strangers, "stranger-root.crt", &desk->stranger);
    desk->question.roots = desk->roots;
    desk->question.time = SIGNED_IN;
    *state = desk;
    return 0;
}

static inline int desk_close(void **state)
{
    struct desk *desk = *state;

    signed_file_free(&desk->file);
    chain_pool_free(desk->roots);
    chain_pool_free(desk->strangers);
    chain_pool_free(desk->given);
    buffer_free(&desk->root);
    buffer_free(&desk->stranger);
    buffer_free(&desk->signer);
    buffer_free(&desk->authority);
    buffer_free(&desk->bytes);
    buffer_free(&desk->content);
    buffer_free(&desk->list);
    free(desk);
    return 0;
}

/* Of what is in desk->bytes. */
static inline void judge_bytes(struct desk *desk, const char *content_name)
{
    struct bytes content = {0};
    struct failure why = {0};

    signed_file_free(&desk->file);
    if (content_name != NULL) {
        read_signed(content_name, &desk->content);
        content = buffer_view(&desk->content);
    }
    if (!signed_file_verify(buffer_view(&desk->bytes),
            content_name == NULL ? NULL : &content, &desk->question,
            &desk->file, &why))
        fail_msg("%s", why.reason);
}

static inline void assert_code_of_bytes(
    struct desk *desk, const char *content, enum verdict_code code)
{
    const struct verdict *verdict = NULL;

    judge_bytes(desk, content);
    verdict = signed_file_verdict(&desk->file);
    if (verdict->code != code)
        fail_msg("%s: %s", verdict_code_name(verdict->code), verdict->sentence);
    assert_int_equal(verdict->valid, code == VERDICT_OK);
}

static inline void assert_code(struct desk *desk, const char *name,
    const char *content, enum verdict_code code)
{
    read_signed(name, &desk->bytes);
    assert_code_of_bytes(desk, content, code);
}

#endif
