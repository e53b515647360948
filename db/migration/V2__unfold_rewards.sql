-- For people with psql: the reward log, one row a rollout. Plain SQL for PostgreSQL 15; the service itself decodes in
-- Java, and a test holds the two against each other.

create function reward_batch_uint16(bytes bytea, at integer) returns integer
language sql immutable strict parallel safe
return get_byte(bytes, at) | (get_byte(bytes, at + 1) << 8);

create function reward_batch_int32(bytes bytea, at integer) returns integer
language sql immutable strict parallel safe
return get_byte(bytes, at) | (get_byte(bytes, at + 1) << 8)
    | (get_byte(bytes, at + 2) << 16) | (get_byte(bytes, at + 3) << 24);

-- sign * fraction * 2^exponent, exact in double precision; subnormal where the exponent's bits are 0. Rewards are
-- finite.
create function reward_batch_float32(bits integer) returns real
language sql immutable strict parallel safe
return (case when bits < 0 then -1 else 1 end::double precision
        * ((bits & 8388607) + case when (bits >> 23) & 255 = 0 then 0 else 8388608 end)::double precision
        * power(2::double precision, greatest((bits >> 23) & 255, 1) - 150))::real;

create function reward_batch_unknown(version integer) returns integer
language plpgsql immutable strict parallel safe as $$
begin
    raise exception 'The reward log holds a batch of version %; reward_batch_rollouts knows version 1', version;
end $$;

comment on function reward_batch_unknown is 'raises an error';

create function reward_batch_rollouts(packed bytea)
returns table (ordinal integer, rollout integer, reward real)
language sql immutable strict parallel safe as $$
    -- A copy that lies in memory as it is: get_byte would fetch all of a packed column for every byte.
    with batch as materialized (
        select packed || ''::bytea as bytes
    ), header as materialized (
        select get_byte(bytes, 1) as delta_bytes,
               get_byte(bytes, 2) as rollout_bytes,
               get_byte(bytes, 3) as code_bits,
               case get_byte(bytes, 0) when 1 then reward_batch_int32(bytes, 4)
                                       else reward_batch_unknown(get_byte(bytes, 0)) end as samples,
               reward_batch_int32(bytes, 12) as first_ordinal,
               reward_batch_uint16(bytes, 16) as same_rollouts,
               20 + 4 * reward_batch_uint16(bytes, 18) as deltas_at
        from batch
    ), dictionary as materialized (
        select array_agg(reward_batch_float32(reward_batch_int32(bytes, at)) order by at) as rewards
        from batch, header, generate_series(20, deltas_at - 4, 4) at
    ), sample as materialized (
        select i,
               case delta_bytes when 1 then get_byte(bytes, deltas_at + i)
                                when 2 then reward_batch_uint16(bytes, deltas_at + 2 * i)
                                else reward_batch_int32(bytes, deltas_at + 4 * i) end as delta,
               case rollout_bytes when 0 then same_rollouts
                                  else reward_batch_uint16(bytes, deltas_at + delta_bytes * samples + 2 * i) end as rollouts
        from batch, header, generate_series(0, samples - 1) i
    ), placed as materialized (
        select first_ordinal + (sum(delta) over w)::integer as ordinal, rollouts,
               (sum(rollouts) over w)::integer - rollouts as first_reward,
               deltas_at + (delta_bytes + rollout_bytes) * samples as codes_at, code_bits
        from sample, header
        window w as (order by i)
    )
    select ordinal, n,
           case code_bits
             when 0 then rewards[1]
             when 32 then reward_batch_float32(reward_batch_int32(bytes, codes_at + 4 * (first_reward + n - 1)))
             else rewards[1 + ((get_byte(bytes, codes_at + (first_reward + n - 1) / (8 / code_bits))
                                >> ((first_reward + n - 1) % (8 / code_bits) * code_bits))
                               & ((1 << code_bits) - 1))]
           end
    from batch, dictionary, placed, generate_series(1, rollouts) n
$$;

comment on function reward_batch_rollouts is
    'unfolds reward_batch.packed: ordinals in ascending order, rollouts from 1 in the order in which they were sent';

create view rollout as
select b.run, b.epoch, b.batch, b.step, b.revision, s.sample_id as sample, u.rollout, u.reward
from reward_batch b
join run r on r.run = b.run
cross join lateral reward_batch_rollouts(b.packed) u
join sample s on s.dataset = r.dataset and s.ordinal = u.ordinal
where b.ended_at is null;

comment on view rollout is 'every rollout reward in force; the rollouts of a sample are numbered in their batch from 1';
