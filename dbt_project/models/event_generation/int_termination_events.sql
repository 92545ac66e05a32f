/*
  grain    one row a person of the opening workforce who leaves this year
  inputs   the opening workforce, the cells of the exit hazard, how many leave (int_workforce_needs)
  formula  docs/methodology.md, 3. Who leaves. Everybody has a clock -ln(1-u) / rate. `exact`: the X smallest leave, ties
           by u, then identity_key; `bernoulli`: who is before the world's scale. A reduction takes the next in the same
           order. Who is announced for this year is before all others, on the day of the census; who is announced for a later
           one has a clock that never rings. The cause is drawn in proportion to the two rates, the day is uniform over the
           year.
*/
with people as (
    select *, age_on_january_1 as age, tenure_years_on_january_1 as tenure
    from {{ ref('int_active_workforce') }}
),

cells as materialized (
    {{ hazard_cells('people', ref('int_hazard_termination'), ['exit_rate', 'retirement_rate']) }}
),

salted as (
    select
        world_id,
        person.employee_id,
        person.identity_key,
        person.announced_exit,
        person.announced_exit_date,
        cell.exit_rate,
        cell.retirement_rate,
        world.year_salt
    from people as person
    inner join cells as cell using (scenario_id, level_id, age, tenure)
    inner join {{ ref('stg_worlds') }} as world using (world_id)
),

drawn as (
    {{ with_draws('salted', {'u': 'exit_clock', 'cause_draw': 'exit_cause', 'day_draw': 'exit_day'}) }}
),

clocks as (
    select
        *,
        case announced_exit
            when 'this year' then -1
            when 'later' then 'infinity'::double
            else {{ exit_clock('u', 'exit_rate') }}
        end as clock,
        row_number() over (partition by world_id order by clock, u, identity_key) as place
    from drawn
),

worlds as (
    select
        world.*,
        needs.opening_headcount,
        needs.exit_scale,
        coalesce(
            needs.experienced_exits,
            (select count(*) from clocks where clocks.world_id = needs.world_id and clocks.clock < needs.exit_scale)
        ) as exits
    from {{ ref('stg_worlds') }} as world
    inner join {{ ref('int_workforce_needs') }} as needs on world.world_id = needs.world_id
),

planned_worlds as (
    {{ headcount_plan('worlds') }}
)

select
    world.simulation_year,
    person.world_id,
    person.employee_id,
    person.identity_key,
    case
        when person.announced_exit = 'this year' then 'announced'
        when person.place > world.exits then 'reduction'
        when person.cause_draw * person.exit_rate < person.retirement_rate then 'retirement'
        else 'experienced'
    end as exit_category,
    case
        when person.announced_exit = 'this year' then person.announced_exit_date
        else {{ uniform_day('world.year_start', 'world.days_in_year', 'person.day_draw') }}
    end as termination_date,
    case person.announced_exit
        when 'this year' then cast(1 as decimal(18, 12))
        when 'later' then cast(0 as decimal(18, 12))
        else {{ leaving_probability('world.exit_scale', 'person.exit_rate') }}
    end as event_probability
from clocks as person
inner join planned_worlds as world
    on person.world_id = world.world_id and person.place <= world.exits + world.reduction
order by person.world_id, person.employee_id
