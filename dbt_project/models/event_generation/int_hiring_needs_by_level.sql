/*
  grain    one row a world and level, levels without hires included
  inputs   who was there and who leaves, by level; expected promotions; the census mix; the scenario's level_mix
  formula  docs/methodology.md, 4. Hires. With the exits that happened (under `exact` they are the planned ones):
           headcount_plan says how many are hired, level_weight what each level asks for (the census mix where nobody
           asks), sainte_lague who gets it. Promotions are expected ones: the probabilities of those who stay.
*/
with people as (
    select
        world_id,
        person.scenario_id,
        person.level_id,
        person.age_on_january_1 as age,
        person.tenure_years_on_january_1 as tenure,
        count(*) as heads,
        count(*) filter (leaver.exit_category <> 'reduction') as exits,
        count(*) filter (leaver.exit_category is null) as stayers
    from {{ ref('int_active_workforce') }} as person
    left join {{ ref('int_termination_events') }} as leaver using (world_id, identity_key)
    group by all
),

headcounts as (
    select
        people.world_id,
        people.level_id,
        sum(people.heads) as heads,
        sum(people.exits) as exits,
        floor(sum(people.stayers * coalesce(cell.promotion_probability, 0)) * 1000000)::bigint as promotions_millionths
    from people
    left join {{ ref('int_hazard_promotion') }} as cell
        on {{ in_hazard_cell('people', 'cell') }}
    group by all
),

census as (
    select scenario_id, level_id, count(*) as heads
    from {{ ref('int_baseline_workforce') }}
    group by all
),

levels as (
    select
        world.*,
        level.level_id,
        level.mix_weight_millionths,
        coalesce(here.heads, 0)::bigint as level_headcount,
        coalesce(here.exits, 0)::bigint as level_exits,
        coalesce(below.promotions_millionths, 0) - coalesce(here.promotions_millionths, 0) as net_promotions_millionths,
        coalesce(census.heads, 0) as census_heads,
        sum(census_heads) over (partition by world.world_id) as all_census_heads,
        (sum(level_headcount) over (partition by world.world_id))::bigint as opening_headcount,
        (sum(level_exits) over (partition by world.world_id))::bigint as exits
    from {{ ref('stg_worlds') }} as world
    inner join {{ ref('stg_job_levels') }} as level using (scenario_id)
    left join {{ ref('stg_job_levels') }} as feeder
        on level.scenario_id = feeder.scenario_id and level.level_id = feeder.next_level_id
    left join headcounts as here on world.world_id = here.world_id and level.level_id = here.level_id
    left join headcounts as below on world.world_id = below.world_id and feeder.level_id = below.level_id
    left join census on level.scenario_id = census.scenario_id and level.level_id = census.level_id
),

planned_levels as (
    {{ headcount_plan('levels') }}
),

weights as (
    select
        *,
        {{ level_weight() }} as own_weight,
        case when sum(own_weight) over (partition by world_id) > 0 then own_weight else census_heads end as target_weight
    from planned_levels
),

shares as (
    {{ sainte_lague('weights') }}
)

select
    simulation_year,
    world_id,
    level_id,
    level_headcount as opening_headcount,
    level_exits as experienced_exits,
    target_weight,
    coalesce(shares.seats, 0) as hires,
    weights.hires as world_hires,
    new_hire_exits as world_new_hire_exits
from weights
left join shares using (world_id, level_id)
order by world_id, level_id
