-- A frozen subset holds all that its answers are made of, but for the samples' ids and records: it depends on no reward,
-- no setting and no version of the service.
alter table subset
    add column request json not null,
    add column ranks   integer[] not null;

comment on column subset.request is 'the parameters that it was asked for with, as given; a retry is known by them';
comment on column subset.selected_by is 'what they stood for when it was frozen: strategy, settings, epochs, selection';
comment on column subset.size is 'how many samples; the length of each array';
comment on column subset.sha256 is 'over the ids in byte order, each followed by a line feed';
comment on column subset.ordinals is 'its samples, in the order of their ranks';
comment on column subset.ranks is 'of each, in the whole ranking';
comment on column subset.scores is 'of each';
comment on column subset.revision is 'of the run that it was selected from';
