#include "cli/command_options.h"

#define OPTION_PASSPHRASE                                                  \
    OPTION_PASSPHRASE_FILE("the passphrase of the authority's key, which " \
                           "signs the list")

static const struct command_option revoke_options[] = {
    {.name = "where",
        .argument = "QUERY",
        .help = "all that this finds; terms joined by \"and\""},
    {.name = "reason",
        .argument = "REASON",
        .values = "unspecified keyCompromise cACompromise affiliationChanged "
                  "superseded cessationOfOperation privilegeWithdrawn "
                  "aACompromise",
        .help = "why, as in RFC 5280, 5.3.1, by name or number"},
    {.name = "expect",
        .argument = "N",
        .help = "with --where: revoke only when it finds just N"},
    {.name = "yes", .help = "with --where: don't ask"},
    OPTION_PASSPHRASE,
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option hold_options[] = {
    OPTION_PASSPHRASE,
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option crl_options[] = {
    OPTION_CA,
    OPTION_OUT,
    {.name = "der", .help = "DER in FILE in place of PEM"},
    OPTION_FORCE,
    OPTION_PASSPHRASE,
    OPTION_PASSPHRASE_FD,
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_revocation[] = {
    {.words = "revoke",
        .summary = "revoke a certificate, or all that a query finds",
        .synopsis = "SERIAL | FILE | --where QUERY [--reason REASON] "
                    "[--expect N] [--yes] [--dry-run] [--json]",
        .operands_most = 1,
        .options = revoke_options,
        .text =
            "For good: nothing makes it valid again. The new list is published "
            "before this returns, and told until when others may still go by "
            "an older one. What is revoked already stays so, and is no "
            "failure.\n\n"
            "SERIAL is hexadecimal, in any case, with or without colons or 0x; "
            "its first 8 digits or more are enough where they begin no other. "
            "FILE is the certificate, in any encoding.\n\n"
            "A QUERY joins terms by \"and\": profile, name, actor (who asked), "
            "approver, authority and serial with = or !=, where * stands for "
            "any characters; issued and not-after with =, <, <=, > and >=; "
            "status=valid, expired or held. It is shown and asked about first; "
            "without a terminal --yes is needed. Interrupted, it is given "
            "again, and finds what is left. Certificates of authorities are "
            "revoked by their serial alone.",
        .example =
            "chancery revoke 41f0c2a97d0e --reason keyCompromise\n"
            "chancery revoke --where 'profile=server and issued>=2026-01-01 "
            "and approver=bob' --dry-run",
        .exits = {{6, "no such certificate was issued here"},
            {7, "several begin so, or --expect was another number"},
            {8, "it is recorded, but no list could be signed"}},
        .run = run_revoke},
    {.words = "hold",
        .summary = "suspend a certificate until `unhold`",
        .synopsis = "SERIAL | FILE [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = hold_options,
        .text = "The list tells certificateHold. A hold may become a "
                "revocation, which then counts from the hold on.",
        .example = "chancery hold 41f0c2a97d0e",
        .exits = {{6, "no such certificate was issued here"},
            {7, "it is revoked"},
            {8, "it is recorded, but no list could be signed"}},
        .run = run_hold},
    {.words = "unhold",
        .summary = "end a hold: the certificate is valid again",
        .synopsis = "SERIAL | FILE [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = hold_options,
        .text = "What is revoked stays revoked.",
        .example = "chancery unhold 41f0c2a97d0e",
        .exits = {{6, "no such certificate was issued here"},
            {7, "it is revoked, or was not held"},
            {8, "it is recorded, but no list could be signed"}},
        .run = run_unhold},
    {.words = "ca crl",
        .summary = "sign and publish the revocation list anew",
        .synopsis = "[--ca NAME] [--out FILE [--der]] [--dry-run] [--json]",
        .options = crl_options,
        .text = "Into DIR/publish/crl, and with --out as PEM (--der: DER) into "
                "FILE. A root that is kept apart is opened for it: not while "
                "DIR is served. Where no address was set, the file is what to "
                "hand on.",
        .example = "chancery ca crl --out issuing.crl.pem\n"
                   "chancery ca crl --ca root --root-dir /media/root",
        .exits = {{6, "there is no such authority"},
            {8, "the key is locked, or the root is not there"}},
        .run = run_ca_crl},
    {.words = NULL},
};
