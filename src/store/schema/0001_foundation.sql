-- Rowid tables: a DER inside a WITHOUT ROWID tree costs four to eight times as
-- much to insert.  Every further index costs a page of the log per row.

CREATE TABLE authority (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    key_sha256 TEXT NOT NULL,
    parent INTEGER NOT NULL REFERENCES authority (id),
    issues INTEGER NOT NULL CHECK (issues IN (0, 1)),
    made_at INTEGER NOT NULL,
    certificate BLOB NOT NULL
) STRICT;

-- The DER stands last: a walk over the other columns does not follow it into
-- overflow pages.
CREATE TABLE certificate (
    id INTEGER PRIMARY KEY,
    serial BLOB NOT NULL UNIQUE CHECK (length(serial) > 0),
    authority INTEGER NOT NULL REFERENCES authority (id),
    profile TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    status INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
    revoked_at INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    origin TEXT,
    der BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX certificate_origin ON certificate (origin)
    WHERE origin IS NOT NULL;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE number (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
