#include "cli/command_options.h"

static const struct command_option verify_options[] = {
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option show_options[] = {
    {.name = "since",
        .argument = "T",
        .help = "from this time on: 2026-11-21T00:00:00Z, or 7d for the last "
                "seven days"},
    {.name = "kind",
        .argument = "KIND",
        .help = "of this kind alone (docs/journal.md)"},
    {.name = "object",
        .argument = "OBJECT",
        .help = "about this alone: a serial, the id of a request, a name"},
    {.name = "actor",
        .argument = "ACTOR",
        .help = "caused by this one alone: uid:0, alice, keeper"},
    {.name = "limit", .argument = "N", .help = "the last N of them"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option export_options[] = {
    {.name = "format",
        .argument = "FORMAT",
        .values = "jsonl csv",
        .help = "jsonl (a JSON object on each line; the default) or csv"},
    OPTION_OUT,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option doctor_options[] = {
    {.name = "accept-clock",
        .help = "the clock is right as it is: go on issuing"},
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_journal[] = {
    {.words = "audit verify",
        .summary = "tell whether the journal is whole",
        .synopsis = "[--json]",
        .options = verify_options,
        .text = "Recomputes the chain of events, checks every checkpoint that "
                "the signer signed, the sign log, and that certificates, "
                "events and signatures agree. Reads alone; a server may go "
                "on. What came after the last checkpoint is told: it is held "
                "by the chain alone.",
        .example = "chancery audit verify",
        .exits = {{0, "it is whole"},
            {1, "it is not: the first event that is wrong is named"}},
        .run = run_audit_verify},
    {.words = "audit show",
        .summary = "list events of the journal",
        .synopsis = "[--since T] [--kind KIND] [--object OBJECT] "
                    "[--actor ACTOR] [--limit N] [--json]",
        .options = show_options,
        .text = "In their order: number, time, kind, who caused it, what it is "
                "about. --json shows their details, too.",
        .example = "chancery audit show --since 7d --kind refused\n"
                   "chancery audit show --object 1f2e... --json",
        .run = run_audit_show},
    {.words = "audit export",
        .summary = "write out the whole journal",
        .synopsis = "[--format jsonl|csv] [--out FILE] [--force]",
        .options = export_options,
        .text = "On standard output, or in FILE. docs/verify_journal.py "
                "verifies the lines of jsonl without Chancery.",
        .example = "chancery audit export --out journal.jsonl\n"
                   "python3 verify_journal.py journal.jsonl issuing.crt",
        .exits = {{7, "FILE is there already"}},
        .run = run_audit_export},
    {.words = "doctor",
        .summary = "look for what is wrong with the authority",
        .synopsis = "[--accept-clock [--dry-run]] [--json]",
        .options = doctor_options,
        .text = "Looks at the clock, the store, the journal, and who may read "
                "the keys. With --accept-clock it says instead that the clock "
                "is right: issuance stops when the clock is behind the "
                "journal, or jumps, and goes on from then.",
        .example = "chancery doctor\n"
                   "chancery doctor --accept-clock",
        .exits = {{0, "nothing is wrong"}, {1, "something is"}},
        .run = run_doctor},
    {.words = NULL},
};
