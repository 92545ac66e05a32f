/*
  What the snapshot says of a person beside the state that events change: birth date, age and completed service by the
  calendar of the database, the bands by these, highly compensated by the statute written anew (IRC 414(q): the best paid
  fifth of last year's people, leavers in, as those at or above the pay of its last member), at the limits only who elected
  so much. One row a person of whom something else is said.
*/
with opened as (
    select
        opening.*,
        worlds.scenario_id,
        worlds.seed,
        worlds.year_start - 1 as last_year_end,
        design.top_paid_group,
        limits.hce_compensation_cents,
        [prior_paid_cents::hugeint, -identity_key::hugeint] as pay_and_key
    from {{ ref('int_opening_workforce') }} as opening
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    inner join {{ ref('stg_legal_limits') }} as limits using (scenario_id)
),

fifths as (
    select
        world_id,
        round(count(*) filter (
            birth_date + interval 21 year <= last_year_end and service_date + interval 6 month <= last_day
            and scheduled_hours_per_week >= 17.5
        ) / 5) as people,
        list(pay_and_key order by pay_and_key desc)[cast(people as integer)] as last_member
    from (
        select *, last_year_end as last_day from opened where top_paid_group
        union all by name
        select
            leavers.*,
            make_date(simulation_year - 1, 12, 31) as last_year_end,
            [prior_paid_cents::hugeint, -identity_key::hugeint] as pay_and_key
        from {{ ref('int_lookback_leavers') }} as leavers
    )
    group by world_id
),

known as (
    select
        snapshot.scenario_id,
        snapshot.seed,
        snapshot.employee_id,
        worlds.simulation_year as this_year,
        worlds.year_end,
        coalesce(opening.birth_date, hires.birth_date) as known_birth_date,
        coalesce(opening.service_date, hires.service_date) as service_began,
        coalesce(snapshot.termination_date, worlds.year_end) as last_day,
        coalesce(
            opening.owner_5pct or opening.was_owner_5pct
            or (
                opening.prior_paid_cents > opening.hce_compensation_cents
                and (not opening.top_paid_group or opening.pay_and_key >= fifths.last_member)
            ),
            false
        ) as is_highly_compensated,
        coalesce(employee.limit_reached, false) as has_reached_limit,
        {
            'year': snapshot.simulation_year,
            'birth_date': snapshot.birth_date,
            'age': snapshot.age_at_year_end,
            'tenure': snapshot.tenure_years_at_year_end,
            'age_band': snapshot.age_band,
            'tenure_band': snapshot.tenure_band,
            'is_hce': snapshot.is_hce,
            'limit_reached': snapshot.limit_reached
        } as actual
    from {{ ref('fct_workforce_snapshot') }} as snapshot
    left join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
    left join opened as opening on worlds.world_id = opening.world_id and snapshot.employee_id = opening.employee_id
    left join fifths on worlds.world_id = fifths.world_id
    left join {{ source('operations', 'workforce_events') }} as hires
        on worlds.world_id = hires.world_id and snapshot.employee_id = hires.employee_id and hires.event_type = 'hire'
    left join {{ ref('int_employee_contributions') }} as employee
        on worlds.world_id = employee.world_id and snapshot.employee_id = employee.employee_id
),

-- Materialized: pushed below, the comparison repeats each age and tenure in every band and costs more to plan than to run.
people as materialized (
    select
        *,
        date_sub('year', known_birth_date, year_end) as age,
        date_sub('year', service_began, last_day) as tenure
    from known
)

select
    scenario_id,
    seed,
    employee_id,
    {
        'year': this_year, 'birth_date': known_birth_date, 'age': age::integer, 'tenure': tenure::integer,
        'age_band': ['<25', '25-34', '35-44', '45-54', '55-64', '65+'][
            1 + (age >= 25)::integer + (age >= 35)::integer + (age >= 45)::integer + (age >= 55)::integer
            + (age >= 65)::integer
        ],
        'tenure_band': ['<1', '1-2', '3-4', '5-9', '10-19', '20+'][
            1 + (tenure >= 1)::integer + (tenure >= 3)::integer + (tenure >= 5)::integer + (tenure >= 10)::integer
            + (tenure >= 20)::integer
        ],
        'is_hce': is_highly_compensated, 'limit_reached': has_reached_limit
    } as expected,
    actual
from people
where expected is distinct from actual
