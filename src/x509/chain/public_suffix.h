#ifndef X509_CHAIN_PUBLIC_SUFFIX_H
#define X509_CHAIN_PUBLIC_SUFFIX_H

#include "base/bytes.h"

/*
 * Do strangers register names below this one ("com", "co.uk",
 * "s3.amazonaws.com"), by the Public Suffix List that libpsl was built with,
 * its private domains among them (CA/Browser Forum BR, 3.2.2.6)?  Every name of
 * one label is one.  A well-formed host is assumed.
 */
bool is_public_suffix(struct bytes host);

#endif
