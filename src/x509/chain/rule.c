#include "x509/chain/rule.h"

struct rule_row {
    const char *name, *reference;
};

static const struct rule_row rows[] = {
#define CHAIN_RULE_ROW(identifier, name, reference) {name, reference},
    CHAIN_RULES(CHAIN_RULE_ROW)
#undef CHAIN_RULE_ROW
};

const char *chain_rule_name(enum chain_rule rule)
{
    return rows[rule].name;
}

const char *chain_rule_reference(enum chain_rule rule)
{
    return rows[rule].reference;
}
