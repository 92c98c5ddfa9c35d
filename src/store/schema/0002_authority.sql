-- What a whole authority remembers: revocations and their lists, requests and
-- approvals, people, tokens, accounts.  A number of 0 names nothing.  The
-- triggers hold what no program may do, a faulty one included.

ALTER TABLE authority ADD COLUMN state INTEGER NOT NULL DEFAULT 0
    CHECK (state IN (0, 1, 2, 3));
ALTER TABLE authority ADD COLUMN crl_shards INTEGER NOT NULL DEFAULT 1
    CHECK (crl_shards >= 1);
ALTER TABLE authority ADD COLUMN follows INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER authority_keeps_its_shards
BEFORE UPDATE OF crl_shards ON authority
BEGIN
    SELECT RAISE(ABORT, 'the CRL shards of an authority are fixed');
END;

-- No index: issuing must not get slower.
ALTER TABLE certificate ADD COLUMN request INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN actor TEXT NOT NULL DEFAULT '';

CREATE TRIGGER certificate_does_not_change
BEFORE UPDATE OF id, serial, authority, not_after, der ON certificate
BEGIN
    SELECT RAISE(ABORT, 'a certificate does not change');
END;

CREATE TRIGGER certificate_revoked_stays_revoked
BEFORE UPDATE OF status ON certificate
WHEN OLD.status = 1 AND NEW.status <> 1
BEGIN
    SELECT RAISE(ABORT, 'a revoked certificate stays revoked');
END;

-- A day more, for clocks that are wrong.
CREATE TRIGGER certificate_revoked_stays
BEFORE DELETE ON certificate
WHEN OLD.status = 1
    AND OLD.not_after + 86400 >= CAST(strftime('%s', 'now') AS INTEGER)
BEGIN
    SELECT RAISE(ABORT, 'a revoked certificate stays until it has expired');
END;

-- Narrow rows, all in one tree: a list of a million is one walk.
CREATE TABLE revocation (
    certificate INTEGER PRIMARY KEY REFERENCES certificate (id),
    authority INTEGER NOT NULL,
    shard INTEGER NOT NULL CHECK (shard >= 0),
    serial BLOB NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason INTEGER NOT NULL CHECK (reason IN (0, 1, 2, 3, 4, 5, 6, 9, 10)),
    not_after INTEGER NOT NULL,
    change INTEGER NOT NULL
) STRICT;
CREATE INDEX revocation_change ON revocation (change);

CREATE TRIGGER revocation_does_not_change
BEFORE UPDATE ON revocation
WHEN OLD.reason <> 6
BEGIN
    SELECT RAISE(ABORT, 'a revocation does not change');
END;

CREATE TRIGGER revocation_stays
BEFORE DELETE ON revocation
WHEN OLD.reason <> 6
    AND OLD.not_after + 86400 >= CAST(strftime('%s', 'now') AS INTEGER)
BEGIN
    SELECT RAISE(ABORT, 'a revocation stays until the certificate has expired');
END;

-- Holds that ended, for lists that tell what changed.
CREATE TABLE released (
    certificate INTEGER PRIMARY KEY REFERENCES certificate (id),
    authority INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    serial BLOB NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason INTEGER NOT NULL CHECK (reason = 8),
    not_after INTEGER NOT NULL,
    change INTEGER NOT NULL
) STRICT;
CREATE INDEX released_change ON released (change);

INSERT INTO revocation (certificate, authority, shard, serial, revoked_at,
    reason, not_after, change)
SELECT id, authority, 0, serial, revoked_at,
    CASE WHEN status = 2 THEN 6 WHEN reason IN (6, 8) THEN 0 ELSE reason END,
    not_after, row_number() OVER (ORDER BY id)
FROM certificate WHERE status <> 0 ORDER BY id;
INSERT INTO number (name, value)
SELECT 'status-change', count(*) FROM revocation;

CREATE TABLE crl (
    authority INTEGER NOT NULL REFERENCES authority (id),
    kind INTEGER NOT NULL CHECK (kind >= -2),
    number INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    change INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (authority, kind)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER crl_number_grows
BEFORE UPDATE ON crl
WHEN NEW.number <= OLD.number
BEGIN
    SELECT RAISE(ABORT, 'the number of a CRL only grows');
END;

CREATE TRIGGER crl_number_stays
BEFORE DELETE ON crl
BEGIN
    SELECT RAISE(ABORT, 'the number of a CRL only grows');
END;

CREATE TABLE cross_certificate (
    id INTEGER PRIMARY KEY,
    authority INTEGER REFERENCES authority (id),
    kind TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    certificate BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE awaited (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    key_sha256 TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    crl_shards INTEGER NOT NULL CHECK (crl_shards >= 1),
    follows INTEGER NOT NULL,
    request BLOB NOT NULL
) STRICT;

-- By the hash of its text: what was used is kept as it was.
CREATE TABLE profile_version (
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

CREATE TRIGGER profile_version_does_not_change
BEFORE UPDATE ON profile_version
BEGIN
    SELECT RAISE(ABORT, 'a version of a profile does not change');
END;

CREATE TRIGGER profile_version_stays
BEFORE DELETE ON profile_version
BEGIN
    SELECT RAISE(ABORT, 'a version of a profile stays');
END;

CREATE TABLE request (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3, 4)),
    key_sha256 TEXT NOT NULL,
    authority INTEGER NOT NULL REFERENCES authority (id),
    profile TEXT NOT NULL,
    profile_sha256 TEXT NOT NULL REFERENCES profile_version (sha256),
    door TEXT NOT NULL,
    actor TEXT NOT NULL,
    person INTEGER NOT NULL,
    lifetime_s INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    origin TEXT,
    approvals_needed INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    certificate INTEGER NOT NULL,
    subject BLOB NOT NULL,
    general_names BLOB NOT NULL,
    der BLOB NOT NULL
) STRICT;
CREATE INDEX request_state ON request (state);
CREATE INDEX request_key ON request (key_sha256);
CREATE UNIQUE INDEX request_origin ON request (origin)
    WHERE origin IS NOT NULL;

CREATE TRIGGER request_keeps_what_was_asked
BEFORE UPDATE OF number, id, key_sha256, authority, profile, profile_sha256,
    subject, general_names, der ON request
BEGIN
    SELECT RAISE(ABORT, 'what was asked does not change');
END;

CREATE TABLE approval (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES request (number),
    who TEXT NOT NULL CHECK (who <> ''),
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (request, who)
) STRICT;

CREATE TABLE pause (
    profile TEXT PRIMARY KEY CHECK (profile <> ''),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    role INTEGER NOT NULL CHECK (role IN (1, 2, 3, 4)),
    certificate_sha256 TEXT NOT NULL,
    certificate_not_after INTEGER NOT NULL,
    local_user INTEGER NOT NULL CHECK (local_user >= -1),
    link_sha256 TEXT NOT NULL,
    link_until INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX person_certificate ON person (certificate_sha256)
    WHERE ended_at = 0 AND certificate_sha256 <> '';
CREATE UNIQUE INDEX person_local_user ON person (local_user)
    WHERE ended_at = 0 AND local_user >= 0;
CREATE UNIQUE INDEX person_link ON person (link_sha256)
    WHERE ended_at = 0 AND link_sha256 <> '';

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    sha256 TEXT NOT NULL UNIQUE CHECK (sha256 <> ''),
    role INTEGER NOT NULL CHECK (role IN (1, 2, 3, 4)),
    profiles TEXT NOT NULL,
    names TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    password TEXT NOT NULL CHECK (password <> ''),
    profiles TEXT NOT NULL,
    names TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT;
