-- Pay in no band of the scenario, placed in the nearest one. As many failures as people placed so, in each scenario.
{{ config(severity='warn') }}
select
    scenario_id,
    employee_id,
    annual_compensation_cents,
    level_id
from {{ ref('int_baseline_workforce') }}
where level_source = 'nearest_band'
