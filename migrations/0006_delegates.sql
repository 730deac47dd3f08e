-- Who may collect for whom.
CREATE TABLE delegate (
    owner  TEXT   NOT NULL,
    person TEXT   NOT NULL,
    ends   BIGINT,
    PRIMARY KEY (owner, person)
);
CREATE INDEX delegate_person ON delegate (person);
