-- What people type beside a badge, or to give themselves one. A PIN is kept as argon2id, an activation code as a keyed
-- hash; a code is used once.
CREATE TABLE pin (
    person TEXT PRIMARY KEY,
    hash   TEXT NOT NULL
);
CREATE TABLE code (
    hash   TEXT   PRIMARY KEY,
    person TEXT   NOT NULL,
    ends   BIGINT NOT NULL
);
CREATE INDEX person_upn ON person (lower(upn));
