-- Whose a badge is. A person is the directory's object id; a badge is a keyed hash of its number, never the number.
CREATE TABLE person (
    id   TEXT PRIMARY KEY,
    upn  TEXT,
    name TEXT
);
CREATE TABLE badge (
    hash   TEXT   PRIMARY KEY,
    person TEXT   NOT NULL,
    given  BIGINT NOT NULL,
    ends   BIGINT
);
CREATE INDEX badge_person ON badge (person);
