#include "authority/facts.h"
#include "authority/issuer_chain.h"
#include "protocols/rest/accept.h"
#include "protocols/rest/certificates.h"
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

static bool append_chain(const struct authority *authority,
    const struct authority_issuer *issuer, struct buffer *pem,
    struct failure *why)
{
    struct bytes chain[ISSUER_CHAIN_MAX];
    size_t count = 0;

    if (issuer != NULL && !issuer_chain(authority, issuer, chain, &count, why))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!certificate_print(chain[i], pem, why))
            return false;
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
