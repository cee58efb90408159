-- Rows → rows in one form, where they are sound at first sight; the others stay as received, for
-- `checked.sql`. Runs in DuckDB. In: `line`.
-- Jinja: `kind`, `groups` [{name, structure, present, nested, code_is_too_long}], `odd_date`.
-- Rewritten by the catalogue, the order of keys and null-or-missing make no difference.
--
-- A row is sound where each of its keys has come through, so that none is unknown, stands there twice or
-- has a value of another shape, and its dates and codes are what they should be. No check of
-- `checked.sql` would find anything then, and all of them together cost many times more.
{# How many keys have a value, at any depth. No text holds a quotation mark where none is escaped. #}
{% macro keys(json) -%}
((strlen({{ json }}) - strlen(replace({{ json }}, '":', ''))) // 2)
{%- endmacro %}
with rewritten as (
    {% for group in groups -%}
    select
        t.* exclude (r, known, around, given),
        coalesce(
            {% if group.nested -%}
            -- What is no object comes through as one whose fields are null.
            not contains(t.raw, '\')
            and not regexp_matches(t.payload, '[{](?:"[^"]+":null,?)+[}]')
            and {{ keys('t.raw') }} - {{ keys("coalesce(t.valid_now, '')") }} - t.around
            = {{ keys("replace(t.payload, '\":null', '')") }}
            {%- else -%}
            t.given = (
                {% for present in group.present -%}
                ({{ present }})::integer{{ ' + ' if not loop.last }}
                {%- endfor %}

            )
            {%- endif %}

            and not coalesce({{ group.code_is_too_long }}, false),
            false
        ) as is_whole
    from (
        select
            k.*,
            to_json(k.r)::varchar as payload
        from (
            select
                l.*,
                from_json(l.raw, '{{ group.structure }}') as r
            from line as l
            where l.known = '{{ group.name }}' and l.fault is null
        ) as k
    ) as t
    union all by name
    {% endfor -%}
    select
        l.* exclude (known, around, given),
        null::varchar as payload,
        false as is_whole
    from line as l
    where
        l.fault is not null
        or l.tietoryhma not in ('-'{% for group in groups %}, '{{ group.name }}'{% endfor %})
),
judged as (
    select
        r.* exclude (is_whole),
        r.is_whole and not regexp_matches(r.payload, '{{ odd_date }}') as is_sound
    from rewritten as r
)
select
    j.* exclude (raw, payload),
    case when j.is_sound then j.payload else j.raw end as text
from judged as j
