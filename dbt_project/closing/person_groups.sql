/*
  grain    one row a seed and person employed at any time in the year; the same in every scenario
  inputs   the groups of the census (relation census_groups, only where the study names some), the closing workforce
  formula  docs/methodology.md, 15. Groups. Somebody of the census has the file's values; a hire those of a person of the
           census who is drawn by the keyed stream `group`, once for good, so that all groups of a hire go together
*/
with people as (
    select distinct worlds.simulation_year, worlds.seed, worlds.trait_salt, closing.employee_id, identity_key
    from {{ ref('int_closing_workforce') }} as closing
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
),

mix as (
    select carried.group_values, count(*) as heads, sum(count(*)) over (order by carried.group_values) as last_place
    from census_groups as carried
    inner join {{ ref('stg_census') }} as census using (employee_id)
    group by carried.group_values
),

hires as (
    select people.*
    from people
    left join {{ ref('stg_census') }} as census using (identity_key)
    where census.identity_key is null
),

drawn as (
    {{ with_draws('hires', {'u': 'group'}) }}
),

placed as (
    select *, floor(u * (select max(last_place) from mix)) as place
    from drawn
)

select people.simulation_year, people.seed, people.employee_id, carried.group_values
from people
inner join {{ ref('stg_census') }} as census using (identity_key)
inner join census_groups as carried on census.employee_id = carried.employee_id
union all
select placed.simulation_year, placed.seed, placed.employee_id, mix.group_values
from placed
inner join mix on placed.place < mix.last_place and placed.place >= mix.last_place - mix.heads
order by seed, employee_id
