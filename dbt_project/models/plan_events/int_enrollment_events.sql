/*
  grain    one row a person who joins the plan this year, or declines automatic enrolment
  inputs   the decisions, and who leaves when
  formula  a decision is an event unless the person leaves before its day; on the exit day it still counts
*/
with exits as (
    {{ all_exits() }}
)

select
    decision.simulation_year,
    world_id,
    decision.employee_id,
    identity_key,
    case when decision.decision = 'opt_out' then 'opt_out' else 'enrollment' end as event_type,
    case when decision.decision = 'opt_out' then 'auto' else decision.decision end as event_category,
    decision.decision_date as effective_date,
    decision.deferral_rate_millionths,
    decision.probability as event_probability
from {{ ref('int_enrollment_decisions') }} as decision
left join exits using (world_id, identity_key)
where
    decision.decision <> 'none'
    and coalesce(exits.termination_date >= decision.decision_date, true)
order by world_id, decision.employee_id
