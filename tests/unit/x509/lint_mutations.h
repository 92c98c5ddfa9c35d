#ifndef TESTS_UNIT_X509_LINT_MUTATIONS_H
#define TESTS_UNIT_X509_LINT_MUTATIONS_H

/* One thing at a time that is wrong (support/lint_mutation.h has the words),
 * and the rule that names it; ended by one without a rule. */
struct lint_mutation {
    const char *rule;
    const char *words;
};

extern const struct lint_mutation lint_mutations_of_fields[],
    lint_mutations_of_names[], lint_mutations_of_extensions[];

/* The same form: what the rule must not name. */
extern const struct lint_mutation lint_neighbours[];

#endif
