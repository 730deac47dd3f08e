-- People who were forgotten here, by pseudonym: a keyed hash of the object id. What stands in the file `forgotten` and
-- not here is done again, as after a restored backup.
CREATE TABLE forgotten (
    pseudonym TEXT   PRIMARY KEY,
    at        BIGINT NOT NULL
);
-- Entries up to this number name people by pseudonyms.
ALTER TABLE installation ADD COLUMN pseudonymous BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entry_at ON entry (at);
