-- A badge that nobody knows, on a slip that was printed for whoever has it: a code says which it is. Both are keyed hashes.
CREATE TABLE slip (
    hash  TEXT   PRIMARY KEY,
    badge TEXT   NOT NULL,
    ends  BIGINT NOT NULL
);
