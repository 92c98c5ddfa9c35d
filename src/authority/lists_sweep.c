#include "authority/lists.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <unistd.h>

#include "base/file.h"
#include "base/scoped.h"

DEFINE_SCOPED(DIR, (void)closedir)

#define FOUR_DIGITS "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"

/* What lists.c and base/file.c write before it has its name. */
static bool is_left_over(const char *name)
{
    return fnmatch(".list-??????", name, 0) == 0 ||
           fnmatch(".*." FOUR_DIGITS FOUR_DIGITS FOUR_DIGITS FOUR_DIGITS, name,
               0) == 0;
}

static bool sweep_folder(
    const char *path, unsigned int depth, struct failure *why);

static bool sweep_entry(DIR *folder, const struct dirent *entry,
    const char *path, unsigned int depth, struct failure *why)
{
    char within[PATH_ROOM];

    if (!path_join(within, path, entry->d_name, why))
        return false;
    if (is_left_over(entry->d_name))
        return unlinkat(dirfd(folder), entry->d_name, 0) == 0 ||
               fail_in_file(why, "removing", within);
    return entry->d_name[0] == '.' || entry->d_type != DT_DIR || depth == 0 ||
           sweep_folder(within, depth - 1, why);
}

/* No lists yet: no folder. */
static bool sweep_folder(
    const char *path, unsigned int depth, struct failure *why)
{
    SCOPED(DIR) *folder = opendir(path);
    const struct dirent *entry;
    bool ok = true;

    if (folder == NULL)
        return errno == ENOENT || fail_in_file(why, "looking into", path);
    while ((entry = readdir(folder)) != NULL)
        ok = sweep_entry(folder, entry, path, depth, why) && ok;
    return ok;
}

/* publish/, publish/crl/, publish/crl/NAME/ (and publish/ca/). */
bool lists_sweep(const struct authority *authority, struct failure *why)
{
    return sweep_folder(authority->publish, 2, why);
}
