#include "authority/issuer_chain.h"

#include "authority/hierarchy.h"
#include "x509/der_element.h"

static bool add_issuer(struct bytes certificate,
    struct bytes chain[static ISSUER_CHAIN_MAX], size_t *count,
    struct failure *why)
{
    if (*count == ISSUER_CHAIN_MAX)
        return fail_because(why, FAILURE_INTERNAL,
            "more than %d issuers stand above one another", ISSUER_CHAIN_MAX);
    chain[(*count)++] = certificate;
    return true;
}

static bool add_above(const struct authority_issuer *issuer,
    struct bytes chain[static ISSUER_CHAIN_MAX], size_t *count,
    struct failure *why)
{
    struct der_reader above = der_reader_of(buffer_view(&issuer->above));

    while (!der_at_end(&above)) {
        struct der_reader contents = {0};
        struct bytes whole = {0};

        if (!der_read_element(&above, DER_SEQUENCE, &contents, &whole, why) ||
            !add_issuer(whole, chain, count, why))
            return false;
    }
    return true;
}

bool issuer_chain(const struct authority *authority,
    const struct authority_issuer *issuer,
    struct bytes chain[static ISSUER_CHAIN_MAX], size_t *count,
    struct failure *why)
{
    *count = 0;
    for (size_t depth = 0; depth < authority->issuer_count; depth++) {
        if (issuer_is_root(issuer))
            return true;
        if (!add_issuer(buffer_view(&issuer->der), chain, count, why))
            return false;
        if (issuer->parent == issuer->id)
            return add_above(issuer, chain, count, why);
        for (size_t i = 0; i < authority->issuer_count; i++) {
            if (authority->issuers[i].id == issuer->parent) {
                issuer = &authority->issuers[i];
                break;
            }
        }
    }
    return true;
}
