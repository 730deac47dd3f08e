-- One row a claimed job. What is asked for by column stands in columns; the rest is in the record (JSON).
CREATE TABLE job (
    number         BIGINT PRIMARY KEY,
    task           TEXT   NOT NULL UNIQUE,
    source_printer TEXT   NOT NULL,
    cloud_job      TEXT   NOT NULL,
    owner          TEXT,
    upn            TEXT,
    title          TEXT,
    state          TEXT   NOT NULL,
    revision       BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    deadline       BIGINT,
    record         TEXT   NOT NULL
);
CREATE INDEX job_deadline ON job (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX job_state ON job (state, number);
CREATE INDEX job_owner ON job (owner, state);

-- What happened and what was intended, append-only. Ids and codes, never personal data.
CREATE TABLE entry (
    number BIGINT PRIMARY KEY,
    job    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    detail TEXT   NOT NULL
);
CREATE INDEX entry_job ON entry (job, number);

-- Effects that were started and have not ended.
CREATE TABLE effect (
    job    BIGINT NOT NULL,
    effect BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (job, effect)
);

-- Who we are, for the tokens at printers.
CREATE TABLE installation (
    id TEXT PRIMARY KEY
);
