#include "x509/chain/profile.h"

#include <stdarg.h>
#include <stdio.h>

#include "x509/chain/profile_rule.h"

bool profile_breaks(struct profile_trial *trial, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(trial->fault, sizeof(trial->fault), format, arguments);
    va_end(arguments);
    return false;
}

bool profile_is_critical(
    const struct profile_trial *trial, enum chain_extension extension)
{
    return (trial->certificate->critical >> extension & 1) != 0;
}

bool profile_has_subject(const struct profile_trial *trial)
{
    return !name_is_empty(trial->certificate->certificate.tbs.subject);
}

static unsigned int set_of(enum chain_profile profile)
{
    switch (profile) {
    case CHAIN_PLAIN:
        break;
    case CHAIN_RFC5280:
        return PROFILE_RFC5280;
    case CHAIN_WEBPKI:
        return PROFILE_WEBPKI;
    }
    return 0;
}

static struct profile_trial trial_of(
    const struct judgement *judgement, size_t place)
{
    bool is_top = place + 1 == judgement->length;

    return (struct profile_trial){.certificate = judgement->path[place],
        .issuer = is_top ? NULL : judgement->path[place + 1],
        .is_leaf = place == 0,
        .is_anchor = is_top && judgement->has_anchor,
        .is_top = is_top};
}

/* A leaf that is an anchor too is looked at as both. */
static bool looks_at(
    const struct profile_rule *rule, const struct profile_trial *trial)
{
    unsigned int places = 0;

    if (trial->is_leaf)
        places |= PROFILE_LEAF;
    if (trial->is_anchor)
        places |= PROFILE_ANCHOR;
    if (places == 0)
        places = PROFILE_MIDDLE;
    return (rule->places & places) != 0;
}

static bool judge_rule(
    struct judgement *judgement, const struct profile_rule *rule)
{
    char name[CHAIN_NAME_TEXT];
    size_t count = 0;

    for (size_t place = 0; place < judgement->length; place++) {
        struct profile_trial trial = trial_of(judgement, place);

        if (!looks_at(rule, &trial))
            continue;
        count++;
        if (!rule->check(&trial))
            return judge_fail(judgement, RULE_PROFILE, VERDICT_PROFILE_VIOLATED,
                place, "%s (%s): %.100s %s", rule->name, rule->reference,
                judge_name(judgement, place, name), trial.fault);
    }
    judge_pass(judgement, RULE_PROFILE, 0, "%s (%s): kept by %zu certificates",
        rule->name, rule->reference, count);
    return true;
}

bool judge_profile(struct judgement *judgement)
{
    static const struct profile_rule *const tables[] = {
        profile_rules_of_rfc5280,
        profile_rules_of_extensions,
        profile_rules_of_names,
        profile_rules_of_webpki,
    };
    unsigned int set = set_of(judgement->question->profile);
    bool keeps_all = true;

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        for (const struct profile_rule *rule = tables[i]; rule->name != NULL;
             rule++) {
            if ((rule->profiles & set) == 0 || judge_rule(judgement, rule))
                continue;
            keeps_all = false;
            if (!judge_goes_on(judgement))
                return false;
        }
    }
    return keeps_all;
}
