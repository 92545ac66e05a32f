/*
  grain    one row a hire
  inputs   how many are hired at each level, the hire profile, the pay bands
  formula  docs/methodology.md, 4. Hires. A hire is slot k of a level in a year: more hires add slots and change nobody.
           The hire date is uniform over the year, the age by weights, the birthday uniform over that year of age, the pay
           at the band's percentile with its spread, always inside the band whatever the hours.
*/
with slots as (
    select simulation_year, world_id, level_id, unnest(range(1, hires + 1)) as slot
    from {{ ref('int_hiring_needs_by_level') }}
),

named as (
    select
        *,
        format('NH_{}_{}_{:06d}', simulation_year, level_id, slot) as employee_id,
        {{ identity_key('employee_id') }} as identity_key
    from slots
),

salted as (
    select
        person.*,
        world.scenario_id,
        world.year_salt,
        world.year_start,
        world.days_in_year,
        world.part_time_share_millionths,
        world.part_time_hours,
        world.full_time_hours
    from named as person
    inner join {{ ref('stg_worlds') }} as world using (world_id)
),

drawn as (
    {{ with_draws('salted', {
        'day_draw': 'hire_day',
        'age_band_draw': 'hire_age_band',
        'age_draw': 'hire_age',
        'birthday_draw': 'hire_birthday',
        'pay_draw': 'hire_pay',
        'part_time_draw': 'hire_part_time',
    }) }}
),

hires as (
    select
        * replace (floor(age_band_draw * 1000000)::bigint as age_band_draw),
        {{ uniform_day('year_start', 'days_in_year', 'day_draw') }} as hire_date
    from drawn
),

aged as (
    select
        hire.*,
        {{ uniform_integer('profile.age_min', 'profile.age_max - 1', 'hire.age_draw') }}::integer as age
    from hires as hire
    inner join {{ ref('int_hire_profile') }} as profile
        on
            hire.scenario_id = profile.scenario_id
            and hire.age_band_draw >= profile.from_millionths and hire.age_band_draw < profile.to_millionths
)

select
    hire.simulation_year,
    hire.world_id,
    hire.employee_id,
    hire.identity_key,
    level_id,
    hire.slot,
    hire.hire_date,
    {{ birth_date_at('hire.age', 'hire.hire_date', 'hire.birthday_draw') }} as birth_date,
    {{ pay_in_band(
        'level.min_pay_cents',
        'level.max_pay_cents',
        'level.hire_percentile_millionths',
        'level.hire_percentile_spread_millionths',
        'hire.pay_draw'
    ) }} as annual_compensation_cents,
    case
        when floor(hire.part_time_draw * 1000000) < hire.part_time_share_millionths then hire.part_time_hours
        else hire.full_time_hours
    end as scheduled_hours_per_week
from aged as hire
inner join {{ ref('stg_job_levels') }} as level using (scenario_id, level_id)
order by hire.world_id, hire.employee_id
