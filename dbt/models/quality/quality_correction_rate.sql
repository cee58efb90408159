{#- Tables without days of validity in which another value is a change of the world as often as a
    correction, and the rows of groups that this version does not know. -#}
{% set not_told_apart = [
    'sex', 'marital_status', 'migration', 'protection_order', 'occupation', 'other_group',
] %}
with since as (
    select
        (
            date_trunc('month', {{ moment() }} at time zone 'Europe/Helsinki')
            - ({{ var('quality_months') }} - 1) * interval '1 month'
        ) at time zone 'Europe/Helsinki' as began_at
),

ended as (
    {% for name, table in register_tables().items() if name not in not_told_apart %}
        {% if not loop.first %}
            union all
        {% endif %}
        {{ ended_rows(name, table, '(select s.began_at from since as s)') }}
    {% endfor %}
),

ended_month as (
    select
        e.table_name,
        {{ month_of('e.ended_at') }} as recorded_month,
        count(*) filter (where e.fate = 'corrected') as corrected,
        count(*) filter (where e.fate = 'cancelled') as cancelled
    from ended as e
    group by e.table_name, {{ month_of('e.ended_at') }}
),

recorded as (
    {% for name, table in register_tables().items() if name not in not_told_apart %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            '{{ name }}' as table_name,
            {{ month_of('r.recorded_from') }} as recorded_month,
            count(*) as recorded_rows
        from {{ source('register', name) }} as r
        inner join {{ source('register', 'person') }} as p
            on r.person_id = p.person_id
        where
            r.recorded_from >= (select s.began_at from since as s)
            and r.recorded_from > p.first_recorded
        group by {{ month_of('r.recorded_from') }}
    {% endfor %}
)

select
    coalesce(r.table_name, e.table_name) as table_name,
    coalesce(r.recorded_month, e.recorded_month) as recorded_month,
    coalesce(r.recorded_rows, 0) as recorded_rows,
    coalesce(e.corrected, 0) as corrected_rows,
    coalesce(e.cancelled, 0) as cancelled_rows,
    {{ share('1000 * (coalesce(e.corrected, 0) + coalesce(e.cancelled, 0))', 'r.recorded_rows') }}
        as per_1000_recorded
from recorded as r
full outer join ended_month as e
    on r.table_name = e.table_name and r.recorded_month = e.recorded_month
