-- One landed file → its events. Runs in DuckDB.
-- In: table `pages` (landing.pages.PAGE_SCHEMA). Out: table `events`, or rows with a `fault`.
-- Jinja: `groups` [{name, structure, fields, impossible_date}], `spellings` {alias: name}.
-- The position of an event is (cursor, stage, page, message, line): a snapshot stands before the
-- changes that follow the cursor it was taken at.
create or replace temp table message as
with body as (
    select
        p.*,
        decode(p.body) as text
    from pages as p
),
envelope as (
    select
        b.* exclude (body, text),
        {% if kind == 'change' -%}
        from_json(b.text, '{"muutokset":["JSON"]}').muutokset as messages
        {%- else -%}
        from_json(b.text, '{"perustiedot":["JSON"]}').perustiedot as messages
        {%- endif %}
    from body as b
),
unnested as (
    select
        e.* exclude (messages),
        unnest(e.messages) as raw,
        generate_subscripts(e.messages, 1) as message
    from envelope as e
),
judged as (
    select
        u.cursor_in as cursor,
        {{ 0 if kind != 'change' else 1 }} as stage,
        u.sequence as page,
        u.message,
        u.fetched_at,
        u.extraction_date,
        u.raw ->> '$.henkilotunnus' as subject,
        try_cast(u.raw ->> '$.muutospv' as timestamptz) as changed_at,
        from_json(u.raw -> '$.tietoryhmat', '["JSON"]') as lines,
        case
            when json_type(u.raw) <> 'OBJECT' then 'the message is not a JSON object'
            when coalesce(u.raw ->> '$.henkilotunnus', '') = '' then 'the message names no subject'
            when coalesce(json_type(u.raw -> '$.tietoryhmat'), '') <> 'ARRAY'
                then 'the message has no list of rows'
            {% if kind == 'change' -%}
            when try_cast(u.raw ->> '$.muutospv' as timestamptz) is null
                then 'the message has no readable muutospv'
            {%- endif %}
        end as fault,
        u.raw
    from unnested as u
)
select
    j.* exclude (raw),
    -- Tells one broken message from another without quoting it.
    case when j.fault is not null then md5(j.raw::varchar) end as digest
from judged as j;

create or replace temp table line as
with unnested as (
    select
        m.* exclude (lines, fault, digest),
        unnest(m.lines) as received,
        generate_subscripts(m.lines, 1) as line
    from message as m
    where m.fault is null
),
spelt as (
    select
        u.* exclude (received),
        u.received
        {%- for alias, name in spellings.items() %}
            .replace('"{{ alias }}":', '"{{ name }}":')
        {%- endfor %} as raw
    from unnested as u
)
select
    s.cursor,
    s.stage,
    s.page,
    s.message,
    s.line,
    s.subject,
    {% if kind == 'change' -%}
    s.changed_at as recorded_at,
    {%- else -%}
    -- A weekly copy was true at the start of its day in Finland; a live answer when it came.
    coalesce(s.extraction_date::timestamp at time zone 'Europe/Helsinki', s.fetched_at)
        as recorded_at,
    {%- endif %}
    s.raw ->> '$.tietoryhma' as tietoryhma,
    {% if kind == 'change' -%}
    coalesce(s.raw ->> '$.muutosattribuutti', '') as change_type,
    {%- else -%}
    'SNAPSHOT' as change_type,
    {%- endif %}
    -- Rows in force that are withheld themselves make the whole row count as withheld.
    coalesce(json_type(s.raw -> '$.turvakiellonAlaisetKentat') = 'ARRAY', false)
    or coalesce(
        contains((s.raw -> '$.voimassaolevatTiedot')::varchar, '"turvakiellonAlaisetKentat"'),
        false
    ) as masked,
    case
        when json_type(s.raw -> '$.voimassaolevatTiedot') = 'ARRAY'
            then (s.raw -> '$.voimassaolevatTiedot')::varchar
    end as valid_now,
    json_merge_patch(
        s.raw,
        '{"tietoryhma":null,"muutosattribuutti":null,"voimassaolevatTiedot":null}'
    )::varchar as content,
    case
        when json_type(s.raw) <> 'OBJECT' then 'the row is not a JSON object'
        when coalesce(s.raw ->> '$.tietoryhma', '') = '' then 'the row names no tietoryhma'
        {% if kind == 'change' -%}
        when coalesce(s.raw ->> '$.muutosattribuutti', '') not in (
            'LISATTY', 'MUUTETTU', 'POISTETTU', 'KORJATTAVA', 'KORJATTU', 'LISATIETO'
        ) then 'the row has no known muutosattribuutti'
        {%- endif %}
    end as fault
from spelt as s;

create or replace temp table events as
with canonical as (
    -- Rewritten by the catalogue, the order of keys and null-or-missing make no difference. A row
    -- with anything that the catalogue does not know stays as received, so that nothing is lost.
    {% for group in groups -%}
    select
        t.* exclude (content, r, keys, unknown_fields),
        case when t.unknown_fields is null then to_json(t.r)::varchar else t.content end as payload,
        t.unknown_fields,
        case
            when {{ group.impossible_date }} then 'a date is not in the calendar'
            -- Every field that was given must have come through in its shape.
            when
                not t.masked
                and len(t.keys) - coalesce(len(t.unknown_fields), 0) <> (
                    {% for name in group.fields -%}
                    (t.r.{{ name }} is not null)::integer{{ ' + ' if not loop.last }}
                    {%- endfor %}
                )
                and (
                    {% for name in group.fields -%}
                    (t.r.{{ name }} is null and json_type(t.content -> '$.{{ name }}') <> 'NULL')
                    {{- ' or ' if not loop.last }}
                    {%- endfor %}
                )
                then 'a field has another shape than the source has been seen to give'
        end as fault
    from (
        select
            l.* exclude (fault),
            from_json(l.content, '{{ group.structure }}') as r,
            json_keys(l.content) as keys,
            nullif(
                list_filter(
                    json_keys(l.content),
                    lambda k: k not in ({% for name in group.fields %}'{{ name }}', {% endfor %}'turvakiellonAlaisetKentat')
                ),
                []
            ) as unknown_fields
        from line as l
        where l.fault is null and l.tietoryhma = '{{ group.name }}'
    ) as t
    union all by name
    {% endfor -%}
    select
        l.* exclude (content),
        l.content as payload,
        null::varchar[] as unknown_fields
    from line as l
    where
        l.fault is not null
        or l.tietoryhma not in ('-'{% for group in groups %}, '{{ group.name }}'{% endfor %})
),
counted as (
    select
        c.*,
        row_number() over (
            partition by
                c.page, c.cursor, c.message, c.tietoryhma, c.change_type, c.payload, c.valid_now
            order by c.line
        ) as occurrence
    from canonical as c
)
select
    md5(concat_ws(
        chr(31), c.subject, epoch_us(c.recorded_at), c.tietoryhma, c.change_type,
        c.payload, coalesce(c.valid_now, ''), c.occurrence
    ))::uuid as event_id,
    c.subject,
    c.tietoryhma,
    c.change_type,
    c.recorded_at,
    c.cursor,
    c.stage::tinyint as stage,
    c.page::integer as page,
    c.message::integer as message,
    c.line::integer as line,
    -- What could not be read must not be quoted either.
    case when c.fault is null then c.payload end as payload,
    c.masked,
    c.valid_now,
    c.unknown_fields,
    c.fault
from counted as c
union all by name
select
    m.digest::uuid as event_id,
    m.subject,
    {% if kind == 'change' -%}
    coalesce(m.changed_at, m.fetched_at) as recorded_at,
    {%- else -%}
    m.fetched_at as recorded_at,
    {%- endif %}
    m.cursor,
    m.stage::tinyint as stage,
    m.page::integer as page,
    m.message::integer as message,
    0 as line,
    m.fault
from message as m
where m.fault is not null;
