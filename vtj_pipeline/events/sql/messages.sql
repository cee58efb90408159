-- Answers → their messages, one row each. Runs in DuckDB. In: `pages` (landing.pages.PAGE_SCHEMA,
-- `first_message`, how many messages of the answer stand before the row's, and `batch`, which of the
-- files read together).
-- Jinja: `kind`, `unreadable` (the key of a message that stands in another's place: salvage.py).
-- The position of an event is (cursor, stage, page, message, line): a snapshot stands before the
-- changes that follow the cursor it was taken at.
with body as (
    select
        p.batch,
        p.first_message,
        p.kind = 'legacy' as is_legacy,
        p.cursor_in,
        p.sequence,
        p.fetched_at,
        p.extraction_date,
        decode(p.body) as text
    from pages as p
),
envelope as (
    select
        b.*,
        {% if kind == 'change' -%}
        from_json(
            b.text,
            '{"muutokset":[{"henkilotunnus":"VARCHAR","muutospv":"VARCHAR","tietoryhmat":["JSON"],"{{ unreadable }}":"VARCHAR","vika":"VARCHAR"}]}'
        ).muutokset as messages
        {%- else -%}
        from_json(
            b.text,
            '{"perustiedot":[{"henkilotunnus":"VARCHAR","tietoryhmat":["JSON"],"{{ unreadable }}":"VARCHAR","vika":"VARCHAR"}]}'
        ).perustiedot as messages
        {%- endif %}

    from body as b
),
unnested as (
    select
        e.* exclude (messages),
        unnest(e.messages) as told,
        generate_subscripts(e.messages, 1) as message
    from envelope as e
),
judged as (
    select
        u.*,
        {% if kind == 'change' -%}
        -- Outside these years it is no day of any calendar that is read further on.
        case
            when
                try_cast(u.told.muutospv as timestamptz)
                between '1000-01-01 00:00+00'::timestamptz and '9998-12-31 00:00+00'::timestamptz
                then u.told.muutospv::timestamptz
        end as recorded_at,
        {%- else -%}
        -- A weekly copy was true at the start of its day in Finland; a live answer when it came.
        coalesce(u.extraction_date::timestamp at time zone 'Europe/Helsinki', u.fetched_at)
            as recorded_at,
        {%- endif %}

        case
            when u.told is null then 'the message is not a JSON object'
            when u.told.{{ unreadable }} is not null then 'the message holds what is not JSON'
            -- Only our own reader of the old files says so itself, and it quotes nothing.
            when u.is_legacy and u.told.vika is not null then u.told.vika
            when not coalesce(regexp_full_match(u.told.henkilotunnus, '{{ code }}'), false)
                then 'the message names no subject'
            when u.told.tietoryhmat is null then 'the message has no list of rows'
            {% if kind == 'change' -%}
            when recorded_at is null then 'the message has no readable muutospv'
            {%- endif %}

        end as fault
    from unnested as u
)
select
    row_number() over () as id,
    j.batch,
    j.cursor_in as cursor,
    {{ 0 if kind != 'change' else 1 }}::tinyint as stage,
    j.sequence::integer as page,
    (j.first_message + j.message)::integer as message,
    -- Whatever else stands in its place could be anything, a name among it.
    case when regexp_full_match(j.told.henkilotunnus, '{{ code }}') then j.told.henkilotunnus end
        as subject,
    coalesce(j.recorded_at, j.fetched_at) as recorded_at,
    case when j.fault is null then j.told.tietoryhmat end as rows,
    j.fault,
    -- Tells one broken message of a person from another without quoting it. What is no object names
    -- nobody. (Never from the whole text: it would be read once for each of them.)
    case when j.fault is not null then md5(coalesce(to_json(j.told)::varchar, '')) end as digest
from judged as j
