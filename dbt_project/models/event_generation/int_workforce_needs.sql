/*
  grain    one row a world
  inputs   who is there on 1 January, the cells of the exit hazard, growth and exit rates, last year's remainder of exits
  formula  docs/methodology.md, 2. How many. Exits = floor(expected exits of all years so far) - exits taken before, so
           that rounding spares no small company for ever; at least those announced for this year, at most all who are not
           announced for a later one. Hires, exits among them or reduction make the headcount the target (headcount_plan).
           exit_scale: solved_scale, over those without an announced exit. Integers and decimals; only the scale is a float.
*/
with people as (
    select world_id, scenario_id, level_id, announced_exit, count(*) as people,
        age_on_january_1 as age, tenure_years_on_january_1 as tenure
    from {{ ref('int_active_workforce') }}
    group by all
),

rates as (
    select
        people.world_id,
        people.announced_exit,
        case when announced_exit is null or cell.exit_rate is null then cell.exit_rate else 0 end as exit_rate,
        case announced_exit when 'this year' then 1 when 'later' then 0 else cell.exit_probability end as exit_probability,
        sum(people.people)::bigint as people
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
        coalesce(sum(people) filter (announced_exit = 'this year'), 0)::bigint as announced_exits,
        coalesce(sum(people) filter (announced_exit = 'later'), 0)::bigint as announced_later,
        sum(people * exit_probability) as exits,
        {{ rate_groups('exit_rate', 'people') }} as groups
    from rates
    group by world_id
),

last_year as (
    select scenario_id, seed, cumulative_expected_exits as expected_before, cumulative_experienced_exits as taken_before
    from {{ source('prior_year', 'int_workforce_needs') }}
),

expected as (
    select
        world.* exclude (selection),
        hazards.* exclude (world_id, opening_headcount, exits, announced_exits),
        coalesce(hazards.announced_exits, 0) as announced_exits,
        coalesce(hazards.opening_headcount, 0) as opening_headcount,
        coalesce(last_year.expected_before, 0) as expected_before,
        coalesce(last_year.taken_before, 0) as taken_before,
        cast(coalesce(
            case
                when world.termination_rate_millionths is null then hazards.exits
                else least(
                    greatest(hazards.opening_headcount * termination_rate_millionths * 0.000001, hazards.announced_exits),
                    hazards.opening_headcount - announced_later
                )
            end, 0
        ) as decimal(24, 12)) as expected_exits,
        world.selection = 'exact' as is_exact
    from {{ ref('stg_worlds') }} as world
    left join hazards using (world_id)
    left join last_year using (scenario_id, seed)
),

worlds as (
    select
        *,
        cast(expected_before + expected_exits as decimal(28, 12)) as cumulative_expected_exits,
        cast(floor(cumulative_expected_exits) as bigint) - taken_before as exits
    from expected
),

planned_worlds as ({{ headcount_plan('worlds') }})

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
        when coalesce(people_in_cells, 0) <> opening_headcount then null
        when not is_exact and termination_rate_millionths is null then 1
        else {{ solved_scale('groups', 'case when is_exact then exits else expected_exits end - announced_exits') }}
    end as exit_scale
from planned_worlds
order by world_id
