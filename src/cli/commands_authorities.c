#include "cli/command_options.h"

#define OPTION_KEY(what)                                                    \
    {                                                                       \
        .name = "key", .argument = "KIND",                                  \
        .values = "p256 p384 p521 rsa2048 rsa3072 rsa4096 ed25519 mldsa44 " \
                  "mldsa65 mldsa87",                                        \
        .help = what                                                        \
    }
#define OPTION_PARENT(what)                                         \
    {                                                               \
        .name = "ca", .argument = "NAME", .values = "root issuing", \
        .help = what                                                \
    }
#define OPTION_SUBJECT                                                    \
    {                                                                     \
        .name = "subject", .argument = "DN",                              \
        .help = "its distinguished name; otherwise CN=\"the name in the " \
                "settings, and NAME\""                                    \
    }
#define OPTION_PATH_LENGTH(what)                             \
    {                                                        \
        .name = "path-length", .argument = "N", .help = what \
    }
#define OPTION_DER                                         \
    {                                                      \
        .name = "der", .help = "write DER in place of PEM" \
    }
#define OPTION_NEW_PASSPHRASE                                             \
    OPTION_PASSPHRASE_FILE("a file with the passphrase of the keys that " \
                           "issue; otherwise keys/unlock")

static const struct command_option add_options[] = {
    OPTION_PARENT("the authority above it; otherwise the root"),
    OPTION_KEY("the kind of its key; otherwise that of the authority above"),
    OPTION_SUBJECT,
    OPTION_PATH_LENGTH("how many authorities may stand below it; above 0 it "
                       "is kept apart, as the root is"),
    {.name = "lifetime",
        .argument = "L",
        .help = "10y; otherwise the profile's"},
    OPTION_NEW_PASSPHRASE,
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option request_options[] = {
    {.name = "ca", .argument = "NAME", .help = "the same as --name"},
    {.name = "name",
        .argument = "NAME",
        .help = "what --ca will call it; otherwise issuing"},
    OPTION_KEY("the kind of its key; otherwise p256"),
    OPTION_SUBJECT,
    OPTION_OUT,
    OPTION_DER,
    OPTION_FORCE,
    OPTION_NEW_PASSPHRASE,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option install_options[] = {
    OPTION_PARENT("which one the answer must be for; otherwise the one whose "
                  "key it has"),
    {.name = "root",
        .argument = "FILE",
        .help = "the root to end at, where FILE does not hold it"},
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option cross_options[] = {
    OPTION_PARENT("the authority that signs; otherwise the root"),
    {.name = "lifetime",
        .argument = "L",
        .help = "5y; otherwise until the first of the two ends"},
    OPTION_PATH_LENGTH("narrower than its own"),
    OPTION_OUT,
    OPTION_DER,
    OPTION_FORCE,
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option rollover_options[] = {
    OPTION_CA,
    {.name = "step",
        .argument = "STEP",
        .values = "plan key certify cross publish switch retire",
        .help = "the step to take; otherwise the next one"},
    {.name = "undo", .help = "take back the last step, before the switch"},
    OPTION_KEY("the kind of the new key; otherwise that of the old one"),
    {.name = "out",
        .argument = "FILE",
        .help = "where the new key's request goes, for an authority that "
                "others certify"},
    {.name = "force",
        .help = "retire though certificates are valid; overwrite FILE"},
    OPTION_NEW_PASSPHRASE,
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option retire_options[] = {
    OPTION_PARENT("in place of NAME"),
    {.name = "force", .help = "end it though certificates of it are valid"},
    OPTION_PASSPHRASE_FILE("a file with the passphrase of its key; otherwise "
                           "keys/unlock"),
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_authorities[] = {
    {.words = "ca add",
        .summary = "make a further authority in this folder",
        .synopsis = "NAME [--ca PARENT] [--key KIND] [--path-length N]",
        .operands_least = 1,
        .operands_most = 1,
        .options = add_options,
        .text =
            "Its key is made here, and certified by the root, or by PARENT; "
            "then `issue --ca NAME` issues by it. Nothing may serve DIR "
            "meanwhile. An interrupted command is finished by the same "
            "command.\n\nWith a path length above 0 it makes authorities and "
            "nothing else: its key is kept apart, beside the root's.",
        .example = "chancery ca add clients\n"
                   "chancery ca add policy --path-length 1\n"
                   "chancery ca add issuing2 --ca policy --key p384",
        .exits = {{5, "the authority above may make none, or not such a one"},
            {7, "another key has this name, or another authority this DN"},
            {8, "DIR is served, or the key above is not open"}},
        .run = run_ca_add},
    {.words = "ca request",
        .summary = "make a key and a request for another authority to certify",
        .synopsis = "[--name NAME] [--key KIND] [--subject DN] [--out FILE]",
        .options = request_options,
        .text = "The key waits for its certificate; `ca install` takes the "
                "answer. The same command again writes the same request.",
        .example = "chancery ca request --name issuing2 --out issuing2.csr",
        .exits = {{7, "an authority of this name is here already"},
            {8, "DIR is served, or no passphrase was given for the key"}},
        .run = run_ca_request},
    {.words = "ca install",
        .summary = "put in the certificate that another authority gave",
        .synopsis = "FILE [--ca NAME] [--root FILE]",
        .operands_least = 1,
        .operands_most = 1,
        .options = install_options,
        .text = "FILE holds the certificate and those above it, in any "
                "encoding and order. The whole chain is checked before "
                "anything is used; a refused file changes nothing, and the "
                "same file again is no failure.",
        .example = "chancery ca install answer.p7b\n"
                   "chancery ca install answer.pem --root their-root.pem",
        .exits = {{3, "FILE can't be read"},
            {5, "the chain breaks a rule, which is named"},
            {6, "no key waits for it, or an issuer is missing"},
            {7, "it is for another authority than --ca names"}},
        .run = run_ca_install},
    {.words = "ca cross-sign",
        .summary = "certify the name and key of another authority",
        .synopsis = "FILE [--ca NAME] [--lifetime L] [--out FILE]",
        .operands_least = 1,
        .operands_most = 1,
        .options = cross_options,
        .text = "FILE is that authority's certificate. Whoever trusts the "
                "root here can then verify what hangs below the other one. "
                "Name, key, key identifier and limits stay as they are, or "
                "get narrower; it is published as "
                "publish/ca/NAME-cross-N.cer.",
        .example = "chancery ca cross-sign partner-root.pem --lifetime 3y "
                   "--out bridge.pem",
        .exits = {{5, "it is no authority's, or limited in a way that can't "
                      "be repeated"},
            {8, "DIR is served, or the key is not open"}},
        .run = run_ca_cross_sign},
    {.words = "ca rollover",
        .summary = "give an authority a new key, step by step",
        .synopsis = "[--ca NAME] [--step STEP | --undo] [--key KIND]",
        .options = rollover_options,
        .text =
            "Each call takes the next step, and says which comes then: plan, "
            "key, certify, cross, publish, switch, retire. A step that was "
            "interrupted is taken again. Up to the switch --undo takes back "
            "the last step.\n\nThe successor is called NAME-2 and has the "
            "same distinguished name. A root and its successor certify each "
            "other, so that chains verify by either.",
        .example = "chancery ca rollover\n"
                   "chancery ca rollover --ca root --step key\n"
                   "chancery ca rollover --undo",
        .exits = {{7, "another step comes first, or certificates are valid"},
            {8, "DIR is served, or a key is not open"}},
        .run = run_ca_rollover},
    {.words = "ca retire",
        .summary = "end an authority",
        .synopsis = "NAME [--force]",
        .operands_most = 1,
        .options = retire_options,
        .text = "It issues nothing any more. While certificates of it are "
                "valid it goes on to sign its lists; after that, or with "
                "--force, it signs its last list and nothing more.",
        .example = "chancery ca retire clients",
        .exits = {{7, "it is being given a new key"},
            {8, "DIR is served, or its key is not open"}},
        .run = run_ca_retire},
    {.words = NULL},
};
