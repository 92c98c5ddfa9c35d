#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/bytes.h"

/*
 * Files that are whole or not there.  Reasons name the path, what was tried
 * and errno in words; where access is refused also owner, mode, who asks and
 * what would be required (kb 13).
 *
 * Kinds: FAILURE_NOT_FOUND, FAILURE_FORBIDDEN (access), FAILURE_CONFLICT (it
 * exists), FAILURE_UNAVAILABLE (no space, input/output error),
 * FAILURE_UNSUITABLE (above the ceiling, wrong mode or owner, not a file).
 */

/* Appends a regular file's contents; follows links.  "-" is standard input when
 * allowed by the caller passing it.  Failing, it appends nothing. */
MUST_CHECK bool file_read(
    const char *path, struct buffer *contents, struct failure *why);
/* From an open descriptor, from its present offset to its end. */
MUST_CHECK bool descriptor_read(int descriptor, const char *name,
    struct buffer *contents, struct failure *why);
MUST_CHECK bool descriptor_write(int descriptor, const char *name,
    struct bytes contents, struct failure *why);
/* At this offset; its present one stays as it is. */
MUST_CHECK bool descriptor_write_at(int descriptor, const char *name,
    struct bytes contents, uint64_t offset, struct failure *why);
/* A secret of 1 byte to 64 KiB; one final newline is dropped. */
MUST_CHECK bool descriptor_read_secret(int descriptor, const char *name,
    struct secret *secret, struct failure *why);

enum file_replace { FILE_NEW_ONLY, FILE_REPLACE };

/*
 * Writes beside the path, fsyncs, renames (or links, FILE_NEW_ONLY: an existing
 * file is FAILURE_CONFLICT and stays as it was; FILE_REPLACE: what is neither a
 * file nor a link is FAILURE_UNSUITABLE), fsyncs the folder.  After a
 * failure or a kill the path is as before or new, never between.  The mode is
 * the file's, whatever the umask.
 */
MUST_CHECK bool file_write(const char *path, struct bytes contents, mode_t mode,
    enum file_replace replace, struct failure *why);

/* As file_write with FILE_REPLACE: the contents are a part of another file,
 * copied in pieces. */
MUST_CHECK bool file_write_part(const char *path, int source, uint64_t offset,
    uint64_t length, mode_t mode, struct failure *why);

/* open(2) with O_CLOEXEC | O_NOFOLLOW and the reasons above. */
MUST_CHECK bool file_open(const char *path, int flags, mode_t mode,
    int *descriptor, struct failure *why);

/* Refuses a file or folder that others than its owner (and root) may read or
 * write: permissions in mode (0077, say) must be off, the owner must be uid. */
MUST_CHECK bool file_check_private(int descriptor, const char *path,
    uid_t owner, mode_t forbidden, struct failure *why);

/* FAILURE_CONFLICT when it exists.  The folder it stands in is fsynced. */
MUST_CHECK bool folder_make(const char *path, mode_t mode, struct failure *why);
/* One that is there stays as it is. */
MUST_CHECK bool folder_make_missing(
    const char *path, mode_t mode, struct failure *why);
MUST_CHECK bool folder_sync(const char *path, struct failure *why);
/* Removes a tree of at most 32 levels without following links. */
MUST_CHECK bool folder_remove(const char *path, struct failure *why);

/* "directory/name" in room bytes; too long is FAILURE_UNSUITABLE. */
#define PATH_ROOM 1024
MUST_CHECK bool path_join(char path[static PATH_ROOM], const char *directory,
    const char *name, struct failure *why);

/* Records why the call on the path failed, with errno's kind and words (and
 * owner and mode for EACCES).  Always false. */
bool fail_in_file(struct failure *why, const char *doing, const char *path);

#endif
