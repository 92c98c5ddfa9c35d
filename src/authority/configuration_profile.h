#ifndef AUTHORITY_CONFIGURATION_PROFILE_H
#define AUTHORITY_CONFIGURATION_PROFILE_H

#include "authority/configuration_setting.h"

/* What a profile says about names; into: a struct profile. */
MUST_CHECK bool profile_read_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why);
MUST_CHECK bool profile_read_names_required(
    const struct yaml_document *document, const struct yaml_node *node,
    void *into, struct failure *why);
MUST_CHECK bool profile_read_allowed_names(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why);
MUST_CHECK bool profile_read_wildcards(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why);
MUST_CHECK bool profile_read_subject(const struct yaml_document *document,
    const struct yaml_node *node, void *into, struct failure *why);

#endif
