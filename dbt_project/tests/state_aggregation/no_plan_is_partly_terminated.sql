/*
  A partial plan termination, a warning: reductions take a fifth or more of the participants of a year, from which the IRS
  presumes one, and all who leave in it are to be vested. The plan's setting decides whether they are. One row a scenario and
  seed.

  Source: IRC 411(d)(3), Rev. Rul. 2007-43.
*/
{{ config(severity='warn') }}
select
    worlds.scenario_id,
    worlds.seed,
    turnover.reductions,
    turnover.participants,
    design.partial_termination_millionths is not null as is_vested
from ({{ turnover_by_reductions() }}) as turnover
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
where turnover.reductions * 5 >= turnover.participants
