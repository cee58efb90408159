-- What the source tells of the persons of one batch: the rows of each, by category as the source
-- orders them. Runs in DuckDB, after lives.sql; makes `told` (i, code, n, rows_text). Variables:
-- snapshot, masked_rows.
create or replace temp table told as
with lived as (
    select
        i,
        string_agg(
            item('EDELLINEN_KOTIKUNTA', concat_ws(
                ',',
                word('kuntakoodi', municipality_code),
                day('kuntaanMuuttopv', from_day),
                day('kunnastaPoisMuuttopv', to_day)
            )),
            ',' order by n
        ) filter (not is_present) as earlier_homes,
        max(item('KOTIKUNTA', concat_ws(
            ',', word('kuntakoodi', municipality_code), day('kuntaanMuuttopv', from_day)
        ))) filter (is_present) as home,
        max(municipality_code) filter (is_last) as municipality_code,
        max(from_day) filter (is_last) as home_since,
        min(municipality_code) filter (n = 0) as birth_municipality,
        max(post_office_fi) filter (is_last) as post_office_fi,
        max(post_office_sv) filter (is_last) as post_office_sv,
        max(postal_codes[1 + pick(place, 'postal code', len(postal_codes))]) filter (is_last)
            as postal_code
    from stay
    group by i
),
flat as (
    select
        d.*,
        concat_ws(
            ',',
            if(d.has_no_building, null, concat_ws(
                ',',
                word('rakennustunnus', d.building),
                bare('osoitenumero', 1),
                word('huoneistokirjain', d.stairwell),
                word('huoneistonumero', d.apartment)
            )),
            word('kuntakoodi', d.municipality_code),
            day('alkupv', d.from_day),
            if(d.is_present, null, day('loppupv', d.to_day)),
            if(d.has_no_building, null, word(
                'asuinpaikantunnus',
                d.building || '1' || coalesce(d.stairwell, ' ') || d.apartment || ' '
            ))
        ) as fields
    from dwelling as d
),
housed as (
    select
        i,
        string_agg(item('EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS', fields), ',' order by n)
            filter (not is_present) as earlier_dwellings,
        max(item('VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS', fields)) filter (is_present)
            as dwelling,
        max(place) filter (is_present) as place,
        max(building) filter (is_present) as building,
        max(stairwell) filter (is_present) as stairwell,
        max(apartment) filter (is_present) as apartment,
        max(from_day) filter (is_present) as dwelling_since
    from flat
    group by i
),
related as (
    select
        m.i,
        concat_ws(
            ',',
            if(m.civil_status = 'AVIOLIITOSSA', item('AVIOLIITTO', concat_ws(
                ',',
                bare('puoliso', if(m.role = 0, f.mother, f.father)),
                word('voimassaolo', 'AKTIIVI'),
                day('vihkipv', m.wed_on),
                word(
                    'vihkitapa',
                    if(chance(m.family, 'rite') < 0.5, 'KIRKOLLINEN_VIHKIMINEN', 'SIVIILIVIHKIMINEN')
                ),
                bare('jarjestysnumero', 1)
            )), null),
            if(m.role in (2, 3) and m.fate = 'minor', concat_ws(
                ',', guardian('HUOLTAJA', 'huoltaja', f.father, 'ISA', m.born),
                guardian('HUOLTAJA', 'huoltaja', f.mother, 'AITI', m.born)
            ), null),
            if(m.role < 2 and f.elder_child_born > getvariable('snapshot') - 365 * 18, guardian(
                'HUOLLETTAVA', 'huollettava', f.elder_child, if(m.role = 0, 'ISA', 'AITI'),
                f.elder_child_born
            ), null),
            if(m.role < 2 and f.other_child_born > getvariable('snapshot') - 365 * 18, guardian(
                'HUOLLETTAVA', 'huollettava', f.other_child, if(m.role = 0, 'ISA', 'AITI'),
                f.other_child_born
            ), null),
            if(m.role < 2, concat_ws(
                ',',
                parent('LAPSI', 'lapsi', f.elder_child, if(m.role = 0, 'ISA', 'AITI'),
                    f.elder_child_born),
                parent('LAPSI', 'lapsi', f.other_child, if(m.role = 0, 'ISA', 'AITI'),
                    f.other_child_born)
            ), null),
            if(m.role in (2, 3), concat_ws(
                ',',
                parent('VANHEMPI', 'vanhempi', f.father, 'ISA', m.born),
                parent('VANHEMPI', 'vanhempi', f.mother, 'AITI', m.born)
            ), null)
        ) as relatives
    from member as m
    inner join family as f on m.family = f.family
),
identified as (
    select
        i,
        concat_ws(
            ',',
            if(earlier_code is null, null, concat_ws(
                ',',
                item('HENKILOTUNNUS_KORJAUS', concat_ws(
                    ',', word('voimassaolo', 'AKTIIVI'), word('muutettuHenkilotunnus', code),
                    word('aktiivinenHenkilotunnus', code),
                    bare('edellisetHenkilotunnukset', '["' || earlier_code || '"]')
                )),
                item('HENKILOTUNNUS_KORJAUS', concat_ws(
                    ',', word('voimassaolo', 'PASSIIVI'),
                    word('muutettuHenkilotunnus', earlier_code),
                    word('aktiivinenHenkilotunnus', code),
                    bare('edellisetHenkilotunnukset', '["' || earlier_code || '"]')
                ))
            )),
            item('SYNTYMAPAIVA', day('syntymapv', born)),
            item('SUKUPUOLI', word('sukupuoli', sex)),
            if(fate = 'dead', item('KUOLINPAIVA', concat_ws(
                ',', bare('kuollut', 'true'), day('kuolinpv', until)
            )), null),
            item('HENKILON_NIMI', concat_ws(
                ',', word('etunimi', first_names), word('sukunimi', last_name),
                day('alkupv', if(maiden_name is null, born, wed_on))
            )),
            if(chance(i, 'call name') < 0.25, concat_ws(
                ',', item('KUTSUMANIMI', called(call_name, born)),
                item('NIMENMUUTOS', called(call_name, born)),
                item('NIMENMUUTOS_LAAJA', called(call_name, born))
            ), null),
            if(maiden_name is null, null, concat_ws(
                ',',
                item('NIMENMUUTOS', maiden(maiden_name, wed_on)),
                item('NIMENMUUTOS_LAAJA', maiden(maiden_name, wed_on))
            )),
            item('KANSALAISUUS', bare('henkilonKansalaisuudet', case
                when language in ('fi', 'sv') then '[' || citizen('246', born) || ']'
                when chance(i, 'two citizenships') < 0.4
                    then '[' || citizen(country, born) || ',' || citizen('246', born + 3650) || ']'
                else '[' || citizen(country, born) || ']'
            end)),
            item('SIVIILISAATY', word('siviilisaaty', civil_status)),
            item('AIDINKIELI', concat_ws(
                ',', word('kielikoodi', language), word('kielikoodiISO6392', language_iso),
                day('alkupv', born)
            )),
            if(fate <> 'minor' and chance(i, 'occupation') < 0.4,
                item('AMMATTI', word('ammatti', 'ammatti ' || pick(i, 'which occupation', 900))),
                null),
            if(is_protected, item('TURVAKIELTO', concat_ws(
                ',', bare('turvakieltoAktiivinen', 'true'), day('turvaLoppuPv', date '2028-12-31')
            )), null),
            ban('SUORAMARKKINOINTIKIELTO', i, 0.25),
            ban('HENKILOMATRIKKELIKIELTO', i, 0.03),
            ban('SUKUTUTKIMUSKIELTO', i, 0.03),
            ban('YHTEYSTIETOJEN_LUOVUTUSKIELTO', i, 0.1),
            ban('ASIAKASREKISTERIN_PAIVITYSKIELTO', i, 0.02)
        ) as identity_rows
    from (
        select
            *,
            case language when 'ru' then '643' when 'et' then '233' else '368' end as country,
            case language
                when 'fi' then 'fin' when 'sv' then 'swe' when 'ru' then 'rus'
                when 'et' then 'est' else 'ara'
            end as language_iso
        from member
    )
),
located as (
    select
        m.i,
        -- Where somebody is or can be reached: all of it is withheld of a protected person.
        if(m.is_protected, getvariable('masked_rows'), concat_ws(
            ',',
            if(h.place is null, null, item('VAKINAINEN_KOTIMAINEN_OSOITE', concat_ws(
                ',',
                spelt('katunimi', s.name_fi, s.name_sv),
                word('katunumero', (1 + pick(h.place, 'house', 90))::varchar),
                word('huoneistokirjain', h.stairwell),
                word('huoneistonumero', h.apartment),
                word('postinumero', l.postal_code),
                spelt('postitoimipaikka', l.post_office_fi, l.post_office_sv),
                word('rakennustunnus', h.building),
                bare('osoitenumero', 1),
                word('kuntakoodi', l.municipality_code),
                day('alkupv', h.dwelling_since)
            ))),
            if(chance(m.i, 'postal address') < 0.12, item('KOTIMAINEN_POSTIOSOITE', concat_ws(
                ',',
                spelt('postiosoite', 'PL ' || pick(m.i, 'box', 900), null),
                word('postinumero', l.postal_code),
                spelt('postitoimipaikka', l.post_office_fi, l.post_office_sv),
                day('alkupv', l.home_since)
            )), null),
            if(m.fate = 'emigrant', item('VAKINAINEN_ULKOMAINEN_OSOITE', concat_ws(
                ',',
                word('lahiosoite', 'Storgatan ' || pick(m.i, 'house abroad', 90)),
                word('paikkakunta', '111 22 STOCKHOLM'),
                word('valtiokoodi', '752'),
                day('alkupv', l.home_since)
            )), null),
            if(chance(m.i, 'e-mail') < 0.15, item('SAHKOPOSTIOSOITE', concat_ws(
                ',',
                word('sahkopostiosoite', 'henkilo' || m.i || '@esimerkki.invalid'),
                word('lajikoodi', 'MAISTRAATTI'),
                day('alkupv', l.home_since)
            )), null),
            l.home,
            if(m.fate = 'dead', null, item('VAESTOKIRJANPITOKUNTA', concat_ws(
                ',', word('kuntakoodi', l.municipality_code), day('kuntaanMuuttopv', l.home_since)
            ))),
            if(m.fate in ('dead', 'emigrant'), null, item('VUODENVAIHTEEN_KUNTA', concat_ws(
                ',', word('kuntakoodi', l.municipality_code), bare('vuodenvaihde', 2025)
            ))),
            h.dwelling,
            if(m.fate = 'emigrant', item('VAKINAINEN_ULKOMAILLA_ASUMINEN', concat_ws(
                ',', word('valtiokoodi', '752'), day('alkupv', l.home_since),
                word('asuinpaikantunnus', '20075200000000')
            )), null)
        )) as location_rows,
        concat_ws(
            ',',
            if(m.language in ('fi', 'sv'),
                item('SYNTYMAKOTIKUNTA', word('kuntakoodi', l.birth_municipality)),
                item('ULKOMAINEN_SYNTYMAPAIKKA', word('valtiokoodi', '643'))),
            l.earlier_homes,
            if(m.fate = 'emigrant', concat_ws(
                ',',
                item('POISSAOLO', concat_ws(
                    ',', word('poissaolo', 'KOTIPAIKKA_POHJOISMAISSA'), day('siirtopv', l.home_since)
                )),
                item('VALTIO_JOHON_MUUTTANUT', word('valtiokoodi', '752'))
            ), null),
            h.earlier_dwellings
        ) as history_rows
    from member as m
    inner join lived as l on m.i = l.i
    left join housed as h on m.i = h.i
    inner join street as s on s.n = pick(coalesce(h.place, m.i), 'street', getvariable('streets'))
)
select
    m.i,
    m.code,
    -- Persons come in no order that anything could profit from.
    row_number() over (order by chance(m.i, 'told'), m.i) - 1 as n,
    concat_ws(
        ',',
        n.identity_rows,
        nullif(l.location_rows, ''),
        l.history_rows,
        nullif(r.relatives, ''),
        item('USKONTOKUNTALAJI', word(
            'uskontokuntalaji',
            if(chance(m.i, 'religion') < 0.6, 'EV_LUT', 'EI_USKONTOKUNTAA')
        )),
        if(chance(m.i, 'religion') < 0.6, item('USKONTOKUNTA', concat_ws(
            ',', bare('uskontokunta', 1 + pick(m.i, 'parish', 400)), day('alkupv', m.born)
        )), null),
        if(chance(m.i, 'religion') > 0.9, item('HISTORIAA_USKONTOKUNNASTA', concat_ws(
            ',', bare('uskontokunta', 1 + pick(m.i, 'parish', 400)), day('alkupv', m.born),
            day('loppupv', m.born + (m.lived_days * 0.6)::integer)
        )), null),
        item('REKISTERIVIRANOMAINEN', bare('viranomaisnumero', 777))
    ) as rows_text
from member as m
inner join identified as n on m.i = n.i
inner join located as l on m.i = l.i
inner join related as r on m.i = r.i;
