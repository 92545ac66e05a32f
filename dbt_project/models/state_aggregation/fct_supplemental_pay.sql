/*
  grain    one row a person paid a bonus or overtime in the year, and world; no rows where the census has neither
  meaning  bonus and overtime are the part of the snapshot's paid_compensation that is no pay at the yearly rate
  inputs   the census's yearly bonus and overtime, days paid by the pay segments, what the plan counts
  formula  an amount is the same every year, without a raise, and paid by the day: round(amount x days / days of the year).
           Somebody of the census has the file's for good; a hire has the average of everybody of the census at the level of
           1 January, or of the hire. Counted: the yearly amounts that are pay to the plan; uncounted:
           what was paid of the others
  check    5,000 for 184 of 365 days: 2,520.55
*/
with census as (
    select identity_key, bonus_cents, overtime_cents
    from {{ ref('stg_census') }}
    where bonus_cents + overtime_cents > 0
),

levels as (
    select
        scenario_id,
        level_id,
        {{ mul_div_round('sum(bonus_cents)', 1, 'count(*)') }} as bonus_cents,
        {{ mul_div_round('sum(overtime_cents)', 1, 'count(*)') }} as overtime_cents
    from {{ ref('int_baseline_workforce') }}
    group by scenario_id, level_id
    having sum(bonus_cents) + sum(overtime_cents) > 0
),

people as (
    select world_id, identity_key, employee_id, level_id
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, identity_key, employee_id, level_id
    from {{ ref('int_hiring_events') }}
),

amounts as (
    select people.world_id, people.identity_key, people.employee_id, census.bonus_cents, census.overtime_cents
    from people
    inner join census using (identity_key)
    union all
    select people.world_id, people.identity_key, people.employee_id, levels.bonus_cents, levels.overtime_cents
    from people
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join levels on worlds.scenario_id = levels.scenario_id and people.level_id = levels.level_id
    where people.identity_key not in (select identity_key from {{ ref('stg_census') }})
),

days as (
    select world_id, identity_key, cast(sum(pay.days) as integer) as days_paid
    from {{ source('operations', 'compensation_changes') }} as pay
    semi join amounts using (world_id, identity_key)
    group by world_id, identity_key
),

paid as (
    select
        worlds.scenario_id,
        worlds.seed,
        worlds.simulation_year,
        world_id,
        amounts.employee_id,
        identity_key,
        cast(
            if(design.counts_bonus, amounts.bonus_cents, 0) + if(design.counts_overtime, amounts.overtime_cents, 0) as bigint
        ) as counted_cents,
        {%- for pay in ['bonus', 'overtime'] %}
        cast({{ mul_div_round('amounts.' ~ pay ~ '_cents', 'days.days_paid', 'worlds.days_in_year') }} as bigint)
            as {{ pay }}_paid_cents,
        {%- endfor %}
        if(design.counts_bonus, 0, bonus_paid_cents) + if(design.counts_overtime, 0, overtime_paid_cents)
            as uncounted_paid_cents
    from amounts
    inner join days using (world_id, identity_key)
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
)

select
    scenario_id,
    seed,
    simulation_year,
    employee_id,
    {{ to_money('bonus_paid_cents') }} as bonus,
    {{ to_money('overtime_paid_cents') }} as overtime,
    world_id,
    identity_key,
    counted_cents,
    uncounted_paid_cents
from paid
order by world_id, employee_id
