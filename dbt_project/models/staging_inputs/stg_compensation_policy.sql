/*
  grain    one row a scenario
  formula  the promotion date is the configured day, or the last day of a month too short to have it
*/
with policies as (
    select
        *,
        make_date(simulation_year, promotion_month, 1) as promotion_month_start
    from {{ source('study', 'scenario_parameters') }}
)

select
    simulation_year,
    scenario_id,
    cola_millionths,
    make_date(simulation_year, 1, 1) as cola_date,
    merit_service_months,
    least(promotion_month_start + (promotion_day - 1), last_day(promotion_month_start)) as promotion_date,
    promotion_raise_cap_millionths,
    pay_cap_cents
from policies
order by scenario_id
