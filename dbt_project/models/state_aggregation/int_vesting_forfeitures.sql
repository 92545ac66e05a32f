/*
  grain    one row a person employed at any time in the year, and world
  inputs   the opening's cumulative employer money, this year's, the schedules, completed service and age
  formula  cumulative = opening + this year's, by source, without returns. Vested share: the schedule's at the completed
           years of service on the exit date (31 December for who stays; the k-th anniversary counts), all from normal
           retirement age on (IRC 411(a)(8)), and of whoever leaves in a year in which the plan is partly terminated, by so
           high a share of participants whom a reduction takes (IRC 411(d)(3), Rev. Rul. 2007-43). Forfeited at the exit:
           cumulative - round(cumulative x vested share).
  check    graded 2 to 6 years, exit after 3 completed years with 10,000.05: 40 % is 4,000.02, forfeited 6,000.03
*/
with turnover as (
    {{ turnover_by_reductions() }}
),

people as (
    select
        closing.simulation_year,
        world_id,
        closing.employee_id,
        identity_key,
        closing.termination_date,
        closing.tenure_years_at_year_end as service_years,
        scenario_id,
        {{ completed_years('closing.birth_date', 'coalesce(closing.termination_date, worlds.year_end)') }}
        >= design.normal_retirement_age
        or coalesce(
            closing.termination_date is not null
            and turnover.reductions * 1000000 >= design.partial_termination_millionths * turnover.participants,
            false
        ) as is_all_vested,
        coalesce(opening.cumulative_match_cents, 0) + coalesce(employer.match_cents, 0) as match_cents,
        coalesce(opening.cumulative_core_cents, 0) + coalesce(employer.core_cents, 0) as core_cents
    from {{ ref('int_closing_workforce') }} as closing
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    left join turnover using (world_id)
    left join {{ ref('int_opening_workforce') }} as opening using (world_id, identity_key)
    left join {{ ref('int_employer_contributions') }} as employer using (world_id, identity_key)
),

vested as (
    select
        people.*,
        {% for source in ['match', 'core'] -%}
        case when people.is_all_vested then 1000000 else {{ to_millionths(source ~ '_schedule.value') }} end
            as {{ source }}_vested,
        case
            when people.termination_date is null then 0
            else people.{{ source }}_cents - cast({{ mul_div_round(
                'people.' ~ source ~ '_cents::hugeint', source ~ '_vested', '1000000'
            ) }} as bigint)
        end as forfeited_{{ source }}{{ ',' if not loop.last }}
        {% endfor %}
    from people
    {%- for source in ['match', 'core'] %}
    left join {{ ref('stg_plan_bands') }} as {{ source }}_schedule
        on people.scenario_id = {{ source }}_schedule.scenario_id
        and {{ source }}_schedule.subject = '{{ source }}_vesting'
        and people.service_years >= {{ source }}_schedule.band_min
        and people.service_years < {{ source }}_schedule.band_max
    {%- endfor %}
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    match_cents as cumulative_match_cents,
    core_cents as cumulative_core_cents,
    match_vested as match_vested_millionths,
    core_vested as core_vested_millionths,
    forfeited_match as forfeited_match_cents,
    forfeited_core as forfeited_core_cents,
    case when forfeited_match + forfeited_core > 0 then termination_date end as forfeiture_date
from vested
order by world_id, employee_id
