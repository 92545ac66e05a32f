/*
  grain    one row a world
  inputs   who is there on 1 January, the cells of the exit hazard, growth and exit rates, last year's remainder of exits
  formula  docs/methodology.md, 2. How many. Exits = floor(expected exits of all years so far) - exits taken before, so
           that rounding spares no small company for ever; the hires, the exits among them or the reduction that make the
           headcount the target (headcount_plan). exit_scale: solved_scale. Integers and decimals; nothing is a float but
           the scale.
*/
with people as (
    select
        world_id,
        scenario_id,
        level_id,
        age_on_january_1 as age,
        tenure_years_on_january_1 as tenure,
        count(*) as people
    from {{ ref('int_active_workforce') }}
    group by all
),

rates as (
    select people.world_id, cell.exit_rate, cell.exit_probability, sum(people.people)::bigint as people
    from people
    left join {{ ref('int_hazard_termination') }} as cell
        on {{ in_hazard_cell('people', 'cell') }}
    group by all
),

hazards as (
    select
        world_id,
        sum(people)::bigint as opening_headcount,
        coalesce(sum(people) filter (exit_rate is not null), 0)::bigint as people_in_cells,
        sum(people * exit_probability) as exits,
        {{ rate_groups('exit_rate', 'people') }} as groups
    from rates
    group by world_id
),

expected as (
    select
        world.*,
        coalesce(hazards.opening_headcount, 0) as opening_headcount,
        hazards.groups,
        coalesce(hazards.people_in_cells, 0) as people_in_cells,
        cast(
            case
                when world.termination_rate_millionths is null then coalesce(hazards.exits, 0)
                else coalesce(hazards.opening_headcount, 0) * world.termination_rate_millionths * 0.000001
            end as decimal(24, 12)
        ) as expected_exits
    from {{ ref('stg_worlds') }} as world
    left join hazards using (world_id)
),

carried as (
    select
        expected.*,
        cast(
            coalesce(last_year.cumulative_expected_exits, 0) + expected.expected_exits as decimal(28, 12)
        ) as cumulative_expected_exits,
        coalesce(last_year.cumulative_experienced_exits, 0) as taken_before
    from expected
    left join {{ source('prior_year', 'int_workforce_needs') }} as last_year
        on expected.scenario_id = last_year.scenario_id and expected.seed = last_year.seed
),

worlds as (
    select *, cast(floor(cumulative_expected_exits) as bigint) - taken_before as exits, selection = 'exact' as is_exact
    from carried
),

planned_worlds as (
    {{ headcount_plan('worlds') }}
)

select
    simulation_year,
    world_id,
    scenario_id,
    seed,
    opening_headcount,
    target_headcount,
    expected_exits,
    cumulative_expected_exits,
    taken_before + exits as cumulative_experienced_exits,
    case when is_exact then exits end as experienced_exits,
    case when is_exact then hires end as planned_hires,
    case when is_exact then new_hire_exits end as planned_new_hire_exits,
    case when is_exact then reduction end as planned_reduction,
    case
        when people_in_cells <> opening_headcount then null
        when not is_exact and termination_rate_millionths is null then 1
        else {{ solved_scale('groups', 'case when is_exact then exits else expected_exits end') }}
    end as exit_scale
from planned_worlds
order by world_id
