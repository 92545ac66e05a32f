/*
  grain    one row a scenario and employee of the census; the same in every year of a study
  inputs   every fact of the census about a person, and the pay bands of the first year
  formula  level: the census's own; else the pay band of the scenario (its maximum is outside, but for the top band's);
           else the nearest band by its first or last cent, the lower level when two are as near
*/
with bands as (
    select
        scenario_id,
        level_id,
        census_min_pay_cents as first_cent,
        case
            when lead(level_id) over (partition by scenario_id order by level_id) is null then census_max_pay_cents
            else census_max_pay_cents - 1
        end as last_cent
    from {{ source('study', 'census_levels') }}
),

unplaced_pay as (
    select distinct annual_compensation_cents
    from {{ ref('stg_census') }}
    where level_id is null
),

distances as (
    select
        bands.scenario_id,
        unplaced_pay.annual_compensation_cents,
        bands.level_id,
        greatest(
            bands.first_cent - unplaced_pay.annual_compensation_cents,
            unplaced_pay.annual_compensation_cents - bands.last_cent,
            0
        ) as cents_away
    from unplaced_pay
    cross join bands
),

placed_pay as (
    select
        scenario_id,
        annual_compensation_cents,
        min(row(cents_away, level_id)) as nearest
    from distances
    group by scenario_id, annual_compensation_cents
),

scenarios as (
    select distinct scenario_id
    from {{ source('study', 'census_levels') }}
)

select
    scenarios.scenario_id,
    census.* exclude (level_id),
    coalesce(census.level_id, placed_pay.nearest[2]) as level_id,
    case
        when census.level_id is not null then 'census'
        when placed_pay.nearest[1] = 0 then 'band'
        else 'nearest_band'
    end as level_source
from {{ ref('stg_census') }} as census
cross join scenarios
left join placed_pay
    on
        census.level_id is null
        and scenarios.scenario_id = placed_pay.scenario_id
        and census.annual_compensation_cents = placed_pay.annual_compensation_cents
order by scenarios.scenario_id, census.employee_id
