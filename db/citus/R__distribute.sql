-- Spreads the tables over the workers of a Citus cluster, by run or by dataset; docs/scaling.md says when one needs it.
-- Switched on by spring.flyway.locations=classpath:db/migration,classpath:db/citus. It runs at every start, after the
-- migrations, so that what a migration has added is spread too: ${flyway:timestamp}

do $$
begin
    if to_regclass('pg_dist_partition') is null then
        raise exception 'This database has no Citus: create extension citus, or leave db/citus out of spring.flyway.locations';
    end if;
end $$;

set local citus.multi_shard_modify_mode = 'sequential';

-- Before the tables: queries of one run call these on the worker where it lies. Those that others call come first. The
-- view `rollout` is for one server: it joins runs with samples, which lie apart here.
do $$
declare
    of_ours regprocedure;
begin
    for of_ours in
        select p.oid from pg_proc p
        where p.pronamespace = current_schema()::regnamespace
          and not exists (select from pg_depend d
                          where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
        order by p.oid
    loop
        perform create_distributed_function(of_ours);
    end loop;
end $$;

-- A table after those that it refers to; a run's rows lie where the run lies, a dataset's where the dataset lies.
do $$
declare
    planned record;
begin
    for planned in
        select to_regclass(format('%I.%I', current_schema(), plan.name)) as relation, plan.key, plan.colocated
        from (values (1, 'dataset',      'dataset', 'none'),
                     (2, 'sample',       'dataset', 'dataset'),
                     (3, 'run',          'run',     'none'),
                     (4, 'run_epoch',    'run',     'run'),
                     (5, 'run_attempt',  'run',     'run'),
                     (6, 'reward_batch', 'run',     'run'),
                     (7, 'subset',       'run',     'run')) plan (place, name, key, colocated)
        order by plan.place
    loop
        if planned.relation is not null
           and not exists (select from pg_dist_partition p where p.logicalrelid = planned.relation) then
            perform create_distributed_table(planned.relation, planned.key, colocate_with => planned.colocated);
        end if;
    end loop;
end $$;
