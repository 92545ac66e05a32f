/*
  Row counts and totals of the published tables against what they are made of: everyone of the opening and every hire is
  in the snapshot once, no event is lost, the payroll is the sum of the pay segments, pay growth is about the people and
  the pay of the snapshot, and the plan's cost and tests are about the money and people of the models before them. One row a world and measure that differs.
*/
with published as (
    select
        scenario_id,
        seed,
        count(*) as people,
        sum(paid_compensation) as payroll,
        count(*) filter (where employment_status = 'active') as active_people,
        coalesce(sum(annual_compensation) filter (where employment_status = 'active'), 0) as active_pay
    from {{ ref('fct_workforce_snapshot') }}
    group by scenario_id, seed
),

opening as (
    select world_id, count(*) as people from {{ ref('int_opening_workforce') }} group by world_id
),

workforce_events as (
    select world_id, count(*) as events, count(*) filter (where event_type = 'hire') as hires
    from {{ source('operations', 'workforce_events') }}
    group by world_id
),

segments as (
    select
        world_id,
        count(*) filter (where opened_by in ('cola', 'merit_raise')) as events,
        {{ to_money('cast(sum(paid_cents) as bigint)') }} as payroll
    from {{ source('operations', 'compensation_changes') }}
    group by world_id
),

yearly_events as (
    select scenario_id, seed, count(*) as events from {{ ref('fct_yearly_events') }} group by scenario_id, seed
),

deferral_segments as (
    select world_id, count(*) as events
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
    group by world_id
),

forfeitures as (
    select
        world_id,
        count(*) filter (where forfeited_match_cents > 0) + count(*) filter (where forfeited_core_cents > 0) as events,
        {{ to_money('cast(sum(forfeited_match_cents + forfeited_core_cents) as bigint)') }} as forfeited
    from {{ ref('int_vesting_forfeitures') }}
    group by world_id
),

deferrals as (
    select world_id, count(*) as people, {{ to_money('cast(sum(employee_contribution_cents) as bigint)') }} as contributions
    from {{ ref('int_employee_contributions') }}
    group by world_id
),

employer as (
    select
        world_id,
        {{ to_money('cast(sum(match_cents) as bigint)') }} as match,
        {{ to_money('cast(sum(core_cents) as bigint)') }} as core
    from {{ ref('int_employer_contributions') }}
    group by world_id
),

growth as (
    select scenario_id, seed, headcount, total_compensation
    from {{ ref('fct_compensation_growth') }}
    where level_id is null and method = 'all'
)

select
    worlds.scenario_id,
    worlds.seed,
    {
        'snapshot_rows': coalesce(opening.people, 0) + coalesce(workforce_events.hires, 0),
        'events': coalesce(workforce_events.events, 0) + coalesce(segments.events, 0)
        + coalesce(deferral_segments.events, 0) + coalesce(forfeitures.events, 0),
        'payroll': coalesce(segments.payroll, 0),
        'active_people': coalesce(published.active_people, 0),
        'active_pay': coalesce(published.active_pay, 0),
        'contributions': coalesce(deferrals.contributions, 0),
        'match': coalesce(employer.match, 0),
        'core': coalesce(employer.core, 0),
        'forfeited': coalesce(forfeitures.forfeited, 0),
        'tested_people': coalesce(deferrals.people, 0)
    } as expected,
    {
        'snapshot_rows': coalesce(published.people, 0),
        'events': coalesce(yearly_events.events, 0),
        'payroll': coalesce(published.payroll, 0),
        'active_people': growth.headcount,
        'active_pay': growth.total_compensation,
        'contributions': cost.employee_contributions,
        'match': cost.employer_match,
        'core': cost.employer_core,
        'forfeited': cost.forfeitures_arising,
        'tested_people': tests.hce_count + tests.nhce_count
    } as actual
from {{ ref('stg_worlds') }} as worlds
left join opening on worlds.world_id = opening.world_id
left join workforce_events on worlds.world_id = workforce_events.world_id
left join segments on worlds.world_id = segments.world_id
left join published on worlds.scenario_id = published.scenario_id and worlds.seed = published.seed
left join yearly_events on worlds.scenario_id = yearly_events.scenario_id and worlds.seed = yearly_events.seed
left join deferral_segments on worlds.world_id = deferral_segments.world_id
left join forfeitures on worlds.world_id = forfeitures.world_id
left join deferrals on worlds.world_id = deferrals.world_id
left join employer on worlds.world_id = employer.world_id
left join {{ ref('fct_plan_cost') }} as cost on worlds.scenario_id = cost.scenario_id and worlds.seed = cost.seed
left join {{ ref('fct_nondiscrimination_tests') }} as tests
    on worlds.scenario_id = tests.scenario_id and worlds.seed = tests.seed and tests.test = '415'
left join growth on worlds.scenario_id = growth.scenario_id and worlds.seed = growth.seed
where expected is distinct from actual
