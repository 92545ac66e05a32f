/*
  grain    one row a scenario, age piece and pay piece
  formula  probability = value by age x multiplier by pay: opting out at most 1, joining at entry at most the plan's cap;
           mean deferral = mean by age x multiplier by pay, at most 1, rounded half up to a millionth. The three behaviors
           may have bands of their own, so ages and pay are cut wherever any of them begins a band
*/
with behavior as (
    select * from {{ ref('stg_enrollment_behavior') }}
    where dimension in ('age', 'pay')
),

cuts as (
    select scenario_id, dimension, band_min as cut from behavior
    union
    select scenario_id, dimension, band_max as cut from behavior
),

pieces as (
    select
        scenario_id,
        dimension,
        cut as piece_min,
        lead(cut) over (partition by scenario_id, dimension order by cut) as piece_max
    from cuts
),

-- The value of each behavior on each piece.
valued as (
    select
        pieces.scenario_id,
        pieces.dimension,
        pieces.piece_min,
        pieces.piece_max,
        max(behavior.value) filter (where behavior.subject = 'opt_out') as opt_out,
        max(behavior.value) filter (where behavior.subject = 'voluntary') as voluntary,
        max(behavior.value) filter (where behavior.subject = 'deferral') as deferral
    from pieces
    inner join behavior
        on
            pieces.scenario_id = behavior.scenario_id
            and pieces.dimension = behavior.dimension
            and pieces.piece_min >= behavior.band_min and pieces.piece_min < behavior.band_max
    where pieces.piece_max is not null
    group by pieces.scenario_id, pieces.dimension, pieces.piece_min, pieces.piece_max
)

select
    design.simulation_year,
    design.scenario_id,
    cast(by_age.piece_min as integer) as age_min,
    cast(by_age.piece_max as integer) as age_max,
    by_pay.piece_min as pay_min_cents,
    by_pay.piece_max as pay_max_cents,
    cast(least(by_age.opt_out * by_pay.opt_out, 1) as decimal(18, 12)) as opt_out_probability,
    cast(
        least(by_age.voluntary * by_pay.voluntary, {{ to_rate('design.voluntary_cap_millionths') }}) as decimal(18, 12)
    ) as voluntary_probability,
    cast(round(least(by_age.deferral * by_pay.deferral, 1) * 1000000) as bigint) as mean_deferral_millionths
from {{ ref('stg_plan_design') }} as design
inner join valued as by_age on design.scenario_id = by_age.scenario_id and by_age.dimension = 'age'
inner join valued as by_pay on design.scenario_id = by_pay.scenario_id and by_pay.dimension = 'pay'
order by design.scenario_id, by_age.piece_min, by_pay.piece_min
