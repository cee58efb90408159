-- Who there is: a seat for every person, and the decks that names and places are dealt from.
-- Runs in DuckDB, once. Variables: persons, snapshot, reference (folder of the code lists).
-- Persons come in families of five that live side by side in numbering: 0 and 1 a couple, 2 and 3
-- their children, of any age, 4 somebody alone.
create or replace temp table seat as
with aged as (
    select
        i,
        i // 5 as family,
        i % 5 as role,
        365 * 25 + pick(i // 5, 'age', 365 * 55) as father_days,
        -- Nobody is a mother below 22: who would be is as much above it, and not all of one day.
        365 * 22 + abs(
            365 * 3 + pick(i // 5, 'age', 365 * 55) + pick(i // 5, 'gap', 2900) - 1450
        ) as mother_days
    from range(getvariable('persons')) as t (i)
),
born as (
    select
        i,
        family,
        role,
        case role
            when 0 then 'MIES'
            when 1 then 'NAINEN'
            else if(chance(i, 'sex') < 0.5, 'MIES', 'NAINEN')
        end as sex,
        case role
            when 0 then father_days
            when 1 then mother_days
            when 4 then 365 * 18 + pick(i, 'age', 365 * 80)
            else mother_days - 365 * 20
                - pick(i, 'born', least(365 * 40, mother_days) - 365 * 20)
        end as days
    from aged
)
select
    i,
    family,
    role,
    sex,
    days,
    getvariable('snapshot') - days::integer as born,
    -- Tells persons of one birth date and sex apart, and so makes their codes unique.
    row_number() over (partition by days, sex order by i) - 1 as place
from born;

create or replace temp table given_name as
select
    if(gender = 'male', 'MIES', 'NAINEN') as sex,
    position as kind,
    row_number() over (partition by gender, position order by rank::integer, name) - 1 as n,
    name
from read_csv(getvariable('reference') || '/given_names.csv', all_varchar = true);

create or replace temp table surname as
select
    row_number() over (order by rank::integer, name) - 1 as n,
    name
from read_csv(getvariable('reference') || '/surnames.csv', all_varchar = true);

create or replace temp table street as
select
    row_number() over (order by name_fi, name_sv, municipality_code) - 1 as n,
    name_fi,
    name_sv
from read_csv(getvariable('reference') || '/street_names.csv', all_varchar = true);

-- A municipality has as many cards as it has residents in five thousand, and at least one.
create or replace temp table municipality as
with peopled as (
    select municipality_code, arg_max(population::integer, year::integer) as population
    from read_csv(getvariable('reference') || '/municipality_population.csv', all_varchar = true)
    group by municipality_code
),
postal as (
    select municipality_code, list(postal_code order by postal_code) as postal_codes
    from read_csv(getvariable('reference') || '/postal_codes.csv', all_varchar = true)
    group by municipality_code
),
card as (
    select
        m.municipality_code,
        upper(m.name_fi) as post_office_fi,
        upper(m.name_sv) as post_office_sv,
        p.postal_codes,
        unnest(range(greatest(1, peopled.population // 5000))) as card
    from read_csv(getvariable('reference') || '/municipalities.csv', all_varchar = true) as m
    inner join peopled on m.municipality_code = peopled.municipality_code
    inner join postal as p on m.municipality_code = p.municipality_code
    where m.valid_to is null
)
select
    row_number() over (order by municipality_code, card) - 1 as n,
    * exclude (card)
from card;

-- Sizes stand in variables: a join on a number picked out of the deck itself would be a loop.
set variable given_names = (
    select min(size) from (select count(*) as size from given_name group by sex, kind)
);
set variable surnames = (select count(*) from surname);
set variable streets = (select count(*) from street);
set variable municipalities = (select count(*) from municipality);
