-- Messages → their rows, as received, those of a group together, so that what is done by group is done
-- to many rows at once. Runs in DuckDB. In: `message`.
-- Jinja: `kind`, `name` (what a name of a group looks like), `names` of the groups whose fields are known.
{% import 'storable.jinja' as storable %}
with unnested as (
    select
        m.id as message_id,
        unnest(m.rows) as raw,
        generate_subscripts(m.rows, 1)::integer as line
    from message as m
    where m.fault is null
),
headed as (
    select
        u.*,
        from_json(
            u.raw,
            '{"tietoryhma":"VARCHAR","muutosattribuutti":"VARCHAR","turvakiellonAlaisetKentat":"JSON","voimassaolevatTiedot":"JSON"}'
        ) as head
    from unnested as u
)
select
    h.message_id,
    h.line,
    h.raw::varchar as raw,
    try_cast(h.head.tietoryhma as enum({{ names }})) as known,
    case
        when known is not null or regexp_full_match(h.head.tietoryhma, '{{ name }}')
            then h.head.tietoryhma
    end as tietoryhma,
    -- How many keys there are around the fields of the group, and how many besides those.
    {{ 2 if kind == 'change' else 1 }} + (h.head.turvakiellonAlaisetKentat is not null)::integer
    + (h.head.voimassaolevatTiedot is not null)::integer as around,
    len(json_keys(h.raw)) - around as given,
    {% if kind == 'change' -%}
    coalesce(h.head.muutosattribuutti, '') as change_type,
    {%- else -%}
    'SNAPSHOT' as change_type,
    {%- endif %}

    -- Rows in force that are withheld themselves make the whole row count as withheld.
    case
        when h.head.turvakiellonAlaisetKentat is null and h.head.voimassaolevatTiedot is null
            then false
        else
            coalesce(json_type(h.head.turvakiellonAlaisetKentat) = 'ARRAY', false)
            or coalesce(
                contains(h.head.voimassaolevatTiedot::varchar, '"turvakiellonAlaisetKentat"'), false
            )
    end as masked,
    case
        when h.head.voimassaolevatTiedot is null then null
        when json_type(h.head.voimassaolevatTiedot) = 'ARRAY'
            then h.head.voimassaolevatTiedot::varchar
    end as valid_now,
    case
        when h.head is null then 'the row is not a JSON object'
        when tietoryhma is null then 'the row names no tietoryhma'
        when {{ storable.holds_nul('h.raw::varchar') }}
            then 'a text holds the character NUL, which the register cannot hold'
        when
            coalesce(json_type(h.head.turvakiellonAlaisetKentat) not in ('NULL', 'ARRAY'), false)
            or coalesce(json_type(h.head.voimassaolevatTiedot) not in ('NULL', 'ARRAY'), false)
            then 'a field has another shape than the source has been seen to give'
        {% if kind == 'change' -%}
        when coalesce(h.head.muutosattribuutti, '') not in (
            'LISATTY', 'MUUTETTU', 'POISTETTU', 'KORJATTAVA', 'KORJATTU', 'LISATIETO'
        ) then 'the row has no known muutosattribuutti'
        {%- endif %}

    end as fault
from headed as h
order by known
