/*
  grain    one row a highly compensated person and world, for the plan's tests of this year
  inputs   the opening workforce with last year's pay and ownership, who left last year, the plan's election, the threshold
  formula  IRC 414(q): a 5 % owner this or last year, or paid last year above the threshold; with the top-paid election only
           who was among the best paid fifth then (IRC 414(q)(3)), by pay, ties by identity_key. The fifth is of last year's
           own people, leavers in, who count for it (Treas. Reg. 1.414(q)-1T, A-9(b): not under 21, under six months of
           service or under 17.5 hours a week at the end of last year), to the nearest person; whoever does not count has
           a place by pay all the same (A-9(c)). A hire was paid nothing last year
*/
with judged as (
    select
        opening.simulation_year,
        world_id,
        opening.employee_id,
        opening.identity_key,
        design.top_paid_group,
        case
            when opening.owner_5pct or opening.was_owner_5pct then 'owner'
            when opening.prior_paid_cents > limits.hce_compensation_cents then 'pay'
        end as hce_reason
    from {{ ref('int_opening_workforce') }} as opening
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    inner join {{ ref('stg_legal_limits') }} as limits using (scenario_id)
),

-- last year's people of the plans that elect the fifth
lookback as (
    select
        world_id,
        opening.identity_key,
        opening.prior_paid_cents,
        opening.birth_date,
        opening.service_date,
        opening.scheduled_hours_per_week,
        worlds.year_start - 1 as year_ended,
        year_ended as last_day
    from {{ ref('int_opening_workforce') }} as opening
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    where worlds.scenario_id in (select scenario_id from {{ ref('stg_plan_design') }} where top_paid_group)
    union all by name
    select
        world_id,
        leavers.* exclude (simulation_year, world_id, employee_id),
        worlds.year_start - 1 as year_ended
    from {{ ref('int_lookback_leavers') }} as leavers
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
),

fifths as (
    select world_id, {{ mul_div_round('count(*)', 1, 5) }} as size
    from lookback
    where
        {{ completed_years('birth_date', 'year_ended') }} >= 21
        and {{ completed_months('service_date', 'last_day') }} >= 6
        and scheduled_hours_per_week >= 17.5
    group by world_id
),

places as (
    select
        world_id,
        identity_key,
        row_number() over (partition by world_id order by prior_paid_cents desc, identity_key) as place
    from lookback
)

select
    judged.simulation_year,
    world_id,
    judged.employee_id,
    identity_key,
    judged.hce_reason
from judged
left join places using (world_id, identity_key)
left join fifths using (world_id)
where
    judged.hce_reason = 'owner'
    or (judged.hce_reason = 'pay' and (not judged.top_paid_group or places.place <= fifths.size))
order by world_id, judged.employee_id
