-- Nobody of the census saves in the plan: as many failures as people. A plan may be new; a column may be missing.
{{ config(severity='warn') }}
select employee_id
from {{ ref('stg_census') }}
where not exists (
    select employee_id from {{ ref('stg_census') }}
    where deferral_rate_millionths > 0
)
