#include "authority/facts.h"
#include "authority/hierarchy.h"
#include "protocols/rest/accept.h"
#include "protocols/rest/certificates.h"
#include "x509/der_element.h"
#include "x509/pem.h"

const char *const rest_form_types[REST_FORMS] = {"application/json",
    "application/pem-certificate-chain", "application/pkix-cert"};

bool rest_choose_form(
    struct rest_call *call, enum rest_form *form, struct failure *why)
{
    const char *accept = call->exchange->accept;
    size_t chosen = accept_choose(accept, rest_form_types, REST_FORMS);

    if (chosen < REST_FORMS) {
        *form = (enum rest_form)chosen;
        return true;
    }
    call->problem.status = 406;
    return blame_field(&call->problem.blame, why, "Accept", "not-acceptable",
        accept,
        "application/json, application/pem-certificate-chain or "
        "application/pkix-cert");
}

const struct authority_issuer *rest_issuer_of(
    const struct authority *authority, int64_t id)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].id == id)
            return &authority->issuers[i];
    }
    return NULL;
}

/* What others certified hangs below certificates of theirs. */
static bool append_above(const struct authority_issuer *issuer,
    struct buffer *pem, struct failure *why)
{
    struct der_reader above = der_reader_of(buffer_view(&issuer->above));

    while (!der_at_end(&above)) {
        struct der_reader contents = {0};
        struct bytes whole = {0};

        if (!der_read_element(&above, DER_SEQUENCE, &contents, &whole, why) ||
            !certificate_print(whole, pem, why))
            return false;
    }
    return true;
}

static bool append_chain(const struct authority *authority,
    const struct authority_issuer *issuer, struct buffer *pem,
    struct failure *why)
{
    for (size_t depth = 0; depth < authority->issuer_count && issuer != NULL &&
                           !issuer_is_root(issuer);
         depth++) {
        if (!certificate_print(buffer_view(&issuer->der), pem, why))
            return false;
        if (issuer->parent == issuer->id)
            return append_above(issuer, pem, why);
        issuer = rest_issuer_of(authority, issuer->parent);
    }
    return true;
}

bool rest_answer_certificate(struct rest_call *call, enum rest_form form,
    struct bytes der, const struct authority_issuer *issuer,
    struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the chain", 16 * PEM_MAX);
    struct exchange *exchange = call->exchange;

    if (form == FORM_DER)
        return exchange_answer(
            exchange, 200, rest_form_types[FORM_DER], der, why);
    return certificate_print(der, &pem, why) &&
           append_chain(exchange->authority, issuer, &pem, why) &&
           exchange_answer(exchange, 200, rest_form_types[FORM_CHAIN],
               buffer_view(&pem), why);
}
