-- Empty intervals vanish, equal neighbours merge. In: `resolved`. Jinja: `table`, `columns`,
-- `related` (whether a row is about another person too).
lasting as (
    select
        b.*,
        md5(to_json({
            {%- for column in columns %}'{{ column }}': b.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
        })::varchar) as content
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
    md5(concat_ws(
        chr(31), '{{ table.name }}', e.person_id, e.slot, e.key, e.content, e.source_group,
        epoch_us(e.recorded_from)
    )) as row_id,
    e.person_id::varchar as person_id,
    {% for column in columns %}
    e.{{ column }},
    {% endfor %}
    {% if related %}
    -- Not part of the content: it follows from who is known, not from what was told.
    r.person_id::varchar as related_person_id,
    {% endif %}
    e.recorded_from,
    e.span_to as recorded_to,
    e.source_group,
    e.slot
from ended as e
{% if related %}
left join person_code as r on e.related_identity_code = r.code and r.is_last
{% endif %}
where not e.goes_on;
