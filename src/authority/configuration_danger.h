#ifndef AUTHORITY_CONFIGURATION_DANGER_H
#define AUTHORITY_CONFIGURATION_DANGER_H

/*
 * Switches that other authorities have and that hand their owner's power to
 * whoever asks (AD CS ESC1 to ESC16, incident 59).  None of them exists here;
 * who writes one in chancery.yaml is told so by name.
 */
struct danger {
    const char *rule;     /* "ESC6" */
    const char *title;    /* "names from the request's attributes" */
    const char *sentence; /* what is done in its place */
};

/* What a word of chancery.yaml would switch on; case, "-", "_", "." and blanks
 * make no difference.  NULL: nothing known. */
const struct danger *danger_of(const char *word);

#endif
