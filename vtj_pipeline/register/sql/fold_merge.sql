{% import 'row.sql' as row %}
-- Empty intervals vanish, equal neighbours merge. In: `resolved`. Jinja: `table`, `columns`,
-- `related` (whether a row is about another person too).
lasting as (
    select
        b.*,
        {{ row.content(columns, 'b') }} as content
    from resolved as b
    where b.recorded_to is null or b.recorded_to > b.recorded_from
),
marked as (
    select
        l.*,
        coalesce(
            lag(l.content) over history = l.content
            and lag(l.recorded_to) over history = l.recorded_from,
            false
        ) as goes_on
    from lasting as l
    window history as (partition by l.person_id, l.slot, l.key order by l.recorded_from)
),
grouped as (
    select
        m.*,
        sum(case when m.goes_on then 0 else 1 end) over (
            partition by m.person_id, m.slot, m.key order by m.recorded_from
        ) as span
    from marked as m
),
ended as (
    select
        g.*,
        last_value(g.recorded_to) over (
            partition by g.person_id, g.slot, g.key, g.span order by g.recorded_from
            rows between unbounded preceding and unbounded following
        ) as span_to
    from grouped as g
)
select
    {{ row.columns(table.name, columns, related, 'e', 'e.recorded_from', 'e.span_to') }}
from ended as e
{{ row.relation(related, 'e') }}
where not e.goes_on
