#include "x509/chain/constraints.h"

#include "x509/chain/judgement.h"
#include "x509/chain/name_constraints.h"

/* One certificate below one authority that constrains names. */
struct trial {
    struct judgement *judgement;
    size_t authority, place;
    struct name_constraints constraints;
    size_t *comparisons;
    size_t names;
};

/* --- the names of a certificate ------------------------------------------- */

struct names {
    const struct tbs_certificate *body;
    struct der_reader alternative;
    struct name_walk subject;
    bool whole_subject_next; /* it comes between the two */
    bool has_mailbox, reads_subject;
};

static struct names names_of(const struct chain_certificate *certificate)
{
    return (struct names){.body = &certificate->certificate.tbs,
        .alternative = certificate->other_names,
        .whole_subject_next = true};
}

/* 4.2.1.10: emailAddress of the subject counts where subjectAltName has no
 * mailbox. */
static bool next_address_of_subject(
    struct names *names, struct general_name *name)
{
    struct name_attribute attribute = {0};
    struct failure unread = {0};

    while (names->reads_subject && !names->has_mailbox &&
           !name_walk_at_end(&names->subject) &&
           name_walk_next(&names->subject, &attribute, &unread)) {
        if (attribute.type != OID_EMAIL_ADDRESS)
            continue;
        *name = (struct general_name){GENERAL_NAME_EMAIL, attribute.value};
        return true;
    }
    return false;
}

static bool next_name(struct names *names, struct general_name *name)
{
    struct failure unread = {0};

    if (!der_at_end(&names->alternative) &&
        general_name_next(&names->alternative, name, &unread)) {
        names->has_mailbox =
            names->has_mailbox || name->kind == GENERAL_NAME_EMAIL;
        return true;
    }
    if (names->whole_subject_next) {
        names->whole_subject_next = false;
        names->reads_subject =
            name_walk_start(names->body->subject, &names->subject, &unread);
        *name =
            (struct general_name){GENERAL_NAME_DIRECTORY, names->body->subject};
        if (!name_is_empty(names->body->subject))
            return true;
    }
    return next_address_of_subject(names, name);
}

/* --- wording -------------------------------------------------------------- */

#define NAME_TEXT 100

static const char *show(
    const struct general_name *name, char text[static NAME_TEXT])
{
    RELEASED(buffer) printed = BUFFER("a name", 64 * 1024);
    struct failure cut = {0};
    size_t length = 0;

    if (!general_name_print(name, &printed, &cut))
        buffer_clear(&printed);
    while (length < printed.length && length + 1 < NAME_TEXT) {
        text[length] = (char)printed.start[length];
        length++;
    }
    text[length] = 0;
    return text;
}

static bool fail(struct trial *trial, enum chain_rule rule,
    const struct general_name *name, const char *because,
    const struct general_name *base)
{
    char name_text[NAME_TEXT], base_text[NAME_TEXT] = "";
    char authority[CHAIN_NAME_TEXT];

    return judge_fail(trial->judgement, rule, VERDICT_NAME_CONSTRAINT_VIOLATED,
        trial->place, "%s %s%s%s, says %.100s", show(name, name_text), because,
        base == NULL ? "" : " ", base == NULL ? "" : show(base, base_text),
        judge_name(trial->judgement, trial->authority, authority));
}

/* --- one name ------------------------------------------------------------- */

/* Counted before anything is read: it is the reading that costs. */
static bool may_compare(struct trial *trial, enum chain_rule rule)
{
    if (++*trial->comparisons <= CONSTRAINT_COMPARISONS_MAX)
        return true;
    return judge_fail(trial->judgement, rule, VERDICT_BUDGET_EXCEEDED,
        trial->place,
        "names and constraints of this path take more than %d comparisons",
        CONSTRAINT_COMPARISONS_MAX);
}

/* RFC 5280, 4.2.1.10: what can't be compared is refused.  True: compare. */
static bool check_form(struct trial *trial, const struct general_name *base,
    const struct general_name *name)
{
    const char *fault = constraint_fault_of_name(name);

    if (constraint_has_no_rule(base))
        return fail(trial, RULE_CONSTRAINT_FORM, name,
            "is of a form whose constraint has no rule to compare by", NULL);
    if (fault != NULL)
        return fail(trial, RULE_CONSTRAINT_FORM, name, fault, NULL);
    return true;
}

/* 6.1.3 (b): within one of those of its form, if there are any. */
static bool judge_permitted(
    struct trial *trial, const struct general_name *name)
{
    struct der_reader subtrees = trial->constraints.permitted;
    struct general_name base = {0}, first = {0};
    struct failure unread = {0};
    bool is_concerned = false;

    while (!der_at_end(&subtrees)) {
        if (!may_compare(trial, RULE_PERMITTED_NAMES))
            return false;
        if (!name_constraints_next(&subtrees, &base, &unread))
            break;
        if (!constraint_concerns(&base, name))
            continue;
        if (!check_form(trial, &base, name))
            return false;
        if (constraint_holds(&base, name))
            return true;
        if (!is_concerned)
            first = base;
        is_concerned = true;
    }
    return !is_concerned || fail(trial, RULE_PERMITTED_NAMES, name,
                                "is outside of what is permitted:", &first);
}

/* 6.1.3 (c): within none of those of its form. */
static bool judge_excluded(struct trial *trial, const struct general_name *name)
{
    struct der_reader subtrees = trial->constraints.excluded;
    struct general_name base = {0};
    struct failure unread = {0};

    while (!der_at_end(&subtrees)) {
        if (!may_compare(trial, RULE_EXCLUDED_NAMES))
            return false;
        if (!name_constraints_next(&subtrees, &base, &unread))
            break;
        if (!constraint_concerns(&base, name))
            continue;
        if (!check_form(trial, &base, name))
            return false;
        if (constraint_may_hold(&base, name))
            return fail(
                trial, RULE_EXCLUDED_NAMES, name, "is within excluded", &base);
    }
    return true;
}

/* --- the path ------------------------------------------------------------- */

static bool judge_certificate(struct trial *trial)
{
    struct names names = names_of(trial->judgement->path[trial->place]);
    struct general_name name = {0};

    while (next_name(&names, &name)) {
        trial->names++;
        if (!judge_permitted(trial, &name) || !judge_excluded(trial, &name))
            return false;
    }
    return true;
}

static bool check_subtrees(
    struct trial *trial, struct der_reader subtrees, size_t *count)
{
    struct general_name base = {0};
    struct failure why = {0};
    char authority[CHAIN_NAME_TEXT];

    while (!der_at_end(&subtrees)) {
        if (!name_constraints_next(&subtrees, &base, &why))
            return judge_fail(trial->judgement, RULE_CONSTRAINT_FORM,
                VERDICT_NAME_CONSTRAINT_VIOLATED, trial->authority,
                "a constraint of %.100s %s",
                judge_name(trial->judgement, trial->authority, authority),
                why.reason);
        ++*count;
    }
    return true;
}

/* A constraint that says nothing readable is refused whether or not a name of
 * its form occurs: it was meant to keep something out. */
static bool read_constraints(struct trial *trial, size_t *count)
{
    const struct chain_certificate *authority =
        trial->judgement->path[trial->authority];
    struct failure why = {0};

    if (!name_constraints_read(authority->values[CHAIN_NAME_CONSTRAINTS],
            &trial->constraints, &why))
        return judge_fail(trial->judgement, RULE_CONSTRAINT_FORM,
            VERDICT_NAME_CONSTRAINT_VIOLATED, trial->authority, "%s",
            why.reason);
    return check_subtrees(trial, trial->constraints.permitted, count) &&
           check_subtrees(trial, trial->constraints.excluded, count);
}

static bool judge_authority(struct trial *trial)
{
    struct judgement *judgement = trial->judgement;
    size_t count = 0;
    char authority[CHAIN_NAME_TEXT];

    if (!read_constraints(trial, &count))
        return false;
    for (size_t place = trial->authority; place-- > 0;) {
        trial->place = place;
        if (place > 0 && judgement->path[place]->is_self_issued)
            continue;
        if (!judge_certificate(trial))
            return false;
    }
    if (judge_tells(judgement)) {
        judge_name(judgement, trial->authority, authority);
        judge_pass(judgement, RULE_PERMITTED_NAMES, trial->authority,
            "%zu names are within what the %zu constraints of %.100s permit",
            trial->names, count, authority);
        judge_pass(judgement, RULE_EXCLUDED_NAMES, trial->authority,
            "none of %zu names is within what %.100s excludes", trial->names,
            authority);
    }
    return true;
}

bool judge_constraints(struct judgement *judgement)
{
    size_t comparisons = 0;
    bool holds_all = true;

    for (size_t place = judgement->length; place-- > 1;) {
        struct trial trial = {.judgement = judgement,
            .authority = place,
            .comparisons = &comparisons};

        if (!chain_has(judgement->path[place], CHAIN_NAME_CONSTRAINTS))
            continue;
        if (!judge_authority(&trial))
            holds_all = false;
        if (!judge_goes_on(judgement))
            break;
    }
    return holds_all;
}
