-- Everyone of last year's closing workforce opens this year, and nobody else: a year that restarts from the census, or
-- a world that loses its people on the way, is a difference here. The first year opens with the census in every world.
with expected as (
    select
        worlds.world_id,
        count(closing.employee_id) as people
    from {{ ref('stg_worlds') }} as worlds
    cross join {{ source('study', 'year_context') }} as year_context
    left join {{ source('prior_year', 'workforce_state') }} as closing
        on worlds.scenario_id = closing.scenario_id and worlds.seed = closing.seed
    where not year_context.is_first_year
    group by worlds.world_id
    union all
    select
        worlds.world_id,
        (select count(*) from {{ ref('stg_census') }}) as people
    from {{ ref('stg_worlds') }} as worlds
    cross join {{ source('study', 'year_context') }} as year_context
    where year_context.is_first_year
),

opened as (
    select
        world_id,
        count(*) as people
    from {{ ref('int_opening_workforce') }}
    group by world_id
)

select
    expected.world_id,
    expected.people as expected_people,
    coalesce(opened.people, 0) as opened_people
from expected
left join opened on expected.world_id = opened.world_id
where expected.people <> coalesce(opened.people, 0)
