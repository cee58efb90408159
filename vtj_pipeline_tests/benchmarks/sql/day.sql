-- The messages of one day of changes, from what the source tells of the persons whom they are about.
-- Runs in DuckDB, after macros.sql. In: `touched` (i, code, rows_text). Makes `message` (n, text).
-- Variables: day, masked (fields that the source withholds of an address), page. Shares are guesses
-- that lean to what costs most: moves write the most rows.
create or replace macro changed(row_text, attribute, fields) as json_merge_patch(
    row_text, '{' || concat_ws(',', word('muutosattribuutti', attribute), fields) || '}'
)::varchar;
-- Of a group of which a person has one row.
create or replace macro the(lines, name) as
    list_filter(lines, lambda line: line ->> '$.tietoryhma' = name)[1];

create or replace temp table message as
with lined as (
    select i, code, from_json('[' || rows_text || ']', '["JSON"]') as lines
    from touched
),
found as (
    select
        i,
        code,
        chance(i, 'what') as share,
        getvariable('day')::timestamp + to_seconds(pick(i, 'when', 80000)) as told_at,
        the(lines, 'VAKINAINEN_KOTIMAINEN_OSOITE') as address,
        the(lines, 'VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS') as dwelling,
        the(lines, 'KOTIKUNTA') as home,
        the(lines, 'HENKILON_NIMI') as name,
        the(lines, 'SAHKOPOSTIOSOITE') as email
    from lined
),
neighboured as (
    -- To where somebody else lives: large municipalities are large here too.
    select
        *,
        coalesce(
            lead(home ->> '$.kuntakoodi' ignore nulls) over (order by told_at, i),
            first_value(home ->> '$.kuntakoodi') over (order by told_at, i),
            '091'
        ) as other_home,
        address is not null and dwelling is not null and home is not null
        and address ->> '$.alkupv.arvo' is not null as is_placed
    from found
),
described as (
    select
        *,
        case
            when share < 0.2 and is_placed then 'move'
            when share < 0.62 and is_placed then 'move within'
            when share < 0.72 then 'occupation'
            when share < 0.80 then 'civil status'
            when share < 0.88 and name is not null then 'name'
            when share < 0.92 and is_placed then 'correction'
            when share < 0.96 then 'contact'
            when share < 0.99 then 'death'
            when is_placed then 'protection'
            else 'occupation'
        end as what,
        lpad((1 + pick(i, 'new door', 120))::varchar, 3, '0') as door,
        (1 + pick(i, 'new house', 90))::varchar as house,
        getvariable('day')::date as today,
        getvariable('day')::date - 1 as yesterday
    from neighboured
),
lines as (
    select
        *,
        case what
            when 'occupation' then item('AMMATTI', concat_ws(
                ',', word('muutosattribuutti', 'MUUTETTU'), word('ammatti', 'uusi ammatti ' || house)
            ))
            when 'civil status' then item('SIVIILISAATY', concat_ws(
                ',', word('muutosattribuutti', 'MUUTETTU'), word('siviilisaaty', 'ERONNUT')
            ))
            when 'name' then changed(
                name, 'MUUTETTU',
                concat_ws(',', word('sukunimi', 'Uusinimi' || house), day('alkupv', today))
            )
            when 'correction' then concat_ws(
                ',',
                changed(address, 'KORJATTAVA', null),
                changed(address, 'KORJATTU', word('huoneistonumero', door))
            )
            when 'contact' then if(
                email is not null,
                changed(email, 'POISTETTU', null),
                item('SAHKOPOSTIOSOITE', concat_ws(
                    ',',
                    word('muutosattribuutti', 'LISATTY'),
                    word('sahkopostiosoite', 'uusi' || i || '@esimerkki.invalid'),
                    word('lajikoodi', 'MAISTRAATTI'),
                    day('alkupv', today)
                ))
            )
            when 'death' then item('KUOLINPAIVA', concat_ws(
                ',',
                word('muutosattribuutti', 'LISATTY'),
                bare('kuollut', 'true'),
                day('kuolinpv', yesterday)
            ))
            when 'protection' then concat_ws(
                ',',
                item('TURVAKIELTO', concat_ws(
                    ',',
                    word('muutosattribuutti', 'LISATTY'),
                    bare('turvakieltoAktiivinen', 'true'),
                    day('turvaLoppuPv', today + 730)
                )),
                item('VAKINAINEN_KOTIMAINEN_OSOITE', concat_ws(
                    ',',
                    word('muutosattribuutti', 'MUUTETTU'),
                    bare('turvakiellonAlaisetKentat', getvariable('masked'))
                ))
            )
            else concat_ws(
                ',',
                changed(address, 'LISATTY', concat_ws(
                    ',',
                    word('katunumero', house),
                    word('huoneistonumero', door),
                    if(what = 'move', word('kuntakoodi', other_home), null),
                    day('alkupv', today)
                )),
                changed(address, 'MUUTETTU', day('loppupv', yesterday)),
                if(what = 'move', concat_ws(
                    ',',
                    item('KOTIKUNTA', concat_ws(
                        ',',
                        word('muutosattribuutti', 'LISATTY'),
                        word('kuntakoodi', other_home),
                        day('kuntaanMuuttopv', today)
                    )),
                    item('EDELLINEN_KOTIKUNTA', concat_ws(
                        ',',
                        word('muutosattribuutti', 'MUUTETTU'),
                        word('kuntakoodi', home ->> '$.kuntakoodi'),
                        bare('kuntaanMuuttopv', (home -> '$.kuntaanMuuttopv')::varchar),
                        day('kunnastaPoisMuuttopv', yesterday)
                    ))
                ), null),
                changed(dwelling, 'LISATTY', concat_ws(
                    ',',
                    word('huoneistonumero', door),
                    if(what = 'move', word('kuntakoodi', other_home), null),
                    day('alkupv', today)
                )),
                changed(dwelling, 'MUUTETTU', day('loppupv', yesterday))
            )
        end as rows_text
    from described
),
told as (
    select i, code, told_at, rows_text
    from lines
    union all
    -- Some are told of twice in a day.
    select
        i,
        code,
        told_at + interval 1 hour,
        item('AMMATTI', concat_ws(
            ',', word('muutosattribuutti', 'MUUTETTU'), word('ammatti', 'toinen ammatti ' || house)
        ))
    from lines
    where chance(i, 'twice') < 0.1
)
select
    row_number() over (order by told_at, i) - 1 as n,
    '{"henkilotunnus":"' || code
    || '","muutospv":"' || strftime(told_at, '%Y-%m-%dT%H:%M:%S.%gZ')
    || '","tietoryhmat":[' || rows_text || ']}' as text
from told;
