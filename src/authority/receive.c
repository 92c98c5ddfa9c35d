#include "authority/steps.h"

bool issue_receive(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    (void)authority;
    (void)desk;
    return request_read(issuance->enrolment->request, &issuance->request, why);
}

bool issue_authenticate(struct authority *authority, struct desk *desk,
    struct issuance *issuance, struct failure *why)
{
    (void)authority;
    (void)desk;
    return request_verify(&issuance->request, &issuance->key, why);
}
