#ifndef CLI_COMMAND_OPTIONS_H
#define CLI_COMMAND_OPTIONS_H

#include "cli/commands.h"

/* Options that many commands have, worded once; for the tables of commands. */
#define OPTION_DIR                                                         \
    {                                                                      \
        .name = "dir", .argument = "DIR",                                  \
        .help = "the folder of the authority (CHANCERY_DIR; otherwise "    \
                "/var/lib/chancery for root, ~/.local/share/chancery for " \
                "others)"                                                  \
    }
#define OPTION_JSON                                                            \
    {                                                                          \
        .name = "json",                                                        \
        .help = "print one JSON value; a failure is told in JSON on standard " \
                "error"                                                        \
    }
#define OPTION_CA                                                            \
    {                                                                        \
        .name = "ca", .argument = "NAME", .values = "issuing root",          \
        .help = "the authority that is meant; otherwise the one that issues" \
    }
#define OPTION_OUT                                          \
    {                                                       \
        .name = "out", .argument = "FILE",                  \
        .help = "write to FILE in place of standard output" \
    }
#define OPTION_FORCE                                              \
    {                                                             \
        .name = "force", .help = "overwrite files that are there" \
    }
#define OPTION_DRY_RUN                                              \
    {                                                               \
        .name = "dry-run",                                          \
        .help = "check, say what would be done, and change nothing" \
    }
#define OPTION_PASSPHRASE_FILE(what)                   \
    {                                                  \
        .name = "passphrase-file", .argument = "FILE", \
        .alias = "password-file", .help = what         \
    }
#define OPTION_PASSPHRASE_FD                       \
    {                                              \
        .name = "passphrase-fd", .argument = "N",  \
        .help = "the same, read from descriptor N" \
    }
#define OPTIONS_END  \
    {                \
        .name = NULL \
    }

#define OPTION_REASON_WORDS(what)                          \
    {                                                      \
        .name = "reason", .argument = "TEXT", .help = what \
    }
/* Roots kept apart are opened by a command of their own. */
#define OPTION_ROOT_PASSPHRASE_FILE                                      \
    {                                                                    \
        .name = "root-passphrase-file", .argument = "FILE",              \
        .help = "the passphrase of the root; otherwise keys/unlock-root" \
    }
#define OPTION_ROOT_DIR                                      \
    {                                                        \
        .name = "root-dir", .argument = "DIR",               \
        .help = "where `init --root-out` put the root's key" \
    }

/* cli/fetching.h */
#define OPTIONS_FETCH                                                          \
    {.name = "fetch",                                                          \
        .help = "fetch missing issuers, revocation lists and OCSP answers "    \
                "from where the certificates say that they are"},              \
        {.name = "fetch-allow",                                                \
            .argument = "PLACE",                                               \
            .repeats = true,                                                   \
            .help = "a HOST or ADDRESS[/PREFIX], with :PORT or without, that " \
                    "may be connected to though it is on this machine or "     \
                    "link-local, or on another port than 80 and 443"},         \
        {.name = "fetch-time",                                                 \
            .argument = "TIME",                                                \
            .help = "how long an address has to answer; otherwise 2s"},        \
    {                                                                          \
        .name = "ocsp-digest", .argument = "DIGEST", .values = "sha1 sha256",  \
        .help = "how OCSP requests name a certificate; otherwise sha1"         \
    }

#endif
