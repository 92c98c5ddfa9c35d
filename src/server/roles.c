#include "server/roles.h"

#include <stddef.h>
#include <string.h>

#include "server/front/front.h"
#include "server/front/tls_memory.h"
#include "server/keeper.h"
#include "server/keys_role.h"
#include "server/parent.h"
#include "server/reader_role.h"
#include "server/signer.h"
#include "server/status_signer.h"
#include "server/validator_role.h"

void role_prepare(const char *name)
{
    if (strcmp(name, "front") == 0)
        tls_memory_start();
}

int role_main(const char *name)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } roles[] = {
        {"signer", signer_main},
        {"status", status_signer_main},
        {"keeper", keeper_main},
        {"keys", keys_main},
        {"parent", parent_main},
        {"reader", reader_main},
        {"validator", validator_main},
        {"front", front_main},
    };

    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].run();
    }
    return 2;
}
