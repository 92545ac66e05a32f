/*
  grain    one row a hire of this year who leaves this year
  inputs   the hires, how many of them leave
  formula  docs/methodology.md, 4. Hires. The rate is proportional to the days from the hire date to 31 December, both
           included, so that who has more time to leave leaves more often. `exact`: the n smallest clocks; `bernoulli`: who
           is before the scale at which the expected number is hires x rate. The day is uniform from the hire date to 31
           December.
*/
with hires as (
    select
        hire.*,
        world.selection,
        world.year_salt,
        world.new_hire_termination_rate_millionths,
        world.year_end - hire.hire_date + 1 as days_left
    from {{ ref('int_hiring_events') }} as hire
    inner join {{ ref('stg_worlds') }} as world using (world_id)
),

days as (
    select world_id, selection, new_hire_termination_rate_millionths, days_left, count(*) as hires
    from hires
    group by all
),

worlds as (
    select
        world_id,
        selection,
        new_hire_termination_rate_millionths,
        sum(hires)::bigint as hires,
        {{ rate_groups('days_left', 'hires') }} as groups
    from days
    group by all
),

worlds_with_exits as (
    select
        worlds.*,
        needs.world_new_hire_exits as exits,
        case
            when worlds.selection = 'exact' then needs.world_new_hire_exits
            else worlds.hires * worlds.new_hire_termination_rate_millionths * 0.000001
        end as expected_exits,
        {{ solved_scale('groups', 'expected_exits') }} as exit_scale
    from worlds
    inner join (select distinct world_id, world_new_hire_exits from {{ ref('int_hiring_needs_by_level') }}) as needs
        using (world_id)
),

drawn as (
    {{ with_draws('hires', {'u': 'new_hire_exit_clock', 'day_draw': 'new_hire_exit_day'}) }}
),

clocks as (
    select
        *,
        {{ exit_clock('u', 'days_left') }} as clock,
        row_number() over (partition by world_id order by clock, u, identity_key) as place
    from drawn
)

select
    person.simulation_year,
    world_id,
    person.employee_id,
    person.identity_key,
    {{ uniform_day('person.hire_date', 'person.days_left', 'person.day_draw') }} as termination_date,
    {{ leaving_probability('world.exit_scale', 'person.days_left') }} as event_probability
from clocks as person
inner join worlds_with_exits as world using (world_id)
where case when world.selection = 'exact' then person.place <= world.exits else person.clock < world.exit_scale end
order by world_id, person.employee_id
