/*
  What the snapshot says of a person beside the state that events change: birth date, age and completed service by their dates
  anew, the bands by these, highly compensated with a reason and only then (IRC 414(q)), at the limits only who elected so much.
  One row a person of whom something else is said.
*/
with highly_compensated as (
    {{ highly_compensated() }}
),

known as (
    select
        snapshot.scenario_id,
        snapshot.seed,
        snapshot.employee_id,
        year_context.simulation_year as this_year,
        year_context.year_end,
        coalesce(opening.birth_date, hires.birth_date) as known_birth_date,
        coalesce(opening.service_date, hires.service_date) as service_began,
        coalesce(snapshot.termination_date, year_context.year_end) as last_day,
        hce.hce_reason,
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
    cross join {{ source('study', 'year_context') }} as year_context
    left join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
    left join {{ ref('int_opening_workforce') }} as opening
        on worlds.world_id = opening.world_id and snapshot.employee_id = opening.employee_id
    left join {{ source('operations', 'workforce_events') }} as hires
        on worlds.world_id = hires.world_id and snapshot.employee_id = hires.employee_id and hires.event_type = 'hire'
    left join {{ ref('int_employee_contributions') }} as employee
        on worlds.world_id = employee.world_id and snapshot.employee_id = employee.employee_id
    left join highly_compensated as hce
        on opening.world_id = hce.world_id and opening.identity_key = hce.identity_key
),

-- Materialized: pushed below, the comparison repeats each age and tenure in every band and costs more to plan than to run.
people as materialized (
    select
        *,
        {{ completed_years('known_birth_date', 'year_end') }} as age,
        {{ completed_years('service_began', 'last_day') }} as tenure
    from known
)

select
    scenario_id,
    seed,
    employee_id,
    {
        'year': this_year, 'birth_date': known_birth_date, 'age': age, 'tenure': tenure,
        'age_band': {{ age_band('age') }}, 'tenure_band': {{ tenure_band('tenure') }},
        'is_hce': hce_reason is not null, 'limit_reached': has_reached_limit
    } as expected,
    actual
from people
where expected is distinct from actual
