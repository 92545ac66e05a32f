-- More census rows are rejected than the study allows. The row that fails says how many; stg_census_rejects says which.
with counts as (
    select
        (select count(*) from {{ source('study', 'census_input') }}) as all_rows,
        (select count(distinct census_row) from {{ ref('stg_census_rejects') }}) as rejected_rows,
        census_reject_limit_millionths
    from {{ source('study', 'year_context') }}
)

select
    rejected_rows || ' of ' || all_rows || ' census rows are rejected. Mend them (stg_census_rejects names row, column '
    || 'and rule) or raise the reject limit of the study.' as message,
    all_rows,
    rejected_rows
from counts
where rejected_rows * 1000000 > all_rows * census_reject_limit_millionths
