#ifndef TESTS_UNIT_X509_LINT_CASES_H
#define TESTS_UNIT_X509_LINT_CASES_H

/* The groups of lint_test, one file for each; each returns how many failed. */
int lint_body_cases(void);
int lint_name_cases(void);
int lint_extension_cases(void);
int lint_mutation_cases(void);

#endif
