{#- Whose place would tell that of somebody whom a guard protects: whoever lives at the same dwelling,
    and, where nobody knows the dwelling, the closest family (DATA-PROTECTION.md says why). -#}

{#- All days that there are. -#}
{% macro all_days() -%}
daterange('-infinity', 'infinity')
{%- endmacro %}

{#- The dwelling is that of a household; an institution's is that of all who live there. -#}
{% macro is_of_a_household(period) -%}
(
    {{ period }}.dwelling_key is not null
    and coalesce({{ period }}.residence_type, 'permanent_dwelling') <> 'permanent_institution'
)
{%- endmacro %}

{#- Two people whom a row of `table` ties to each other then, told by either of them. -#}
{% macro ties(table, known_at, only='true') -%}
{% for here, there in [('person_id', 'related_person_id'), ('related_person_id', 'person_id')] -%}
{% if not loop.first %}
union all
{% endif %}
select
    h.known_at,
    r.{{ there }} as person_id,
    coalesce(r.valid_from, '-infinity'::date) as tied_from
from homeless as h
inner join {{ source('register', table) }} as r on h.person_id = r.{{ here }}
where
    not r.withheld
    and {{ recorded('r', known_at) }}
    and r.{{ there }} is not null
    -- A tie that is over tells nothing of where somebody is now.
    and coalesce(r.valid_to, 'infinity'::date) > {{ today() }}
    and {{ only }}
{% endfor %}
{%- endmacro %}

{#- Companions' periods in the knowledge asked for, cut where a day that they share with somebody begins
    or ends: shared days without a place, the others with it. A move to or from a place that is not
    shown is not visible, and no day is told from which on they live in a municipality if they lived
    there with somebody. Reads `companion`. -#}
{% macro companions_periods() -%}
select
    {% for column in other_columns() %}
    {{ {'valid_from': 'piece.from_day', 'valid_to': 'piece.to_day'}.get(column, 'p.' ~ column) }} as {{ column }},
    {% endfor %}
    {% for column in location_columns() %}
    case
        when not piece.is_shared
            {% if column == 'entry_from' %}and piece.is_seen_to_come
            {% elif column == 'leave_to' %}and piece.is_seen_to_go
            {% elif column == 'resident_since' %}
            and not p.shared && datemultirange(daterange(p.resident_since, greatest(p.resident_since, piece.from_day)))
            {% endif %}
            then p.{{ column }}
    end as {{ column }},
    {% endfor %}
    case
        when piece.is_seen_to_come then p.entry_kind
        when piece.from_day = p.valid_from and p.entry_kind in ('birth', 'death') then p.entry_kind
    end as entry_kind,
    case
        when piece.is_seen_to_go then p.leave_kind
        when piece.to_day = p.valid_to and p.leave_kind in ('birth', 'death') then p.leave_kind
    end as leave_kind,
    {{ in_scope('p.municipality_code') }} as in_scope,
    false as is_protected,
    piece.is_shared as location_withheld
from (
    select
        c.*,
        datemultirange(daterange(c.valid_from, c.valid_to)) as days,
        {{ shared_days('c', 's') }} as shared_here,
        range_agg({{ shared_days('c', 's') }}) over (partition by c.person_id) as shared
    -- Begins at the few persons whom it is about.
    from (select distinct w.person_id from companion as w) as o
    inner join {{ ref('person_period') }} as c on o.person_id = c.person_id
    inner join {{ source('register', 'person') }} as r on c.person_id = r.person_id
    left join companion as s
        on c.person_id = s.person_id and c.dwelling_key is not distinct from s.dwelling_key
    where {{ known_then('c', recorded_at()) }} and not c.is_hidden
) as p
cross join lateral (
    select
        lower(d.days) as from_day,
        upper(d.days) as to_day,
        d.is_shared,
        (
            not d.is_shared
            and lower(d.days) = p.valid_from
            and not p.shared @> p.valid_from - 1
        ) as is_seen_to_come,
        (
            not d.is_shared
            and upper(d.days) = p.valid_to
            and not p.shared @> p.valid_to
        ) as is_seen_to_go
    from (
        select
            unnest(p.shared_here) as days,
            true as is_shared
        union all
        select
            unnest(p.days - p.shared_here) as days,
            false as is_shared
    ) as d
) as piece
{%- endmacro %}

{#- The days of a period that are shared at its dwelling. -#}
{% macro shared_days(period, shared) -%}
coalesce(
    {{ shared }}.withheld_days * datemultirange(daterange({{ period }}.valid_from, {{ period }}.valid_to)),
    '{}'::datemultirange
)
{%- endmacro %}
