{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='person_id',
    on_schema_change='fail',
    indexes=[{'columns': ['person_id']}, {'columns': ['publication_id']}],
    pre_hook='{{ note_touched() }}',
    post_hook='analyze {{ this }}',
) }}
{#- Tables without days of validity in which another value is a change of the world as often as a
    correction, and the rows of groups that this version does not know. -#}
{% set not_told_apart = [
    'sex', 'marital_status', 'migration', 'protection_order', 'occupation', 'other_group',
] %}
{% set touched = 'touched' if is_incremental() else none %}
with touched as materialized (
    {% if is_incremental() %}
        select t.person_id
        from touched_since as t
    {% else %}
        -- Not read: everybody's rows are made.
        select p.person_id
        from {{ source('register', 'person') }} as p
    {% endif %}
),

change as (
    {% for name, table in register_tables().items() if name not in not_told_apart %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            e.person_id,
            e.table_name,
            e.ended_at as changed_at,
            e.fate
        from (
            {{ ended_rows(name, table, touched) }}
        ) as e
        union all
        select
            r.person_id,
            '{{ name }}' as table_name,
            r.recorded_from as changed_at,
            'recorded' as fate
        from {{ source('register', name) }} as r
        inner join {{ source('register', 'person') }} as p on r.person_id = p.person_id
        {% if touched %}inner join {{ touched }} as t on r.person_id = t.person_id{% endif %}
        where r.recorded_from > p.first_recorded
    {% endfor %}
),

counted as (
    select
        c.person_id,
        c.table_name,
        {{ month_of('c.changed_at') }} as recorded_month,
        count(*) filter (where c.fate = 'recorded') as recorded_rows,
        count(*) filter (where c.fate = 'corrected') as corrected_rows,
        count(*) filter (where c.fate = 'cancelled') as cancelled_rows
    from change as c
    group by c.person_id, c.table_name, {{ month_of('c.changed_at') }}
)

{{ rows_to_keep(
    'counted',
    ['table_name', 'recorded_month', 'recorded_rows', 'corrected_rows', 'cancelled_rows'],
) }}
