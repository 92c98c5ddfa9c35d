#include "peer.h"

#include <stdio.h>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static X509 *read_one(struct peer_bytes der)
{
    const unsigned char *at = der.start;
    X509 *read = d2i_X509(NULL, &at, (long)der.length);

    if (read != NULL && at != der.start + der.length) {
        X509_free(read);
        return NULL;
    }
    return read;
}

static void add_roots(X509_STORE *store, const struct peer_list *roots)
{
    for (size_t i = 0; i < roots->count; i++) {
        X509 *root = read_one(roots->items[i]);

        if (root != NULL)
            (void)X509_STORE_add_cert(store, root);
        X509_free(root);
    }
}

static STACK_OF(X509) * read_list(const struct peer_list *list)
{
    STACK_OF(X509) *made = sk_X509_new_null();

    for (size_t i = 0; i < list->count; i++) {
        X509 *one = read_one(list->items[i]);

        if (one != NULL)
            (void)sk_X509_push(made, one);
    }
    return made;
}

/* The common name is no name of a host; any trusted certificate ends a path. */
static bool ask(X509_STORE_CTX *context, const struct peer_question *question,
    char reason[static PEER_REASON])
{
    X509_VERIFY_PARAM *wanted = X509_STORE_CTX_get0_param(context);

    X509_VERIFY_PARAM_set_time(wanted, (time_t)question->time);
    (void)X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
    (void)X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
    (void)X509_VERIFY_PARAM_set1_host(wanted, question->host, 0);
    X509_VERIFY_PARAM_set_hostflags(
        wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_verify_cert(context) == 1)
        return true;
    (void)snprintf(reason, PEER_REASON, "%s",
        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    return false;
}

bool peer_accepts(
    const struct peer_question *question, char reason[static PEER_REASON])
{
    X509 *leaf = read_one(question->leaf);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = read_list(&question->untrusted);
    bool accepts = false;

    add_roots(store, &question->roots);
    if (leaf != NULL &&
        X509_STORE_CTX_init(context, store, leaf, untrusted) == 1)
        accepts = ask(context, question, reason);
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(untrusted, X509_free);
    X509_STORE_free(store);
    X509_free(leaf);
    return accepts;
}
