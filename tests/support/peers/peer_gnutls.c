#include "peer.h"

#include <stdio.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static time_t asked_time;

static time_t tell_time(time_t *told)
{
    if (told != NULL)
        *told = asked_time;
    return asked_time;
}

static gnutls_x509_crt_t read_one(struct peer_bytes der)
{
    const gnutls_datum_t bytes = {
        (unsigned char *)der.start, (unsigned)der.length};
    gnutls_x509_crt_t read = NULL;

    if (gnutls_x509_crt_init(&read) != GNUTLS_E_SUCCESS)
        return NULL;
    if (gnutls_x509_crt_import(read, &bytes, GNUTLS_X509_FMT_DER) !=
        GNUTLS_E_SUCCESS) {
        gnutls_x509_crt_deinit(read);
        return NULL;
    }
    return read;
}

/* The list owns what it took. */
static void add_roots(
    gnutls_x509_trust_list_t trusted, const struct peer_list *roots)
{
    for (size_t i = 0; i < roots->count; i++) {
        gnutls_x509_crt_t root = read_one(roots->items[i]);

        if (root != NULL &&
            gnutls_x509_trust_list_add_cas(trusted, &root, 1, 0) < 1)
            gnutls_x509_crt_deinit(root);
    }
}

static unsigned read_chain(
    const struct peer_question *question, gnutls_x509_crt_t *chain)
{
    unsigned count = 0;

    chain[count] = read_one(question->leaf);
    if (chain[count] == NULL)
        return 0;
    count++;
    for (size_t i = 0; i < question->untrusted.count; i++) {
        chain[count] = read_one(question->untrusted.items[i]);
        if (chain[count] != NULL)
            count++;
    }
    return count;
}

static bool ask(gnutls_x509_trust_list_t trusted, gnutls_x509_crt_t *chain,
    unsigned count, const char *host, char reason[static PEER_REASON])
{
    gnutls_typed_vdata_st wanted[] = {
        {GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)host, 0},
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER,
            0}};
    unsigned status = 1;

    int done = gnutls_x509_trust_list_verify_crt2(
        trusted, chain, count, wanted, 2, 0, &status, NULL);

    if (done == GNUTLS_E_SUCCESS && status == 0)
        return true;
    (void)snprintf(
        reason, PEER_REASON, "%s, status 0x%x", gnutls_strerror(done), status);
    return false;
}

bool peer_accepts(
    const struct peer_question *question, char reason[static PEER_REASON])
{
    gnutls_x509_crt_t chain[PEER_CERTIFICATES_MAX + 1];
    gnutls_x509_trust_list_t trusted = NULL;
    unsigned count;
    bool accepts;

    asked_time = (time_t)question->time;
    gnutls_global_set_time_function(tell_time);
    if (gnutls_x509_trust_list_init(&trusted, 0) != GNUTLS_E_SUCCESS)
        return false;
    add_roots(trusted, &question->roots);
    count = read_chain(question, chain);
    accepts = count > 0 && ask(trusted, chain, count, question->host, reason);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_x509_trust_list_deinit(trusted, 1);
    return accepts;
}
