{#- Who lives where. -#}

{#- 198 no home municipality in Finland, 199 unknown, 200 abroad (contract §3). -#}
{% macro is_outside_finland(code) -%}
({{ code }} in ('198', '199', '200'))
{%- endmacro %}

{% macro in_scope(code) -%}
(
    {{ code }} in (select s.municipality_code from {{ source('register', 'scope_municipality') }} as s)
    and not {{ is_outside_finland(code) }}
)
{%- endmacro %}

{#- Full years on `day`. -#}
{% macro age_on(birth_date, day) -%}
extract(year from age({{ day }}, {{ birth_date }}))::integer
{%- endmacro %}

{#- Dead on `day`, by a row of the register's table `death`: a death recorded, or a declaration of a
    court. Each says so itself; of a death without a date the day counts as passed. A flag that is
    null or false says nothing, and does not take the other one back. -#}
{% macro is_dead_on(row, day) -%}
(
    {% for flag, date in [('is_dead', 'death_date'), ('is_declared_dead', 'declared_death_date')] -%}
    {% if not loop.first %}or {% endif -%}
    (
        coalesce({{ row }}.{{ flag }}, false)
        and ({{ row }}.{{ date }} is null or {{ row }}.{{ date }} <= {{ day }})
    )
    {% endfor -%}
)
{%- endmacro %}

{#- One row for each day of the relation `days` (column `on_day`) and person who lived in the scope
    then. Location columns come masked. -#}
{% macro residents_on(days) -%}
select
    d.on_day,
    h.person_id,
    {{ masked('g', 'h.municipality_code') }} as municipality_code,
    {{ masked('g', 'h.valid_from') }} as resident_since,
    {{ is_protected('g') }} as is_protected,
    {{ is_withheld('g') }} as location_withheld,
    b.birth_date,
    {{ age_on('b.birth_date', 'd.on_day') }} as age,
    x.sex,
    l.language_code as mother_tongue
from {{ days }} as d
inner join {{ source('register', 'home_municipality') }} as h
    on {{ standing('home_municipality', 'h', 'd.on_day', maskable=true) }}
left join {{ ref('location_guard') }} as g on h.person_id = g.person_id
left join {{ source('register', 'birth') }} as b
    on h.person_id = b.person_id and {{ recorded('b') }}
left join {{ source('register', 'sex') }} as x
    on h.person_id = x.person_id and {{ recorded('x') }}
left join {{ source('register', 'language') }} as l
    on
        h.person_id = l.person_id
        and l.language_role = 'mother_tongue'
        and {{ standing('language', 'l', 'd.on_day', only="later.language_role = 'mother_tongue'") }}
where
    (h.withheld or {{ in_scope('h.municipality_code') }})
    and (b.birth_date is null or b.birth_date <= d.on_day)
    and not exists (
        select 1
        from {{ source('register', 'death') }} as e
        where
            e.person_id = h.person_id
            and {{ recorded('e') }}
            and {{ is_dead_on('e', 'd.on_day') }}
    )
{%- endmacro %}
