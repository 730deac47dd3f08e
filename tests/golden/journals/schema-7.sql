BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'journal','2026-11-21 23:42:01',1,X'CC9952176D30BFA47743AE1C1F8559034C00B78E0F66A16BED0C47C2305E58C999D60BFA3D8E785F2BCB69BFA31CA5E9',1208333);
INSERT INTO "_sqlx_migrations" VALUES(2,'unwatched','2026-11-21 23:42:01',1,X'A398FD38399EC2878E48283A9AC06DC3BC647F86B0D74756A7DE4F3F2D4CD2BBE4C7409F19FB92B012E6EDE958075937',941397);
INSERT INTO "_sqlx_migrations" VALUES(3,'people','2026-11-21 23:42:01',1,X'5940264B2154AD5EF70428E60218FA388C4EFBAF5B9095EE3878E349B5EB98B0B2ADB0847C6C70E19C68DC3BDBECAEC1',843882);
INSERT INTO "_sqlx_migrations" VALUES(4,'pins','2026-11-21 23:42:01',1,X'9D997E154ED8F038CC4FFFAC97D6D35D1AD264CEE51F9F391877A330D0F9A3FC9A9CAF2A00A5874BDD2D40EFCC7920DA',765106);
INSERT INTO "_sqlx_migrations" VALUES(5,'slips','2026-11-21 23:42:01',1,X'0A7E826075E6E8EDCD66B8D5C51C851F0909B44ED933E20254CF99633292F94D1B4B0B5EA464CA2D54408C3C42BEA5A9',703944);
INSERT INTO "_sqlx_migrations" VALUES(6,'delegates','2026-11-21 23:42:01',1,X'CDD6C8C133D7853D2D894C1EE0A584E7D18A55DF864B5A4AC067E7CA11C3DD02D2F778F3583155805223D65A9BBDFA83',918654);
INSERT INTO "_sqlx_migrations" VALUES(7,'directory','2026-11-21 23:42:01',1,X'2B2E28A072ED099D9E0F260452554A690D7E7A3DCB69F26EB678138226528CA3EB274FB8737B44C250AD738BCA5CDECA',774660);
CREATE TABLE badge (
    hash   TEXT   PRIMARY KEY,
    person TEXT   NOT NULL,
    given  BIGINT NOT NULL,
    ends   BIGINT
, learned BIGINT);
INSERT INTO "badge" VALUES('fdf08a3ab05dbebba3675e95e4d1e8d208a1d1d12a6467da4b85a5f59e2a44e1','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6',1795304528464,NULL,NULL);
INSERT INTO "badge" VALUES('42cd48fb92a2aea6c8abb2462cf433822331d04c3117fcb419b143663298448f','22222222-3333-4444-5555-666666666666',1795304528464,NULL,NULL);
CREATE TABLE code (
    hash   TEXT   PRIMARY KEY,
    person TEXT   NOT NULL,
    ends   BIGINT NOT NULL
);
CREATE TABLE delegate (
    owner  TEXT   NOT NULL,
    person TEXT   NOT NULL,
    ends   BIGINT,
    PRIMARY KEY (owner, person)
);
INSERT INTO "delegate" VALUES('215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','22222222-3333-4444-5555-666666666666',NULL);
CREATE TABLE effect (
    job    BIGINT NOT NULL,
    effect BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (job, effect)
);
CREATE TABLE entry (
    number BIGINT PRIMARY KEY,
    job    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    detail TEXT   NOT NULL
);
INSERT INTO "entry" VALUES(1,1,1795304523309,'task-seen','');
INSERT INTO "entry" VALUES(2,1,1795304523315,'job-read','paused');
INSERT INTO "entry" VALUES(3,2,1795304524354,'task-seen','');
INSERT INTO "entry" VALUES(4,2,1795304524358,'job-read','paused');
INSERT INTO "entry" VALUES(5,3,1795304526486,'task-seen','');
INSERT INTO "entry" VALUES(6,3,1795304526491,'job-read','paused');
INSERT INTO "entry" VALUES(7,4,1795304527518,'task-seen','');
INSERT INTO "entry" VALUES(8,4,1795304527523,'job-read','paused');
INSERT INTO "entry" VALUES(9,0,1795304528464,'badges-given','2 by uid 0');
INSERT INTO "entry" VALUES(10,1,1795304528483,'released','to lobby by uid 0');
INSERT INTO "entry" VALUES(11,1,1795304528490,'printer-ready','');
INSERT INTO "entry" VALUES(12,1,1795304528492,'document-ready','10 octets of application/pdf');
INSERT INTO "entry" VALUES(13,1,1795304528498,'printer-job-created','job-id 1');
INSERT INTO "entry" VALUES(14,2,1795304528501,'abort-asked','by uid 0: The printer is being moved.');
INSERT INTO "entry" VALUES(15,1,1795304528503,'document-accepted','');
INSERT INTO "entry" VALUES(16,2,1795304528508,'done','');
INSERT INTO "entry" VALUES(17,2,1795304528512,'done','');
INSERT INTO "entry" VALUES(18,0,1795304528553,'pin-given','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6 by uid 0');
INSERT INTO "entry" VALUES(19,1,1795304528556,'printer-job-seen','Completed job-completed-successfully k-octets Some(1) impressions Some(1)');
INSERT INTO "entry" VALUES(20,1,1795304528564,'done','');
INSERT INTO "entry" VALUES(21,0,1795304528590,'badge-asked','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6 by uid 0');
CREATE TABLE installation (
    id TEXT PRIMARY KEY
, era BIGINT NOT NULL DEFAULT 0, unwatched BIGINT, stamps TEXT NOT NULL DEFAULT '', inode BIGINT);
INSERT INTO "installation" VALUES('8829f5d1',0,NULL,'16d8a13f',NULL);
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
INSERT INTO "job" VALUES(1,'14ac4ab2-5be2-42fa-bd1f-20bc0da0e816','7134b0d7-f319-4e61-86cd-2ebb868923db','5183','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','ada@contoso.example','Minutes','settled',9,8,NULL,'{"claimed":"2026-11-21T23:42:03.309549296Z","owner":{"id":"215e3f3b-31bd-4a0a-b847-59b5aa9e22a6","upn":"ada@contoso.example","name":"ada"},"created":"2026-11-21T23:42:03.1020473Z","configuration":{},"sent_gray":false,"cloud_document":{"id":"35ed2503-6af2-4db9-b947-ab68244f3c09","title":"Minutes","content_type":"application/pdf","octets":10},"terms":{"verdict":"hold","hold_until":"2026-11-22T23:42:03.1020473Z","hold_seconds":86400,"released_as_abort":false,"barred":null},"state":{"settled":"completed"},"reasons":{},"timers":{},"next_effect":8,"agreement":{"sent":[],"substitutions":[],"work":"application/pdf to application/pdf"},"document":{"work":"application/pdf to application/pdf","octets":10,"missing":""},"may_have_printed":false,"spooled":true,"attempts":1,"tries":0,"struggling_since":null,"suspect_since":null,"paused_seen":"2026-11-21T23:42:03.311098861Z"}');
INSERT INTO "job" VALUES(2,'4ea01ac5-8c73-4c1b-a1fb-576d3d37901b','7134b0d7-f319-4e61-86cd-2ebb868923db','5184','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','ada@contoso.example','Expenses','settled',5,4,NULL,'{"claimed":"2026-11-21T23:42:04.354381951Z","owner":{"id":"215e3f3b-31bd-4a0a-b847-59b5aa9e22a6","upn":"ada@contoso.example","name":"ada"},"created":"2026-11-21T23:42:04.3129959Z","configuration":{},"sent_gray":false,"cloud_document":{"id":"36371158-3e9c-429d-9ab4-d9596ad76c15","title":"Expenses","content_type":"application/pdf","octets":10},"terms":{"verdict":"hold","hold_until":"2026-11-22T23:42:04.3129959Z","hold_seconds":86400,"released_as_abort":false,"barred":null},"state":{"settled":{"aborted":{"by-administrator":"The printer is being moved."}}},"reasons":{},"timers":{},"next_effect":4,"agreement":null,"document":null,"may_have_printed":false,"spooled":false,"attempts":0,"tries":0,"struggling_since":null,"suspect_since":null,"paused_seen":"2026-11-21T23:42:04.355595407Z"}');
INSERT INTO "job" VALUES(3,'b4331fad-22e1-4198-b6f2-3d4307bb51fd','7134b0d7-f319-4e61-86cd-2ebb868923db','5185','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','ada@contoso.example','Boarding pass','held',2,1,1795305426491,'{"claimed":"2026-11-21T23:42:06.486781501Z","owner":{"id":"215e3f3b-31bd-4a0a-b847-59b5aa9e22a6","upn":"ada@contoso.example","name":"ada"},"created":"2026-11-21T23:42:05.5236552Z","configuration":{},"sent_gray":false,"cloud_document":{"id":"e2db08f7-19f9-4177-bdcc-503bddd292fb","title":"Boarding pass","content_type":"application/pdf","octets":10},"terms":{"verdict":"hold","hold_until":"2026-11-22T23:42:05.5236552Z","hold_seconds":86400,"released_as_abort":false,"barred":null},"state":"held","reasons":{},"timers":{"hold-limit":"2026-11-22T23:42:05.5236552Z","hold-limit-near":"2026-11-22T21:18:05.5236552Z","recheck":"2026-11-21T23:57:06.491131696Z"},"next_effect":2,"agreement":null,"document":null,"may_have_printed":false,"spooled":false,"attempts":0,"tries":0,"struggling_since":null,"suspect_since":null,"paused_seen":"2026-11-21T23:42:06.488272128Z"}');
INSERT INTO "job" VALUES(4,'c07812e2-e1a9-48cb-9882-889717923641','7134b0d7-f319-4e61-86cd-2ebb868923db','5186','215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','ada@contoso.example','Plans','held',2,1,1795305427522,'{"claimed":"2026-11-21T23:42:07.518457598Z","owner":{"id":"215e3f3b-31bd-4a0a-b847-59b5aa9e22a6","upn":"ada@contoso.example","name":"ada"},"created":"2026-11-21T23:42:06.736608Z","configuration":{},"sent_gray":false,"cloud_document":{"id":"403a6955-608d-4197-882b-08be97095741","title":"Plans","content_type":"application/pdf","octets":10},"terms":{"verdict":"hold","hold_until":"2026-11-22T23:42:06.736608Z","hold_seconds":86400,"released_as_abort":false,"barred":null},"state":"held","reasons":{},"timers":{"hold-limit":"2026-11-22T23:42:06.736608Z","hold-limit-near":"2026-11-22T21:18:06.736608Z","recheck":"2026-11-21T23:57:07.522975221Z"},"next_effect":2,"agreement":null,"document":null,"may_have_printed":false,"spooled":false,"attempts":0,"tries":0,"struggling_since":null,"suspect_since":null,"paused_seen":"2026-11-21T23:42:07.519782293Z"}');
CREATE TABLE person (
    id   TEXT PRIMARY KEY,
    upn  TEXT,
    name TEXT
);
INSERT INTO "person" VALUES('215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','ada@contoso.example','ada');
INSERT INTO "person" VALUES('22222222-3333-4444-5555-666666666666','bob@contoso.example','Bob');
CREATE TABLE pin (
    person TEXT PRIMARY KEY,
    hash   TEXT NOT NULL
);
INSERT INTO "pin" VALUES('215e3f3b-31bd-4a0a-b847-59b5aa9e22a6','$argon2id$v=19$m=19456,t=2,p=1$0YpgoMSbi8CvBE/kELehdQ$8VMqBFp3n+2XmxfyBaeIBIjMpoh4VOApkEKqHGEfkDk');
CREATE TABLE revoked (
    hash TEXT PRIMARY KEY
);
CREATE TABLE slip (
    hash  TEXT   PRIMARY KEY,
    badge TEXT   NOT NULL,
    ends  BIGINT NOT NULL
);
CREATE INDEX job_deadline ON job (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX job_state ON job (state, number);
CREATE INDEX job_owner ON job (owner, state);
CREATE INDEX entry_job ON entry (job, number);
CREATE INDEX job_open ON job (number) WHERE state <> 'settled';
CREATE INDEX badge_person ON badge (person);
CREATE INDEX person_upn ON person (lower(upn));
CREATE INDEX delegate_person ON delegate (person);
COMMIT;
