-- The persons of one batch, their relatives and the places where they have lived. Runs in DuckDB,
-- for each batch. Variables: first, last (numbers of persons, half open), snapshot.
create or replace temp table member as
with fated as (
    select
        s.*,
        case
            when s.days < 365 * 18 then 'minor'
            when s.role = 4 and s.days > 365 * 70 and chance(s.i, 'fate') < 0.3 then 'dead'
            when s.role > 1 and chance(s.i, 'fate') < 0.04 then 'emigrant'
            else 'adult'
        end as fate
    from seat as s
    where s.i >= getvariable('first') and s.i < getvariable('last')
),
described as (
    select
        f.*,
        f.days - if(f.fate = 'dead', pick(f.i, 'died', 3600), 0) as lived_days,
        -- A couple and its minors live in one home.
        if(f.role < 2 or f.fate = 'minor', f.family * 5, f.i) as home,
        chance(f.i, 'protected') < 0.003 and f.fate <> 'dead' as is_protected,
        identity_code(f.born, f.place // 45, 900 + 2 * (f.place % 45) + (f.sex = 'MIES')::integer)
            as code,
        -- Numbers from 990 are for codes that were replaced.
        if(
            f.place < 30 and chance(f.i, 'replaced') < 0.004,
            identity_code(f.born, f.place // 5, 990 + 2 * (f.place % 5) + (f.sex = 'MIES')::integer),
            null
        ) as earlier_code,
        if(f.role = 4, f.i, f.family) as clan,
        case
            when f.fate = 'minor' or f.role in (2, 3) then 'NAIMATON'
            when f.role = 4 and f.days > 365 * 65 and chance(f.i, 'status') < 0.4 then 'LESKI'
            when f.role = 4 then if(chance(f.i, 'status') < 0.8, 'NAIMATON', 'ERONNUT')
            when chance(f.family, 'couple') < 0.65 then 'AVIOLIITOSSA'
            when chance(f.family, 'couple') < 0.75 then 'ERONNUT'
            else 'NAIMATON'
        end as civil_status,
        case
            when chance(f.clan_of, 'language') < 0.84 then 'fi'
            when chance(f.clan_of, 'language') < 0.89 then 'sv'
            when chance(f.clan_of, 'language') < 0.93 then 'ru'
            when chance(f.clan_of, 'language') < 0.96 then 'et'
            else 'ar'
        end as language
    from (select *, if(role = 4, i, family) as clan_of from fated) as f
)
select
    d.* exclude (clan_of),
    one.name || ' ' || two.name as first_names,
    one.name as call_name,
    own.name as last_name,
    if(d.sex = 'NAINEN' and d.civil_status <> 'NAIMATON', maiden.name, null) as maiden_name,
    greatest(d.born + 365 * 21, getvariable('snapshot') - pick(d.clan, 'wed', 365 * 30))
        as wed_on,
    (d.born + d.lived_days::integer)::date as until
from described as d
inner join given_name as one
    on d.sex = one.sex and one.kind = 'first' and one.n = pick(d.i, 'first name', getvariable('given_names'))
inner join given_name as two
    on d.sex = two.sex and two.kind = 'other' and two.n = pick(d.i, 'other name', getvariable('given_names'))
inner join surname as own on own.n = pick(d.clan, 'surname', getvariable('surnames'))
inner join surname as maiden on maiden.n = pick(d.i, 'maiden name', getvariable('surnames'));

-- What a relative's row tells of a person; of a few the code is not told.
create or replace temp table family as
with stub as (
    select
        family,
        role,
        born,
        wed_on,
        '{' || concat_ws(
            ',',
            if(chance(i, 'no code') < 0.02, null, word('henkilotunnus', code)),
            word('etunimet', first_names),
            word('sukunimi', last_name),
            day('syntymapv', born),
            word('sukupuoli', sex)
        ) || '}' as person
    from member
)
select
    family,
    max(person) filter (role = 0) as father,
    max(person) filter (role = 1) as mother,
    max(person) filter (role = 2) as elder_child,
    max(person) filter (role = 3) as other_child,
    max(born) filter (role = 2) as elder_child_born,
    max(born) filter (role = 3) as other_child_born,
    max(wed_on) filter (role < 2) as wed_on
from stub
group by family;

-- Stays in municipalities follow one another from birth; the last one is the present.
create or replace temp table stay as
with counted as (
    select
        i,
        home,
        born,
        until,
        fate,
        language not in ('fi', 'sv') as is_foreign,
        lived_days,
        case
            when fate <> 'minor' then 2 + pick(i, 'stays', 4)
            when lived_days > 365 then pick(i, 'stays', 2)
            else 0
        end as earlier
    from member
),
spread as (
    select
        c.*,
        unnest(range(c.earlier + 2)) as n
    from counted as c
),
started as (
    select
        s.*,
        s.born + case
            when s.n = 0 then 0
            when s.n > s.earlier then s.lived_days + 1
            else (s.lived_days * (s.n + 0.8 * chance(s.i * 10 + s.n, 'moved')) / (s.earlier + 1))
        end::integer as from_day
    from spread as s
),
ended as (
    select
        s.*,
        lead(s.from_day) over (partition by s.i order by s.n) - 1 as to_day,
        s.n = s.earlier as is_last
    from started as s
)
select
    e.i,
    e.n,
    e.from_day,
    e.to_day,
    e.is_last,
    e.is_last and e.fate <> 'dead' as is_present,
    case
        when e.is_last and e.fate = 'emigrant' then '200'
        when not e.is_last and e.n = 0 and e.is_foreign then '200'
        when not e.is_last and chance(e.i * 10 + e.n, 'abroad') < 0.03 then '200'
        else m.municipality_code
    end as municipality_code,
    if(e.is_last, e.home * 100, e.i * 100 + e.n) as place,
    m.post_office_fi,
    m.post_office_sv,
    m.postal_codes
from ended as e
inner join municipality as m
    on m.n = pick(if(e.is_last, e.home * 100, e.i * 100 + e.n), 'municipality', getvariable('municipalities'))
where e.n <= e.earlier;

-- In some stays a person has moved within the municipality, half way.
create or replace temp table dwelling as
with halved as (
    select
        s.*,
        s.to_day - s.from_day > 60 and chance(s.i * 100 + s.n, 'moved within') < 0.08 as has_two,
        s.from_day + ((s.to_day - s.from_day) // 2)::integer as half_way
    from stay as s
    where s.municipality_code <> '200'
),
spread as (
    select
        h.*,
        unnest(if(h.has_two, [0, 1], [0])) as part
    from halved as h
),
placed as (
    select
        s.i,
        s.n * 2 + s.part as n,
        s.municipality_code,
        if(s.part = 1, s.half_way, s.from_day) as from_day,
        if(s.part = 0 and s.has_two, s.half_way - 1, s.to_day) as to_day,
        s.is_present and (s.part = 1 or not s.has_two) as is_present,
        if(s.is_last and (s.part = 1 or not s.has_two), s.place, s.i * 100 + 50 + s.n * 2 + s.part)
            as place
    from spread as s
)
select
    p.*,
    year(p.from_day) < 2000 and not p.is_present as has_no_building,
    '9' || lpad(pick(p.place, 'building', 100000000)::varchar, 8, '0')
        || substr('0123456789ABCDEFHJKLMNPRSTUVWXY', 1 + pick(p.place, 'check', 31), 1)
        as building,
    if(chance(p.place, 'flat') < 0.6, chr(65 + pick(p.place, 'stairwell', 6)), null)
        as stairwell,
    if(
        chance(p.place, 'flat') < 0.6,
        lpad((1 + pick(p.place, 'door', 120))::varchar, 3, '0'),
        '000'
    ) as apartment
from placed as p;
