/*
  grain    one row a scenario, seed, level (NULL: all levels) and method, also where nobody is
  inputs   the closing workforce with its pay, the opening workforce, last year's rows of this table
  formula  average = total / headcount to the cent, halves up; growth = average / previous average - 1, of the two published
           averages, to the sixth digit; NULL where there is nobody now or nobody before
  methods  all         active on 31 December, by level then; previous: the opening workforce, by level on 1 January
           continuous  active on 31 December and in the opening workforce, by level on 31 December; previous: the same
                       people's opening pay
           new_hires   hired this year and active on 31 December; previous: last year's new hires (none in the first year)
*/
with closing as (
    select
        world_id,
        workforce.level_id,
        case workforce.detailed_status when 'continuous_active' then 'continuous' else 'new_hires' end as method,
        count(*) as headcount,
        sum(workforce.closing_rate_cents) as total_cents,
        sum(workforce.opening_rate_cents) as opening_cents
    from {{ ref('int_closing_workforce') }} as workforce
    where workforce.employment_status = 'active'
    group by all
),

opening as (
    select world_id, level_id, count(*) as headcount, sum(annual_compensation_cents) as opening_cents
    from {{ ref('int_opening_workforce') }}
    group by world_id, level_id
),

-- 'all' pays its people now and compares with the people then: two headcounts
amounts as (
    select world_id, level_id, method, headcount, total_cents, headcount as previous_headcount, opening_cents from closing
    union all
    select world_id, level_id, 'all', headcount, total_cents, 0, 0 from closing
    union all
    select world_id, level_id, 'all', 0, 0, headcount, opening_cents from opening
),

totals as (
    select
        world_id,
        level_id,
        method,
        cast(sum(headcount) as bigint) as headcount,
        cast(sum(total_cents) as bigint) as total_cents,
        cast(sum(previous_headcount) as bigint) as previous_headcount,
        cast(sum(opening_cents) as bigint) as opening_cents
    from amounts
    group by grouping sets ((world_id, method), (world_id, level_id, method))
),

cells as (
    select worlds.world_id, worlds.scenario_id, worlds.seed, worlds.simulation_year, levels.level_id, methods.method
    from {{ ref('stg_worlds') }} as worlds
    inner join (
        select scenario_id, level_id from {{ ref('stg_job_levels') }}
        union all
        select distinct scenario_id, cast(null as integer) from {{ ref('stg_job_levels') }}
    ) as levels on worlds.scenario_id = levels.scenario_id
    cross join (values ('all'), ('continuous'), ('new_hires')) as methods (method)
),

averages as (
    select
        cells.*,
        coalesce(totals.headcount, 0) as headcount,
        coalesce(totals.total_cents, 0) as total_cents,
        {{ mul_div_round('totals.total_cents', 1, 'nullif(totals.headcount, 0)') }} as average_cents,
        case
            when cells.method = 'new_hires' then {{ to_cents('last_year.average_compensation') }}
            else {{ mul_div_round('totals.opening_cents', 1, 'nullif(totals.previous_headcount, 0)') }}
        end as previous_average_cents
    from cells
    left join totals
        on cells.world_id = totals.world_id
        and cells.method = totals.method
        and cells.level_id is not distinct from totals.level_id
    left join {{ source('prior_year', 'fct_compensation_growth') }} as last_year
        on cells.scenario_id = last_year.scenario_id
        and cells.seed = last_year.seed
        and cells.method = last_year.method
        and cells.level_id is not distinct from last_year.level_id
)

select
    scenario_id,
    seed,
    simulation_year,
    level_id,
    method,
    headcount,
    {{ to_money('average_cents') }} as average_compensation,
    {{ to_money('total_cents') }} as total_compensation,
    {{ to_money('previous_average_cents') }} as previous_average_compensation,
    {{ to_ratio('(average_cents - previous_average_cents)', 'previous_average_cents') }} as growth
from averages
order by scenario_id, seed, level_id nulls first, method
