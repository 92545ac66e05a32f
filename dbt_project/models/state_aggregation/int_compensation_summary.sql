/*
  grain    one row a person employed at any time in the year, and world
  inputs   the pay segments of the operation compensation_changes
  formula  closing rate = rate of the last segment; paid = sum of the segments, each rounded to the cent by itself
*/
select
    any_value(simulation_year) as simulation_year,
    world_id,
    employee_id,
    any_value(identity_key) as identity_key,
    max(rate_cents) filter (where opened_by = 'opening') as opening_rate_cents,
    arg_max(rate_cents, segment_number) as closing_rate_cents,
    cast(sum(paid_cents) as bigint) as paid_cents,
    cast(sum(days) as integer) as days_paid
from {{ source('operations', 'compensation_changes') }}
group by world_id, employee_id
order by world_id, employee_id
