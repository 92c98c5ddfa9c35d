#ifndef X509_CHAIN_POLICY_H
#define X509_CHAIN_POLICY_H

#include "base/bytes.h"

struct judgement;

/* Certificate policies (RFC 5280, 6.1.1 (c), (e) to (g)), by the graph of RFC
 * 9618: no input makes it grow beyond what it reads. */
struct policy_question {
    const struct bytes *initial; /* contents of OBJECT IDENTIFIERs; none:
                                    anyPolicy */
    size_t initial_count;
    bool require_explicit, inhibit_mapping, inhibit_any;
};

#define POLICIES_MAX 10000 /* nodes and edges of one path's graph together */

/* RULE_POLICY and RULE_POLICY_MAPPING over the whole path but the anchor, whose
 * policies and constraints of policies 6.1 does not read.  VERDICT_POLICY_-
 * VIOLATED, or VERDICT_BUDGET_EXCEEDED beyond POLICIES_MAX; the evidence of a
 * pass lists the policies that hold. */
bool judge_policies(struct judgement *judgement);

#endif
