{#- Whom and what no view may show. The rule stands here and in timeline.guard_interval once, for
    every view. -#}

{#- The tables of which a withheld row says that the person's place must not be told. In
    `other_group` the rows of any group count: what is not known may tell a place (fails closed). -#}
{% macro location_tables() -%}
{{ return([
    'home_municipality', 'other_municipality', 'address', 'residence', 'contact', 'other_group',
]) }}
{%- endmacro %}

{#- The rows `r` of a register table that guard their person, and the knowledge that they guard. -#}
{% macro guarding_rows(table, condition, is_protected) -%}
select
    r.person_id,
    case
        when r.recorded_to is null then '-infinity'::timestamptz
        else r.recorded_from
    end as known_from,
    coalesce(r.recorded_to, 'infinity'::timestamptz) as known_to,
    {{ is_protected | lower }} as is_protected
from {{ source('register', table) }} as r
where {{ condition }}
{%- endmacro %}

{#- What tells, or helps to tell, where a person is. -#}
{% macro location_columns() -%}
{{ return([
    'municipality_code', 'resident_since', 'street_fi', 'street_sv', 'house_number', 'stairwell',
    'apartment_number', 'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv',
    'building_id', 'dwelling_key', 'residence_type', 'institution_kind', 'entry_from', 'leave_to',
]) }}
{%- endmacro %}

{% macro other_columns() -%}
{{ return([
    'person_id', 'valid_from', 'valid_to', 'recorded_from', 'recorded_to', 'birth_date', 'sex',
    'mother_tongue', 'language_group', 'citizenship_code', 'citizenship_group', 'identity_code',
    'last_name', 'first_names', 'call_name',
]) }}
{%- endmacro %}

{#- How a guarded person came or went: being born and dying tell no place; coming to the scope or
    leaving it must add up and is shown as a correction; a move is not visible at all. -#}
{% macro shown_kind(kind, here, there) -%}
case
    when {{ kind }} in ('birth', 'death') then {{ kind }}
    when {{ kind }} is not null
        and coalesce({{ in_scope(here) }}, false) <> coalesce({{ in_scope(there) }}, false)
        then 'correction'
end
{%- endmacro %}

{#- Whom a guard protects: one row a person (and moment). -#}
{% macro guarded(known_at, moments) -%}
(
    select
        {% if moments %}moment.known_at,{% endif %}
        i.person_id,
        bool_or(i.is_protected) as is_protected
    from {{ ref('guard_interval') }} as i
    {% if moments %}cross join {{ moments }} as moment{% endif %}
    where i.known_from <= {{ known_at }} and i.known_to > {{ known_at }}
    group by {% if moments %}moment.known_at, {% endif %}i.person_id
)
{%- endmacro %}

{#- A guard protects this person in the knowledge asked for: for somebody who has no period there, and
    so no row in timeline.shown_period. -#}
{% macro is_guarded(person_id) -%}
exists (
    select 1
    from {{ ref('guard_interval') }} as i
    where
        i.person_id = {{ person_id }}
        and i.known_from <= {{ recorded_at() }}
        and i.known_to > {{ recorded_at() }}
)
{%- endmacro %}

{#- A guard protects the person of period `p` then. Of one knowledge it is asked of a set that is made
    once: joined, it is walked through for each period wherever the planner expects few of them (of
    100,000 residents in a minute instead of two seconds). A null in the set would hide everybody,
    and none is there. -#}
{% macro is_guarded_then(known_at, moments) -%}
(
    {% if moments %}
    exists (
        select 1
        from {{ guarded(known_at, moments) }} as g
        where g.person_id = p.person_id and g.known_at = moment.known_at
    )
    {% else %}
    p.person_id in (select g.person_id from {{ guarded(known_at, none) }} as g)
    {% endif %}
)
{%- endmacro %}

{#- Persons' periods in the knowledge of `known_at`, with no place of anybody whom a guard protects
    then or now, or whom the register does not know. Every view reads periods through this. Three
    parts, so that a condition on the municipality reaches the index in the first and empties the
    others, and the others begin at the few whom they are about.
    `moments`: a relation with a column known_at, of which each row is crossed with the periods; its
    columns come along, its name is `moment`, and `known_at` must be `moment.known_at`.
    `but`: a relation with persons who are left out of those with a place. -#}
{% macro shown_periods(known_at, moments=none, but=none) -%}
{% set same_moment = 'and g.known_at = moment.known_at' if moments else '' %}
select
    {% if moments %}moment.*,{% endif %}
    {% for column in other_columns() + location_columns() %}p.{{ column }},
    {% endfor %}
    p.entry_kind,
    p.leave_kind,
    {{ in_scope('p.municipality_code') }} as in_scope,
    false as is_protected,
    false as location_withheld
from {{ ref('person_period') }} as p
{% if moments %}cross join {{ moments }} as moment{% endif %}
-- Whom the register has lost since is not shown at all.
inner join {{ source('register', 'person') }} as r on p.person_id = r.person_id
where
    {{ known_then('p', known_at) }}
    and not p.is_hidden
    and not {{ is_guarded_then(known_at, moments) }}
    {% if but %}and p.person_id not in (select c.person_id from {{ but }} as c){% endif %}

union all
select
    {% if moments %}moment.*,{% endif %}
    {{ placeless_columns('p') }}
    g.is_protected,
    true as location_withheld
from {{ ref('person_period') }} as p
{% if moments %}cross join {{ moments }} as moment{% endif %}
inner join {{ guarded(known_at, moments) }} as g on p.person_id = g.person_id {{ same_moment }}
where {{ known_then('p', known_at) }}
union all
select
    {% if moments %}moment.*,{% endif %}
    {{ placeless_columns('p') }}
    not p.is_known as is_protected,
    true as location_withheld
from {{ ref('person_period') }} as p
{% if moments %}cross join {{ moments }} as moment{% endif %}
where
    {{ known_then('p', known_at) }}
    and p.is_hidden
    and not {{ is_guarded_then(known_at, moments) }}
{%- endmacro %}

{% macro known_then(period, known_at) -%}
{{ period }}.recorded_from <= {{ known_at }} and {{ period }}.recorded_to > {{ known_at }}
{%- endmacro %}

{% macro placeless_columns(period) -%}
{% for column in other_columns() %}{{ period }}.{{ column }},
{% endfor %}
{% for column in location_columns() %}null::{{ 'date' if column == 'resident_since' else 'text' }} as {{ column }},
{% endfor %}
{{ shown_kind(period ~ '.entry_kind', period ~ '.municipality_code', period ~ '.entry_from') }} as entry_kind,
{{ shown_kind(period ~ '.leave_kind', period ~ '.municipality_code', period ~ '.leave_to') }} as leave_kind,
({{ period }}.home_withheld or {{ in_scope(period ~ '.municipality_code') }}) as in_scope,
{%- endmacro %}
