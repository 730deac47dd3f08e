-- Drawn anew at each restore of a backup: a part of the tokens at printers, so that none is used twice.
ALTER TABLE installation ADD COLUMN era BIGINT NOT NULL DEFAULT 0;
-- Until when jobs could have been released without this journal, in milliseconds of the cloud's clock; 0 while that
-- is not known; NULL if never.
ALTER TABLE installation ADD COLUMN unwatched BIGINT;

CREATE INDEX job_open ON job (number) WHERE state <> 'settled';
-- What may stand in the task definition from starts of this journal, oldest first: a stamp of this installation that is
-- not among them is that of a copy.
ALTER TABLE installation ADD COLUMN stamps TEXT NOT NULL DEFAULT '';
-- The number of this file in its file system: a copy has another. NULL where that is to be learned at the next start.
ALTER TABLE installation ADD COLUMN inode BIGINT;
