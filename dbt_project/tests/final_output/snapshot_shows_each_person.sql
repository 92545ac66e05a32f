/*
  What the snapshot says of a person beside the state that events change: birth date, age and completed service by their dates
  anew, the bands by these, highly compensated with a reason and only then (IRC 414(q)), at the limits only who elected so much.
  One row a person of whom something else is said.
*/
with highly_compensated as (
    {{ highly_compensated() }}
),

people as (
    select
        worlds.scenario_id,
        worlds.seed,
        closing.employee_id,
        year_context.simulation_year,
        coalesce(opening.birth_date, hires.birth_date) as birth_date,
        {{ completed_years('coalesce(opening.birth_date, hires.birth_date)', 'year_context.year_end') }} as age,
        {{ completed_years(
            'coalesce(opening.service_date, hires.service_date)', 'coalesce(closing.termination_date, year_context.year_end)'
        ) }} as tenure,
        hce.hce_reason,
        coalesce(employee.limit_reached, false) as limit_reached
    from {{ ref('int_closing_workforce') }} as closing
    cross join {{ source('study', 'year_context') }} as year_context
    inner join {{ ref('stg_worlds') }} as worlds on closing.world_id = worlds.world_id
    left join {{ ref('int_opening_workforce') }} as opening
        on closing.world_id = opening.world_id and closing.identity_key = opening.identity_key
    left join {{ source('operations', 'workforce_events') }} as hires
        on closing.world_id = hires.world_id and closing.identity_key = hires.identity_key and hires.event_type = 'hire'
    left join {{ ref('int_employee_contributions') }} as employee
        on closing.world_id = employee.world_id and closing.identity_key = employee.identity_key
    left join highly_compensated as hce
        on closing.world_id = hce.world_id and closing.identity_key = hce.identity_key
)

select
    people.scenario_id,
    people.seed,
    people.employee_id,
    {
        'year': people.simulation_year,
        'birth_date': people.birth_date,
        'age': people.age,
        'tenure': people.tenure,
        'age_band': {{ age_band('people.age') }},
        'tenure_band': {{ tenure_band('people.tenure') }},
        'is_hce': people.hce_reason is not null,
        'limit_reached': people.limit_reached
    } as expected,
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
from people
inner join {{ ref('fct_workforce_snapshot') }} as snapshot
    on people.scenario_id = snapshot.scenario_id
    and people.seed = snapshot.seed
    and people.employee_id = snapshot.employee_id
where expected is distinct from actual
