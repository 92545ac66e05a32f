/*
  grain    one row a pay segment: a stretch of days of one person at one rate, opened by the year, a hire or a raise
  inputs   the opening workforce, hires, exits and raises as settled by group event_generation
  formula  raises in the order of their dates (same day: COLA, merit, promotion), each on the rate then in force, to the
           cent, at most the pay cap; paid = round(rate x days / days of the year). A change is paid from its day on, the
           exit day is the last paid day, and a segment may have no days. At most three raises a person and year.
  check    100,000.00 with +4.5 % on 1 April 2025 pays 24,657.53 + 78,732.88 = 103,390.41
  runs     in batches: each person is computed from that person's rows alone
*/
with raises as (
    select world_id, identity_key, raise_type, effective_date, raise_millionths
    from {{ ref('int_raise_events') }}
    union all
    select world_id, identity_key, 'promotion' as raise_type, promotion_date as effective_date, raise_millionths
    from {{ ref('int_promotion_events') }}
),

raises_by_person as (
    select
        world_id,
        identity_key,
        list(
            {'type': raise_type, 'day': effective_date, 'millionths': raise_millionths}
            order by effective_date, {{ same_day_order('raise_type') }}
        ) as raises
    from raises
    group by world_id, identity_key
),

people as (
    select world_id, employee_id, identity_key, 'opening' as opened_by, null as hire_date, annual_compensation_cents
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, employee_id, identity_key, 'hire', hire_date, annual_compensation_cents
    from {{ ref('int_hiring_events') }}
),

exits as (
    {{ all_exits() }}
),

chains as (
    select
        worlds.simulation_year,
        worlds.scenario_id,
        worlds.seed,
        worlds.days_in_year,
        world_id,
        people.employee_id,
        identity_key,
        people.annual_compensation_cents as rate_0,
        {{ capped_raise('rate_0', 'raised.raises[1].millionths', 'worlds.pay_cap_cents') }} as rate_1,
        {{ capped_raise('rate_1', 'raised.raises[2].millionths', 'worlds.pay_cap_cents') }} as rate_2,
        {{ capped_raise('rate_2', 'raised.raises[3].millionths', 'worlds.pay_cap_cents') }} as rate_3,
        [rate_0, rate_1, rate_2, rate_3] as rates,
        raised.raises,
        people.opened_by as first_opened_by,
        coalesce(people.hire_date, worlds.year_start) as first_day,
        coalesce(exits.termination_date, worlds.year_end) as last_paid_day
    from people
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    left join raises_by_person as raised using (world_id, identity_key)
    left join exits using (world_id, identity_key)
),

segments as (
    select
        *,
        if(segment_number = 1, first_opened_by, raises[segment_number - 1].type) as opened_by,
        if(segment_number = 1, first_day, raises[segment_number - 1].day) as segment_start,
        coalesce(raises[segment_number].day - 1, last_paid_day) as segment_end,
        cast(segment_end - segment_start + 1 as integer) as days,
        rates[segment_number] as rate_cents,
        -- promotions have their event in workforce_events
        if(opened_by in ('cola', 'merit_raise'), opened_by, null) as published_here
    from chains
    cross join (values (1), (2), (3), (4)) as numbers (segment_number)
    where segment_number <= 1 + coalesce(len(raises), 0)
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    segment_number,
    opened_by,
    segment_start,
    segment_end,
    days,
    raises[segment_number - 1].millionths as raise_millionths,
    rates[segment_number - 1] as rate_before_cents,
    rate_cents,
    {{ mul_div_round('rate_cents', 'days', 'days_in_year') }} as paid_cents,
    {{ event_id('segments', 'employee_id', 'published_here') }} as event_id
from segments
order by world_id, employee_id, segment_number
