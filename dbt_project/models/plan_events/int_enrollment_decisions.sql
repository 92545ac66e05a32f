/*
  grain    one row a person who is eligible this year and does not contribute when the year, or the employment, begins
  inputs   those people, their window of automatic enrolment, the cells of enrolment behaviour, the spread of chosen rates
  formula  docs/methodology.md, 7. Eligibility and enrolment. Without a window: who enters this year joins then with the
           voluntary probability, who was eligible before with the yearly one, on some day of the year. With one: by the
           willingness of whoever would join without, the least willing, as many as the opt-out probability, opt out on its
           last day; else a draw under the share of active choosers chooses a rate on its first day, if it opens this year;
           else the default rate from its last day. A chosen rate is the cell's mean x the person's own factor.
*/
with people as (
    {{ plan_people() }}
),

candidates as (
    select
        person.*,
        eligibility.eligibility_date,
        eligibility.is_new and eligibility.eligibility_reason <> 'census' as enters,
        open_window.* exclude (simulation_year, world_id, employee_id, identity_key),
        design.auto_default_rate_millionths,
        cell.mean_deferral_millionths,
        cell.opt_out_probability,
        cell.voluntary_probability,
        cast({{ to_rate('design.active_choice_share_millionths') }} as decimal(18, 12)) as active_probability,
        cast({{ to_rate('design.later_enrollment_millionths') }} as decimal(18, 12)) as later_probability
    from people as person
    inner join {{ ref('int_plan_eligibility') }} as eligibility using (world_id, identity_key)
    left join {{ ref('int_auto_enrollment_window') }} as open_window using (world_id, identity_key)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    inner join {{ ref('int_hazard_enrollment') }} as cell
        on
            person.scenario_id = cell.scenario_id
            and person.age >= cell.age_min and person.age < cell.age_max
            and person.pay_cents >= cell.pay_min_cents and person.pay_cents < cell.pay_max_cents
    where person.opening_rate_millionths = 0
),

drawn as (
    {{ with_draws('candidates', {
        'opt_out_draw': 'opt_out',
        'active_draw': 'active_choice',
        'voluntary_draw': 'voluntary_entry',
        'later_draw': 'later_enrollment',
        'later_day_draw': 'later_day',
        'spread_draw': 'deferral_spread',
    }) }}
),

decided as (
    select
        * replace (floor(spread_draw * 1000000)::bigint as spread_draw),
        {{ uniform_day('year_start', 'days_in_year', 'later_day_draw') }} as later_day,
        window_start >= year_start as opens_this_year,
        -- without a window: joining at an entry, of this year or of a window that the last year left open, or in this year
        if(enters or not opens_this_year, voluntary_probability, 0)::double as at_entry,
        if(enters, 0, later_probability)::double as later,
        voluntary_draw < at_entry or later_draw < later as unasked,
        {{ willingness('unasked', '(at_entry + (1 - at_entry) * later)', 'opt_out_draw') }} as willingness,
        case
            when window_end is null then if(unasked, if(enters, 'voluntary', 'later'), 'none')
            when willingness < opt_out_probability then if(ends_this_year, 'opt_out', 'none')
            when opens_this_year and active_draw < active_probability then 'active_choice'
            else if(ends_this_year, 'auto', 'none')
        end as decision
    from drawn
)

select
    person.simulation_year,
    person.world_id,
    person.employee_id,
    person.identity_key,
    person.decision,
    case
        when person.decision in ('auto', 'opt_out') then person.window_end
        when person.decision = 'active_choice' then person.window_start
        when person.decision = 'voluntary' then person.eligibility_date
        when person.decision = 'later' then person.later_day
    end as decision_date,
    case
        when person.decision = 'auto' then person.auto_default_rate_millionths
        when person.decision in ('opt_out', 'none') then 0
        else {{ chosen_rate('person.mean_deferral_millionths', 'spread.value') }}
    end as deferral_rate_millionths,
    cast(
        case person.decision
            when 'opt_out' then person.opt_out_probability
            when 'active_choice' then (1 - person.opt_out_probability) * person.active_probability
            when 'auto'
                then (1 - person.opt_out_probability) * (1 - if(person.opens_this_year, person.active_probability, 0))
            when 'voluntary' then person.voluntary_probability
            when 'later' then person.later_probability
        end as decimal(18, 12)
    ) as probability
from decided as person
inner join {{ ref('stg_enrollment_behavior') }} as spread
    on
        person.scenario_id = spread.scenario_id and spread.dimension = 'spread'
        and person.spread_draw >= spread.band_min and person.spread_draw < spread.band_max
order by person.world_id, person.employee_id
