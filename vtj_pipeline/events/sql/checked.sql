-- Rows that are not sound at first sight → rows in one form, and what cannot be read of them. Runs in
-- DuckDB. In: `formed`.
-- Jinja: `kind`, `groups` [{name, structure, present, shaped, known, nested, aliases, impossible_date,
-- code_is_too_long}], which are the groups of those rows.
-- A row with anything that the catalogue does not know stays as received, so that nothing is lost.
{% import 'storable.jinja' as storable %}
with line as (
    select
        f.* exclude (is_sound, text),
        f.text as raw
    from formed as f
    where not f.is_sound
)

{% for group in groups -%}
select
    t.* exclude (raw, fault, spelt, r, keys, unknown_fields),
    case
        when t.unknown_fields is null then to_json(t.r)::varchar
        else json_merge_patch(
            t.spelt, '{"tietoryhma":null,"muutosattribuutti":null,"voimassaolevatTiedot":null}'
        )::varchar
    end as payload,
    t.unknown_fields,
    case
        when {{ group.impossible_date }} then 'a date is not in the calendar'
        when {{ group.code_is_too_long }} then 'a code is longer than any code'
        -- Every field that was given must have come through in its shape.
        when
            len(t.keys) - {{ 2 if kind == 'change' else 1 }} <> (
                {% for present in group.present -%}
                ({{ present }})::integer{{ ' + ' if not loop.last }}
                {%- endfor %}

            )
            and {{ storable.told_twice('json_keys(t.raw)') }}
            then 'a field stands in the row twice'
        when
            len(t.keys) - {{ 2 if kind == 'change' else 1 }} <> (
                {% for present in group.present -%}
                ({{ present }})::integer{{ ' + ' if not loop.last }}
                {%- endfor %}

            )
            and not t.masked
            and (
                false
                {%- for name, type in group.shaped %}
                or coalesce(json_type(t.spelt, '$.{{ name }}') not in ('NULL', '{{ type }}'), false)
                {%- endfor %}

            )
            then 'a field has another shape than the source has been seen to give'
        when t.unknown_fields is not null and {{ storable.is_beyond('t.spelt') }}
            then 'a number or a list is beyond what the register can hold'
    end as fault
from (
    select
        k.*,
        from_json(k.spelt, '{{ group.structure }}') as r,
        nullif(
            list_concat(
                list_filter(k.keys, lambda name: not list_contains({{ group.known }}, name))
                {%- for path, name, known in group.nested %},
                list_transform(
                    list_filter(
                        list_distinct({{ 'flatten' if '[' in path else '' }}(json_keys(k.spelt, '$.{{ path }}'))),
                        lambda sub: not list_contains({{ known }}, sub)
                    ),
                    lambda sub: '{{ name }}.' || sub
                )
                {%- endfor %}

            ),
            []
        ) as unknown_fields
    from (
        select
            l.*,
            l.raw{% for alias, name in group.aliases.items() %}.replace('"{{ alias }}":', '"{{ name }}":'){% endfor %} as spelt,
            json_keys(spelt) as keys
        from line as l
        where l.fault is null and l.tietoryhma = '{{ group.name }}'
    ) as k
) as t
union all by name
{% endfor -%}
select
    l.* exclude (raw, fault),
    json_merge_patch(
        l.raw, '{"tietoryhma":null,"muutosattribuutti":null,"voimassaolevatTiedot":null}'
    )::varchar as payload,
    null::varchar[] as unknown_fields,
    case
        when l.fault is not null then l.fault
        when {{ storable.told_twice('json_keys(l.raw)') }} then 'a field stands in the row twice'
        when {{ storable.is_beyond('l.raw') }}
            then 'a number or a list is beyond what the register can hold'
    end as fault
from line as l
where
    l.fault is not null
    or l.tietoryhma not in ('-'{% for group in groups %}, '{{ group.name }}'{% endfor %})
