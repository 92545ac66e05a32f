/*
  grain    one row a pay segment: a stretch of days of one person at one rate, opened by the year, a hire or a raise
  inputs   the opening workforce, hires, exits and raises as settled by group event_generation
  formula  raises in the order of their dates (same day: COLA, merit, promotion), each on the rate then in force, to the
           cent, at most the pay cap; paid = round(rate x days / days of the year). A change is paid from its day on, the
           exit day is the last paid day, and a segment may have no days. At most three raises a person and year.
  check    100,000.00 with +4.5 % on 1 April 2025 pays 24,657.53 + 78,732.88 = 103,390.41
  runs     in batches: each person is computed from that person's rows alone
*/
with people as (
    select world_id, employee_id, identity_key, 'opening' as opened_by, null as hire_date, annual_compensation_cents
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, employee_id, identity_key, 'hire', hire_date, annual_compensation_cents
    from {{ ref('int_hiring_events') }}
),

raises as (
    select world_id, identity_key, raise_type, effective_date, raise_millionths
    from {{ ref('int_raise_events') }}
    union all
    select world_id, identity_key, 'promotion' as raise_type, promotion_date as effective_date, raise_millionths
    from {{ ref('int_promotion_events') }}
),

exits as (
    {{ all_exits() }}
),

-- a person's first segment, and one for each raise
segments as (
    select
        world_id,
        identity_key,
        people.opened_by,
        coalesce(people.hire_date, worlds.year_start) as segment_start,
        null as raise_millionths
    from people
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    union all
    select world_id, identity_key, raise_type, effective_date, raise_millionths
    from raises
),

in_order as (
    select
        *,
        cast(row_number() over person as integer) as segment_number,
        lead(segment_start) over person as next_start,
        lag(raise_millionths, 1) over person as last_raise,
        lag(raise_millionths, 2) over person as last_but_one_raise
    from segments
    window person as (
        partition by world_id, identity_key
        order by raise_millionths is not null, segment_start, {{ same_day_order('opened_by') }}
    )
),

chained as (
    select
        worlds.simulation_year,
        worlds.scenario_id,
        worlds.seed,
        worlds.days_in_year,
        people.employee_id,
        in_order.*,
        coalesce(next_start - 1, exits.termination_date, worlds.year_end) as segment_end,
        cast(segment_end - segment_start + 1 as integer) as days,
        {{ capped_raise('people.annual_compensation_cents', 'last_but_one_raise', 'worlds.pay_cap_cents') }} as rate_1,
        {{ capped_raise('rate_1', 'last_raise', 'worlds.pay_cap_cents') }} as rate_2,
        {{ capped_raise('rate_2', 'raise_millionths', 'worlds.pay_cap_cents') }} as rate_cents,
        -- promotions have their event in workforce_events
        if(in_order.opened_by in ('cola', 'merit_raise'), in_order.opened_by, null) as published_here
    from in_order
    inner join people using (world_id, identity_key)
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    left join exits using (world_id, identity_key)
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
    raise_millionths,
    if(segment_number > 1, rate_2, null) as rate_before_cents,
    rate_cents,
    {{ mul_div_round('rate_cents', 'days', 'days_in_year') }} as paid_cents,
    {{ event_id('chained', 'employee_id', 'published_here') }} as event_id
from chained
order by world_id, employee_id, segment_number
