/*
  Pay growth anew, from the published snapshot: for each world, level (NULL: all) and method one row, about as many people
  and as much pay as the snapshot has, compared with the opening's pay (all: everybody's then; continuous: that of the same
  people) or with last year's new hires. One row a cell for which it is not so.
*/
with active as (
    select
        snapshot.scenario_id,
        snapshot.seed,
        snapshot.level_id,
        if(snapshot.detailed_status = 'continuous_active', 'continuous', 'new_hires') as method,
        {{ to_cents('snapshot.annual_compensation') }} as pay,
        opening.annual_compensation_cents as previous_pay
    from {{ ref('fct_workforce_snapshot') }} as snapshot
    inner join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
    left join {{ ref('int_opening_workforce') }} as opening
        on worlds.world_id = opening.world_id and snapshot.employee_id = opening.employee_id
    where snapshot.employment_status = 'active'
),

amounts as (
    select scenario_id, seed, level_id, method, pay, previous_pay from active
    union all
    select scenario_id, seed, level_id, 'all', pay, null from active
    union all
    select worlds.scenario_id, worlds.seed, opening.level_id, 'all', null, opening.annual_compensation_cents
    from {{ ref('int_opening_workforce') }} as opening
    inner join {{ ref('stg_worlds') }} as worlds on opening.world_id = worlds.world_id
),

totals as (
    select
        scenario_id,
        seed,
        level_id,
        method,
        count(pay) as headcount,
        cast(coalesce(sum(pay), 0) as bigint) as total,
        -- quotient and remainder: halves go up
        sum(pay) // nullif(count(pay), 0) + if(sum(pay) % nullif(count(pay), 0) * 2 >= count(pay), 1, 0) as average,
        sum(previous_pay) // nullif(count(previous_pay), 0)
        + if(sum(previous_pay) % nullif(count(previous_pay), 0) * 2 >= count(previous_pay), 1, 0) as previous_average
    from amounts
    group by grouping sets ((scenario_id, seed, method), (scenario_id, seed, level_id, method))
),

cells as (
    select worlds.simulation_year, worlds.scenario_id, worlds.seed, levels.level_id, methods.method
    from {{ ref('stg_worlds') }} as worlds
    inner join (
        select scenario_id, level_id from {{ ref('stg_job_levels') }}
        union
        select scenario_id, cast(null as integer) from {{ ref('stg_job_levels') }}
    ) as levels on worlds.scenario_id = levels.scenario_id
    cross join (values ('all'), ('continuous'), ('new_hires')) as methods (method)
)

select
    coalesce(cells.scenario_id, growth.scenario_id) as scenario_id,
    coalesce(cells.seed, growth.seed) as seed,
    coalesce(cells.level_id, growth.level_id) as level_id,
    coalesce(cells.method, growth.method) as method,
    {
        'year': cells.simulation_year,
        'headcount': if(cells.method is null, null, coalesce(totals.headcount, 0)),
        'total': if(cells.method is null, null, {{ to_money('coalesce(totals.total, 0)') }}),
        'average': {{ to_money('totals.average') }},
        'previous_average': if(
            cells.method = 'new_hires', last_year.average_compensation, {{ to_money('totals.previous_average') }}
        )
    } as expected,
    {
        'year': growth.simulation_year, 'headcount': growth.headcount, 'total': growth.total_compensation,
        'average': growth.average_compensation, 'previous_average': growth.previous_average_compensation
    } as actual
from cells
full join {{ ref('fct_compensation_growth') }} as growth
    on cells.scenario_id = growth.scenario_id
    and cells.seed = growth.seed
    and cells.method = growth.method
    and cells.level_id is not distinct from growth.level_id
left join totals
    on cells.scenario_id = totals.scenario_id
    and cells.seed = totals.seed
    and cells.method = totals.method
    and cells.level_id is not distinct from totals.level_id
left join {{ source('prior_year', 'fct_compensation_growth') }} as last_year
    on cells.scenario_id = last_year.scenario_id
    and cells.seed = last_year.seed
    and cells.method = last_year.method
    and cells.level_id is not distinct from last_year.level_id
where expected is distinct from actual
