-- Chance and the spelling of JSON. Runs in DuckDB. Variables: seed.
-- A share in [0, 1) that follows from the seed, a number and a purpose, whatever is asked before.
create or replace macro chance(i, purpose) as
    (hash(i::bigint, purpose, getvariable('seed')) % 1000000) / 1000000.0;
create or replace macro pick(i, purpose, n) as floor(chance(i, purpose) * n)::integer;

-- A null value leaves its field out, and `concat_ws` skips it, as the source does.
create or replace macro word(name, value) as '"' || name || '":"' || value || '"';
create or replace macro bare(name, value) as '"' || name || '":' || value;
create or replace macro day(name, value) as
    '"' || name || '":{"arvo":"' || value::date::varchar || '","tarkkuus":"PAIVA"}';
create or replace macro spelt(name, fi, sv) as
    '"' || name || '":{"fi":"' || fi || '"' || coalesce(',"sv":"' || sv || '"', '') || '}';
create or replace macro item(name, fields) as '{"tietoryhma":"' || name || '",' || fields || '}';

create or replace macro check_character(digits) as
    substr('0123456789ABCDEFHJKLMNPRSTUVWXY', 1 + (digits::bigint % 31)::integer, 1);
-- An identity code of a birth date, the place among its separators, and an individual number.
create or replace macro identity_code(born, place, number) as
    strftime(born, '%d%m%y')
    || substr(if(year(born) < 2000, '-YXWVU', 'ABCDEF'), place::integer + 1, 1)
    || number
    || check_character(strftime(born, '%d%m%y') || number);

create or replace macro guardian(name, field, person, role, born) as item(name, concat_ws(
    ',',
    bare(field, person),
    word('huoltajanLaji', 'LAKISAATEINEN_HUOLTAJA'),
    word('huoltajanRooli', role),
    day('huoltosuhteenAlkupv', born),
    day('huoltosuhteenLoppupv', born + interval 18 years),
    bare('oikeudet', '[]')
));
create or replace macro parent(name, field, person, role, born) as item(name, concat_ws(
    ',',
    bare(field, person),
    word('isaAiti', role),
    word('lapsilaatu', 'AVIOLAPSI'),
    day('alkupv', born)
));
create or replace macro called(name, born) as concat_ws(
    ',', word('nimilaji', 'NYKYINEN_KUTSUMANIMI'), word('nimi', name), day('alkupv', born)
);
create or replace macro maiden(name, wed_on) as concat_ws(
    ',', word('nimilaji', 'VIIMEKSI_NAIMATTOMANA_OLLESSA_OLLUT_SUKUNIMI'), word('nimi', name),
    day('loppupv', wed_on)
);
create or replace macro citizen(country, since) as '{' || concat_ws(
    ',', word('kansalaisuuskoodi', country), word('voimassaolo', 'AKTIIVI'), day('saamispv', since)
) || '}';
create or replace macro ban(name, i, share) as if(
    chance(i, name) < share,
    item(name, day('alkupv', date '2008-01-01' + pick(i, name || ' since', 6000))),
    null
);
