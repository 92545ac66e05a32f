-- A level of somebody who is there on 1 January that the scenario does not have this year: nothing downstream would
-- give such a person a hazard or a raise.
select distinct
    active.world_id,
    active.level_id
from {{ ref('int_active_workforce') }} as active
anti join {{ ref('stg_job_levels') }} as levels
    on active.scenario_id = levels.scenario_id and active.level_id = levels.level_id
