#ifndef SUPPORT_CERTIFICATE_INPUTS_H
#define SUPPORT_CERTIFICATE_INPUTS_H

#include "base/bytes.h"

/* DER certificates that the tests compare over, one after another. */
struct certificate_inputs {
    struct bytes *certificates;
    size_t count;
    size_t room;
};

/* A bundle of PEM blocks.  Returns how many were added; 0: no such file. */
size_t inputs_add_bundle(struct certificate_inputs *inputs, const char *path);

/* Every *.der of a folder, in the order of their names. */
size_t inputs_add_folder(struct certificate_inputs *inputs, const char *path);

/* What tests/support/extract_suites.py wrote. */
size_t inputs_add_records(struct certificate_inputs *inputs, const char *path);

void certificate_inputs_free(struct certificate_inputs *inputs);

#endif
