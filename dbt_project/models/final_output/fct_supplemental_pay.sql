/*
  grain    one row a person paid a bonus or overtime in the year, a scenario and a seed; no rows where the census has neither
  meaning  the part of the snapshot's paid_compensation that is no pay at the yearly rate
*/
select
    worlds.scenario_id,
    worlds.seed,
    pay.simulation_year,
    pay.employee_id,
    {{ to_money('pay.bonus_paid_cents') }} as bonus,
    {{ to_money('pay.overtime_paid_cents') }} as overtime
from {{ ref('int_supplemental_pay') }} as pay
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
order by worlds.scenario_id, worlds.seed, pay.employee_id
