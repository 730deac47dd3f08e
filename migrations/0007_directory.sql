-- When the directory last said that a badge is a person's; NULL where that was not learned there.
ALTER TABLE badge ADD COLUMN learned BIGINT;
-- Badges that were taken away here: the directory does not give them back.
CREATE TABLE revoked (
    hash TEXT PRIMARY KEY
);
