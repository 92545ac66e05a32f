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

ordered as (
    select
        *,
        row_number() over (
            partition by world_id, identity_key
            order by effective_date, {{ same_day_order('raise_type') }}
        ) as raise_number
    from raises
),

raises_by_person as (
    select
        world_id,
        identity_key,
        {% for k in [1, 2, 3] %}
        max(raise_type) filter (where raise_number = {{ k }}) as type_{{ k }},
        max(effective_date) filter (where raise_number = {{ k }}) as date_{{ k }},
        max(raise_millionths) filter (where raise_number = {{ k }}) as raise_{{ k }}{{ ',' if not loop.last }}
        {% endfor %}
    from ordered
    group by world_id, identity_key
),

people as (
    select
        opening.world_id,
        opening.employee_id,
        opening.identity_key,
        'opening' as opened_by,
        year_context.year_start as first_day,
        opening.annual_compensation_cents
    from {{ ref('int_opening_workforce') }} as opening
    cross join {{ source('study', 'year_context') }} as year_context
    union all
    select world_id, employee_id, identity_key, 'hire' as opened_by, hire_date as first_day, annual_compensation_cents
    from {{ ref('int_hiring_events') }}
),

exits as (
    select world_id, identity_key, termination_date from {{ ref('int_termination_events') }}
    union all
    select world_id, identity_key, termination_date from {{ ref('int_new_hire_termination_events') }}
),

chains as (
    select
        people.world_id,
        people.employee_id,
        people.identity_key,
        people.annual_compensation_cents as rate_0,
        {{ capped_raise('rate_0', 'raises.raise_1', 'policy.pay_cap_cents') }} as rate_1,
        {{ capped_raise('rate_1', 'raises.raise_2', 'policy.pay_cap_cents') }} as rate_2,
        {{ capped_raise('rate_2', 'raises.raise_3', 'policy.pay_cap_cents') }} as rate_3,
        [people.opened_by, raises.type_1, raises.type_2, raises.type_3] as openers,
        [people.first_day, raises.date_1, raises.date_2, raises.date_3] as starts,
        [null, raises.raise_1, raises.raise_2, raises.raise_3] as raise_list,
        [rate_0, rate_1, rate_2, rate_3] as rates,
        coalesce(exits.termination_date, year_context.year_end) as last_paid_day
    from people
    inner join {{ ref('stg_worlds') }} as worlds on people.world_id = worlds.world_id
    inner join {{ ref('stg_compensation_policy') }} as policy on worlds.scenario_id = policy.scenario_id
    cross join {{ source('study', 'year_context') }} as year_context
    left join raises_by_person as raises
        on people.world_id = raises.world_id and people.identity_key = raises.identity_key
    left join exits
        on people.world_id = exits.world_id and people.identity_key = exits.identity_key
),

segments as (
    select
        chains.world_id,
        chains.employee_id,
        chains.identity_key,
        numbers.segment_number,
        openers[numbers.segment_number] as opened_by,
        -- promotions have their event in workforce_events
        case when opened_by in ('cola', 'merit_raise') then opened_by end as published_here,
        starts[numbers.segment_number] as segment_start,
        coalesce(starts[numbers.segment_number + 1] - 1, last_paid_day) as segment_end,
        raise_list[numbers.segment_number] as raise_millionths,
        rates[numbers.segment_number - 1] as rate_before_cents,
        rates[numbers.segment_number] as rate_cents
    from chains
    cross join (values (1), (2), (3), (4)) as numbers (segment_number)
    where openers[numbers.segment_number] is not null
)

select
    worlds.simulation_year,
    segments.world_id,
    segments.employee_id,
    segments.identity_key,
    segments.segment_number,
    segments.opened_by,
    segments.segment_start,
    segments.segment_end,
    cast(segments.segment_end - segments.segment_start + 1 as integer) as days,
    segments.raise_millionths,
    segments.rate_before_cents,
    segments.rate_cents,
    {{ mul_div_round(
        'segments.rate_cents', 'segments.segment_end - segments.segment_start + 1', 'year_context.days_in_year'
    ) }} as paid_cents,
    {{ event_id('worlds', 'segments.employee_id', 'segments.published_here') }} as event_id
from segments
inner join {{ ref('stg_worlds') }} as worlds on segments.world_id = worlds.world_id
cross join {{ source('study', 'year_context') }} as year_context
order by segments.world_id, segments.employee_id, segments.segment_number
