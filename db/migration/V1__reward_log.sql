-- Every table is keyed by `run` or `dataset`, and nothing refers across the two, so that hash partitions or Citus can
-- spread them without a change. Slugs are the keys; collation "C" compares bytes.

create table dataset (
    dataset    text collate "C" not null primary key,
    samples    integer not null default 0,
    revision   bigint not null default 0,
    created_at timestamptz not null
);

comment on column dataset.samples is 'how many ordinals are given; the next one';
comment on column dataset.revision is 'one more for every committed change of records';

create table sample (
    dataset   text collate "C" not null references dataset (dataset),
    ordinal   integer not null,
    sample_id text collate "C" not null,
    record    json,
    primary key (dataset, ordinal),
    unique (dataset, sample_id)
);

comment on column sample.ordinal is 'dense index in the dataset, given once, never reused';
comment on column sample.record is 'json, not jsonb: it comes back as it went in';

create table run (
    run               text collate "C" not null primary key,
    incarnation       uuid not null,
    dataset           text collate "C" not null,
    reward            text not null,
    correct_at        real,
    reward_max        real not null,
    missing           text not null,
    batches_per_epoch integer,
    closed_dataset    boolean not null,
    created_with      json not null,
    tags              jsonb not null,
    attempt           integer not null,
    revision          bigint not null,
    finished          boolean not null,
    created_at        timestamptz not null,
    last_write_at     timestamptz not null,
    deleted_at        timestamptz
);

comment on column run.incarnation is 'a run that was deleted and made anew is another one';
comment on column run.created_with is 'the settings of the PUT that created it; later ones are compared with these';
comment on column run.deleted_at is 'a deleted run keeps its row, so that a writer that is still alive does not bring it back';

create index run_tags on run using gin (tags jsonb_path_ops);

create table run_epoch (
    run    text collate "C" not null references run (run) on delete cascade,
    epoch  integer not null,
    closed boolean not null,
    primary key (run, epoch)
);

create table run_attempt (
    run         text collate "C" not null references run (run) on delete cascade,
    attempt     integer not null,
    after_step  bigint,
    after_epoch integer,
    discarded   integer not null,
    revision    bigint not null,
    begun_at    timestamptz not null,
    primary key (run, attempt)
);

-- The reward log: one packed row a batch, never changed but for `ended_at` and `ended_by`.
create table reward_batch (
    run          text collate "C" not null references run (run) on delete cascade,
    revision     bigint not null,
    epoch        integer not null,
    batch        text collate "C" not null,
    attempt      integer not null,
    step         bigint,
    samples      integer not null,
    rollouts     integer not null,
    digest       bytea not null,
    packed       bytea not null,
    written_at   timestamptz not null,
    ended_at     bigint,
    ended_by     text,
    primary key (run, revision)
);

-- The codec packs harder than pglz would, and faster.
alter table reward_batch alter column packed set storage external;

comment on column reward_batch.packed is 'see the function reward_batch_rollouts and docs/adr/0003-reward-log.md';
comment on column reward_batch.ended_at is 'the revision that ended it; null while it is in force';
comment on column reward_batch.ended_by is 'replaced, deleted or discarded';

create unique index reward_batch_in_force on reward_batch (run, epoch, batch) where ended_at is null;
create index reward_batch_ended on reward_batch (run, ended_at) where ended_at is not null;

create table subset (
    run         text collate "C" not null references run (run) on delete cascade,
    name        text collate "C" not null,
    selected_by json not null,
    size        integer not null,
    sha256      text not null,
    ordinals    integer[] not null,
    scores      double precision[] not null,
    revision    bigint not null,
    created_at  timestamptz not null,
    primary key (run, name)
);
