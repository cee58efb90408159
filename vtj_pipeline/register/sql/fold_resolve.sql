-- Which of the standing rows are shown (part of fold_rows.sql): of sibling rows about one fact the
-- best-ranked one; of two open rows where one can be, the earlier ends where the later begins.
-- Where nothing competes, rows pass as they are. In: `bounded`. Out: `resolved`.
{% if has_siblings or has_one_open %}
lively as (
    select b.*
    from bounded as b
    where b.recorded_to is null or b.recorded_to > b.recorded_from
),
competing as (
    select b.*, {{ "'all'" if has_siblings else 'b.slot' }} as arena
    from lively as b
    where {{ rival.is_one('b') }}
),
border as (
    select c.person_id, c.arena, c.recorded_from as at from competing as c
    union
    select c.person_id, c.arena, c.recorded_to from competing as c where c.recorded_to is not null
    {% if has_one_open %}
    union
    select h.person_id, {{ "'all'" if has_siblings else 'h.slot' }} as arena, h.at from herald as h
    union
    select h.person_id, {{ "'all'" if has_siblings else 'h.slot' }} as arena, h.end_at
    from herald as h
    where h.end_at is not null
    {% endif %}
),
segment as (
    select b.*, lead(b.at) over (partition by b.person_id, b.arena order by b.at) as until
    from border as b
),
piece as (
    select
        c.* exclude (recorded_from, recorded_to),
        s.at as recorded_from,
        s.until as recorded_to
    from competing as c
    inner join segment as s
        on
            c.person_id = s.person_id
            and c.arena = s.arena
            and s.at >= c.recorded_from
            and (c.recorded_to is null or s.at < c.recorded_to)
),
{% if has_siblings %}
shown as (
    select p.*
    from piece as p
    qualify
        {% if table.maskable %}p.withheld or {% endif -%}
        p.rank = min(p.rank) over (
            partition by
                p.person_id, p.recorded_from{% for f in fact %}, {{ f }}{% endfor %}

        )
),
{% else %}
shown as (select p.* from piece as p),
{% endif %}
{% if has_one_open %}
successor as (
    select
        a.person_id, a.slot, a.key, a.recorded_from,
        arg_min(
            {'day': h.valid_from, 'precision': h.valid_from_precision},
            (h.valid_from, coalesce(h.valid_from_precision, ''))
        ) as begins
    from shown as a
    inner join herald as h
        on
            a.person_id = h.person_id
            and a.slot = h.slot
            and a.key <> h.key
            and a.step <= h.step
            and coalesce(a.valid_from, '-infinity'::date) < h.valid_from
            and h.at <= a.recorded_from
            {% for column in table.one_open_by %}
            and a.{{ column }} is not distinct from h.{{ column }}
            {% endfor %}
    where
        a.one_open
        and a.is_open
        and a.valid_to is null
        and coalesce(h.end_at > a.recorded_from, true)
    group by all
),
closed as (
    select
        s.* replace (
            coalesce(s.valid_to, n.begins.day) as valid_to,
            case when n.begins is null then s.valid_to_precision else n.begins.precision end
                as valid_to_precision
        )
    from shown as s
    left join successor as n
        on
            s.person_id = n.person_id
            and s.slot = n.slot
            and s.key = n.key
            and s.recorded_from = n.recorded_from
),
{% else %}
closed as (select s.* from shown as s),
{% endif %}
resolved as (
    select
        c.* exclude (arena)
    from closed as c
    union all by name
    select b.*
    from lively as b
    where not ({{ rival.is_one('b') }})
),
{% else %}
resolved as (select b.* from bounded as b),
{% endif %}
