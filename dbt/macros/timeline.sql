{#- How `timeline.person_period` is put together from the register's tables. -#}

{#- The rows that it is put together from: the table, the condition on a row `r`, whether the row has
    valid time (a name has, but the one known then is shown whatever the day asked for). -#}
{% macro timeline_facts() -%}
{{ return([
    {'table': 'home_municipality', 'only': none, 'dated': true},
    {'table': 'address', 'only': "r.address_type = 'permanent_domestic'", 'dated': true},
    {'table': 'residence', 'only': "r.residence_type like 'permanent%'", 'dated': true},
    {'table': 'language', 'only': "r.language_role = 'mother_tongue'", 'dated': true},
    {'table': 'citizenship', 'only': none, 'dated': true},
    {'table': 'birth', 'only': none, 'dated': false},
    {'table': 'death', 'only': none, 'dated': false},
    {'table': 'sex', 'only': none, 'dated': false},
    {'table': 'name', 'only': none, 'dated': false},
    {'table': 'identity_code', 'only': none, 'dated': false},
]) }}
{%- endmacro %}

{#- Before a kept table follows the register: the persons whom a publication looked at since it last
    did, as a table of this transaction. The planner must know how few they are; of a condition on
    register.touched_person it would expect a third of everybody, and read whole tables. -#}
{% macro note_touched() -%}
{% if is_incremental() %}
create temporary table touched_since on commit drop as
select
    t.person_id,
    (select max(n.publication_id) from {{ source('register', 'publication') }} as n) as publication_id
from {{ source('register', 'touched_person') }} as t
where t.publication_id > (select coalesce(max(k.publication_id), 0) from {{ this }} as k);
analyze touched_since
{% endif %}
{%- endmacro %}

{#- The publication that a kept row followed. -#}
{% macro followed_publication() -%}
{% if is_incremental() -%}
(select max(n.publication_id) from touched_since as n)
{%- else -%}
(select max(n.publication_id) from {{ source('register', 'publication') }} as n)
{%- endif %}
{%- endmacro %}

{#- The rows to keep, from CTE `rows` with person_id and `columns`, and from CTE `touched` where an
    earlier build is followed. Whoever had rows and has none keeps one without values, so that what
    stood before goes away; so does one person, so that somebody tells how far the table has come. -#}
{% macro rows_to_keep(rows, columns) -%}
{% set is_follow_up = is_incremental() %}
select
    {{ 't' if is_follow_up else 'r' }}.person_id,
    {% for column in columns %}
    r.{{ column }},
    {% endfor %}
    {{ followed_publication() }} as publication_id
{% if is_follow_up %}
from touched as t
left join {{ rows }} as r on t.person_id = r.person_id
where
    r.person_id is not null
    or exists (select 1 from {{ this }} as k where k.person_id = t.person_id)
    or t.person_id = (select f.person_id from touched as f order by f.person_id limit 1)
{% else %}
from {{ rows }} as r
{% endif %}
{%- endmacro %}

{#- The rows of a fact's table that were recorded at the start of `slab`. -#}
{% macro known_rows(fact, slab) -%}
select r.*
from {{ source('register', fact.table) }} as r
where
    r.person_id = {{ slab }}.person_id
    and {{ recorded('r', slab ~ '.recorded_from') }}
    {% if fact.only %}and {{ fact.only }}{% endif %}
{%- endmacro %}

{#- The one row of a fact's table that counts in `cell`. -#}
{% macro standing_row(table, cell) -%}
{% set fact = timeline_facts() | selectattr('table', 'equalto', table) | first %}
{{ known_rows(fact, cell) }}
{% if fact.dated %}and {{ valid('r', cell ~ '.valid_from') }}
order by {{ standing_first('r') }}
{% else %}order by r.recorded_from desc, r.row_id desc
{% endif %}limit 1
{%- endmacro %}

{#- The first day on which somebody counts as dead, by a row of the register's table `death`: a death
    recorded, or a declaration of a court. The day of death that is known counts before the one that
    a court set. A flag that is null or false says nothing, and does not take the other one back.
    `first_known`: when the register heard of the person at all. -#}
{% macro dead_from(row, first_known) -%}
coalesce(
    case when {{ row }}.is_dead then {{ row }}.death_date end,
    case when {{ row }}.is_declared_dead then {{ row }}.declared_death_date end,
    case
        when {{ row }}.is_dead or {{ row }}.is_declared_dead
            then {{ dead_when_told(row, first_known) }}
    end
)
{%- endmacro %}

{#- The day that stands for the unknown one of a death: that of its record, since whoever was a
    resident until then must not vanish from the years before; of a person first told of as dead it
    counts as long ago. -#}
{% macro dead_when_told(row, first_known) -%}
case
    when {{ row }}.recorded_from > {{ first_known }}
        then ({{ row }}.recorded_from at time zone 'Europe/Helsinki')::date
    else '-infinity'::date
end
{%- endmacro %}

{#- The dwelling of an address: a renamed street is the same building. Null where none is told. -#}
{% macro dwelling_of(row) -%}
case
    when num_nonnulls({{ row }}.building_id, {{ row }}.street_fi, {{ row }}.street_sv) > 0 then
        md5(jsonb_build_array(
            coalesce({{ row }}.building_id, concat_ws(
                '|', {{ row }}.postal_code, {{ row }}.street_fi, {{ row }}.street_sv, {{ row }}.house_number
            )),
            {{ row }}.stairwell, {{ row }}.apartment_number, {{ row }}.apartment_division
        )::text)
end
{%- endmacro %}

{#- The columns in which two neighbouring cells may differ: where they are equal they are one. -#}
{% macro timeline_columns() -%}
{{ return([
    'municipality_code', 'home_withheld', 'resident_since', 'birth_date', 'born_abroad', 'sex',
    'mother_tongue', 'citizenship_code', 'identity_code', 'last_name', 'first_names', 'call_name',
    'street_fi', 'street_sv', 'house_number', 'stairwell', 'apartment_number',
    'apartment_division', 'postal_code', 'post_office_fi', 'post_office_sv', 'building_id',
    'dwelling_key', 'residence_type', 'institution_kind', 'dead_from',
]) }}
{%- endmacro %}
