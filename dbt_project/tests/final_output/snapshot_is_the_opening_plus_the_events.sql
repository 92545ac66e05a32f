/*
  Replay forward: the opening workforce, with every published event of the year applied in its order, is the snapshot:
  who is employed, at which level and pay, hired and gone when. One row a person for whom it is not.
*/
with opening as (
    select
        worlds.scenario_id,
        worlds.seed,
        workforce.employee_id,
        workforce.hire_date,
        workforce.level_id,
        {{ to_money('workforce.annual_compensation_cents') }} as annual_compensation
    from {{ ref('int_opening_workforce') }} as workforce
    inner join {{ ref('stg_worlds') }} as worlds on workforce.world_id = worlds.world_id
),

changes as (
    select
        scenario_id,
        seed,
        employee_id,
        max(effective_date) filter (where event_type = 'hire') as hire_date,
        max(effective_date) filter (where event_type = 'termination') as termination_date,
        arg_max(level_after, event_sequence) filter (where level_after is not null) as level_id,
        arg_max(compensation_after, event_sequence) filter (where compensation_after is not null) as annual_compensation
    from {{ ref('fct_yearly_events') }}
    group by scenario_id, seed, employee_id
),

replayed as (
    select
        scenario_id,
        seed,
        employee_id,
        {
            'employment_status': case when changes.termination_date is null then 'active' else 'terminated' end,
            'hire_date': coalesce(changes.hire_date, opening.hire_date),
            'termination_date': changes.termination_date,
            'level_id': coalesce(changes.level_id, opening.level_id),
            'annual_compensation': coalesce(changes.annual_compensation, opening.annual_compensation)
        } as state
    from opening
    full join changes using (scenario_id, seed, employee_id)
),

published as (
    select
        scenario_id,
        seed,
        employee_id,
        {
            'employment_status': employment_status,
            'hire_date': hire_date,
            'termination_date': termination_date,
            'level_id': level_id,
            'annual_compensation': annual_compensation
        } as state
    from {{ ref('fct_workforce_snapshot') }}
)

select scenario_id, seed, employee_id, replayed.state as expected, published.state as actual
from replayed
full join published using (scenario_id, seed, employee_id)
where replayed.state is distinct from published.state
