/*
  grain    one row a world whose plan elects the top-paid group, and person who left last year; no rows without the election
  inputs   in the first year the census rows whose termination date lies in the year that it closes, later last year's own
           closing workforce
  formula  pay of a leaver of the census is that of the year, or else the pay rate and the overtime by the days employed in
           it, and the bonus
  omits    whom the census has as not active without saying since when
*/
with electing as (
    select worlds.simulation_year, world_id, scenario_id, worlds.seed, worlds.is_first_year
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    where design.top_paid_group
),

typed as (
    {{ typed_census() }}
),

left_before as (
    select
        typed.*,
        make_date(year(year_context.census_date), 1, 1) as year_began,
        year_context.census_date - year_began + 1 as days_in_year,
        {{ to_cents('annual_compensation + coalesce(overtime, 0)') }} as rate_cents,
        termination_date - greatest(hire_date, year_began) + 1 as days_employed
    from typed
    cross join {{ source('study', 'year_context') }} as year_context
    where
        year_context.is_first_year
        and termination_date between make_date(year(year_context.census_date), 1, 1) and year_context.census_date
        and census_row not in (select rejects.census_row from {{ ref('stg_census_rejects') }} as rejects)
),

leavers as (
    select
        electing.simulation_year,
        electing.world_id,
        employee_id,
        {{ identity_key('employee_id') }} as identity_key,
        birth_date,
        coalesce(service_date, hire_date) as service_date,
        termination_date as last_day,
        cast(coalesce(scheduled_hours_per_week, 40) as decimal(5, 2)) as scheduled_hours_per_week,
        coalesce(
            {{ to_cents('prior_year_compensation') }},
            {{ mul_div_round('rate_cents', 'days_employed', 'days_in_year') }} + {{ to_cents('coalesce(bonus, 0)') }}
        ) as prior_paid_cents
    from left_before
    inner join electing on electing.is_first_year
    union all
    select
        electing.simulation_year,
        electing.world_id,
        closing.employee_id,
        closing.identity_key,
        closing.birth_date,
        closing.service_date,
        closing.termination_date,
        closing.scheduled_hours_per_week,
        closing.paid_cents
    from {{ source('prior_year', 'int_closing_workforce') }} as closing
    inner join {{ source('prior_year', 'int_workforce_needs') }} as closed using (world_id)
    inner join electing on closed.scenario_id = electing.scenario_id and closed.seed = electing.seed
    where closing.termination_date is not null
)

select * from leavers
order by world_id, employee_id
