/*
  Payroll in its parts: what the snapshot says was paid is the pay segments, the bonus and the overtime that are published
  beside it. One row a person for whom it is not so.
*/
with segments as (
    select world_id, employee_id, cast(sum(paid_cents) as bigint) as paid_cents
    from {{ source('operations', 'compensation_changes') }}
    group by world_id, employee_id
)

select
    snapshot.scenario_id,
    snapshot.seed,
    snapshot.employee_id,
    {{ to_money('segments.paid_cents') }} + coalesce(supplement.bonus + supplement.overtime, 0) as expected,
    snapshot.paid_compensation as actual
from {{ ref('fct_workforce_snapshot') }} as snapshot
left join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
left join segments on worlds.world_id = segments.world_id and snapshot.employee_id = segments.employee_id
full join {{ ref('fct_supplemental_pay') }} as supplement
    on snapshot.scenario_id = supplement.scenario_id
    and snapshot.seed = supplement.seed
    and snapshot.employee_id = supplement.employee_id
where expected is distinct from actual
