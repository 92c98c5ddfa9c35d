#include "protocols/certsrv/lineage.h"

#include <string.h>

#include "authority/hierarchy.h"
#include "authority/lists.h"
#include "x509/der_element.h"

/* --- which --------------------------------------------------------------- */

bool lineage_find(const struct authority *authority, struct lineage *lineage,
    struct failure *why)
{
    const struct authority_issuer *issuer = NULL;
    struct lineage backwards = {0};

    if (!authority_issuer(
            authority, authority_of_doors(authority), false, &issuer, why))
        return false;
    while (issuer != NULL && backwards.count < AUTHORITY_ISSUERS_MAX) {
        backwards.issuers[backwards.count++] = issuer;
        issuer = issuer->follows == 0
                     ? NULL
                     : authority_by_id(authority, issuer->follows);
    }
    lineage->count = backwards.count;
    for (size_t i = 0; i < backwards.count; i++)
        lineage->issuers[i] = backwards.issuers[backwards.count - 1 - i];
    return true;
}

static bool read_renewal(const char *text, size_t *renewal)
{
    size_t length = strlen(text);

    if (length == 0 || length > 2 || strspn(text, "0123456789") != length)
        return false;
    *renewal = (size_t)(text[0] - '0');
    if (length == 2)
        *renewal = 10 * *renewal + (size_t)(text[1] - '0');
    return true;
}

bool lineage_issuer(const struct exchange *exchange,
    const struct authority_issuer **issuer, struct failure *why)
{
    const char *text = exchange_text(exchange, "Renewal");
    struct lineage lineage = {0};
    size_t renewal;

    if (!lineage_find(exchange->authority, &lineage, why))
        return false;
    renewal = lineage.count - 1;
    if (text[0] != '\0' &&
        (!read_renewal(text, &renewal) || renewal >= lineage.count))
        return fail_because(why, FAILURE_NOT_FOUND,
            "Renewal is a number from 0 to %zu here", lineage.count - 1);
    *issuer = lineage.issuers[renewal];
    return true;
}

/* --- up to the root ------------------------------------------------------ */

void issuers_chain_free(struct issuers_chain *chain)
{
    buffer_free(&chain->foreign_root);
}

static bool add(
    struct issuers_chain *chain, struct bytes certificate, struct failure *why)
{
    if (chain->count == PKCS7_CERTIFICATES_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "a chain of more than %d certificates", PKCS7_CERTIFICATES_MAX);
    chain->certificates[chain->count++] = certificate;
    return true;
}

static bool add_above(struct issuers_chain *chain,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct der_reader above = der_reader_of(buffer_view(&issuer->above));

    while (!der_at_end(&above)) {
        struct der_reader contents = {0};
        struct bytes whole = {0};

        if (!der_read_element(&above, DER_SEQUENCE, &contents, &whole, why) ||
            !add(chain, whole, why))
            return false;
    }
    return true;
}

struct root_search {
    struct issuers_chain *chain;
    int64_t authority;
};

static bool take_root(
    void *context, const struct cross_certificate *row, struct failure *why)
{
    const struct root_search *search = context;
    struct buffer *root = &search->chain->foreign_root;

    if (row->authority != search->authority || root->length > 0 ||
        strcmp(row->kind, ABOVE_ROOT) != 0)
        return true;
    return buffer_append(root, row->certificate, why);
}

/* What others certified: what stands between, and their root. */
static bool add_foreign(const struct exchange *exchange,
    const struct authority_issuer *issuer, struct issuers_chain *chain,
    struct failure *why)
{
    struct root_search search = {chain, issuer->id};

    chain->foreign_root = BUFFER("root", CERTIFICATE_MAX);
    return add_above(chain, issuer, why) &&
           store_list_cross_certificates(
               exchange->store, take_root, &search, why) &&
           (chain->foreign_root.length == 0 ||
               add(chain, buffer_view(&chain->foreign_root), why));
}

bool issuers_chain_add(const struct exchange *exchange,
    const struct authority_issuer *issuer, struct issuers_chain *chain,
    struct failure *why)
{
    for (size_t depth = 0; depth < AUTHORITY_ISSUERS_MAX; depth++) {
        if (!add(chain, buffer_view(&issuer->der), why))
            return false;
        if (issuer_is_root(issuer))
            return true;
        if (issuer->parent == issuer->id)
            return add_foreign(exchange, issuer, chain, why);
        issuer = authority_by_id(exchange->authority, issuer->parent);
        if (issuer == NULL)
            break;
    }
    return fail_because(
        why, FAILURE_INTERNAL, "a chain without an end among the authorities");
}
