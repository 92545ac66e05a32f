/*
  Replay forward: the opening workforce, with every published event of the year applied in its order, is the snapshot:
  who is employed, at which level and pay, hired and gone when; eligible
  and enrolled since when and how, at which deferral rate. One row a person for whom it is not.
*/
with opening as (
    select
        worlds.scenario_id,
        worlds.seed,
        workforce.employee_id,
        workforce.hire_date,
        workforce.level_id,
        {{ to_money('workforce.annual_compensation_cents') }} as annual_compensation,
        workforce.eligibility_date,
        workforce.enrollment_date,
        workforce.enrollment_source,
        {{ to_rate('workforce.deferral_rate_millionths') }} as deferral_rate
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
        arg_max(compensation_after, event_sequence) filter (where compensation_after is not null) as annual_compensation,
        max(effective_date) filter (where event_type = 'eligibility') as eligibility_date,
        max(effective_date) filter (where event_type = 'enrollment') as enrollment_date,
        arg_max(event_category, event_sequence) filter (where event_type = 'enrollment') as enrollment_source,
        arg_max(deferral_rate_after, event_sequence) filter (where deferral_rate_after is not null) as deferral_rate
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
            'annual_compensation': coalesce(changes.annual_compensation, opening.annual_compensation),
            'eligibility_date': coalesce(changes.eligibility_date, opening.eligibility_date),
            'enrollment_date': coalesce(changes.enrollment_date, opening.enrollment_date),
            'enrollment_source': coalesce(changes.enrollment_source, opening.enrollment_source),
            'deferral_rate': coalesce(changes.deferral_rate, opening.deferral_rate)
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
            'annual_compensation': annual_compensation,
            'eligibility_date': eligibility_date,
            'enrollment_date': enrollment_date,
            'enrollment_source': enrollment_source,
            'deferral_rate': deferral_rate
        } as state
    from {{ ref('fct_workforce_snapshot') }}
)

select scenario_id, seed, employee_id, replayed.state as expected, published.state as actual
from replayed
full join published using (scenario_id, seed, employee_id)
where replayed.state is distinct from published.state
