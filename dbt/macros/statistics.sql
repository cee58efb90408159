{#- The months of the statistics, and what each basis knows of them. -#}

{#- The moment at which a month's figures are published: what is recorded later goes to a later
    release (Statistics Finland, preliminary population statistics: some one and a half weeks). -#}
{% macro published_at(month_end) -%}
(({{ month_end }} + {{ var('publication_delay_days') }})::timestamp at time zone 'Europe/Helsinki')
{%- endmacro %}

{#- The moment at which a year's figures are final: notices received by the end of January count. -#}
{% macro year_final_at(year) -%}
(make_timestamp(({{ year }} + 1)::integer, 2, 1, 0, 0, 0) at time zone 'Europe/Helsinki')
{%- endmacro %}

{#- Since when the register knows of a municipality, by a column of timeline.scope_began; of a place that
    no subscription covers, such as the unknown one of a protected person, as of the first. -#}
{% macro since_records_began(column) -%}
coalesce(began.{{ column }}, {{ since_first_records(column) }})
{%- endmacro %}

{#- What `since_records_began` reads. -#}
{% macro join_began(code) -%}
left join (
    select
        b.municipality_code,
        min(b.began_on) as began_on,
        min(b.first_whole_month) as first_whole_month
    from {{ ref('scope_began') }} as b
    group by b.municipality_code
) as began on {{ code }} = began.municipality_code
{%- endmacro %}

{% macro since_first_records(column) -%}
(select min(b.{{ column }}) from {{ ref('scope_began') }} as b)
{%- endmacro %}

{#- What has been published by now, or had been by the moment asked for. -#}
{% macro is_published(at) -%}
({{ at }} <= (select least({{ recorded_at() }}, {{ moment() }})))
{%- endmacro %}

{#- Where a test of each night begins: what is older has been tested on its own nights. The clock's own
    value, and no subquery as the settings are: those keep the condition from reaching the months that
    are counted. -#}
{% macro newest_months() -%}
((now() at time zone 'Europe/Helsinki')::date - 62)
{%- endmacro %}

{#- The five-year age groups of Statistics Finland, by a person's age. -#}
{% macro age_group(age) -%}
case
    when {{ age }} >= 100 then '100-'
    when {{ age }} is not null then
        lpad(({{ age }} / 5 * 5)::text, 2, '0') || '-' || lpad(({{ age }} / 5 * 5 + 4)::text, 2, '0')
end
{%- endmacro %}

{#- A figure that leaves the house: none where it stands for few persons. Nobody is told of by zero. -#}
{% macro is_small(figure) -%}
(abs({{ figure }}) between 1 and {{ var('small_cell_limit') }} - 1)
{%- endmacro %}

{#- The same rows for readers outside the house: figures that stand for few persons are null, and the
    row says so. `sum`: figures that add up, so that one alone could be worked out from the others:
    where one of them is small none is shown. -#}
{% macro open_figures(model, keys, figures, sum=[]) -%}
select
    {% for key in keys %}s.{{ key }},
    {% endfor %}
    {% for figure in figures %}case when not {{ is_small('s.' ~ figure) }} then s.{{ figure }} end as {{ figure }},
    {% endfor %}
    {% for figure in sum %}case when not ({{ any_small(sum) }}) then s.{{ figure }} end as {{ figure }},
    {% endfor %}
    {{ any_small(figures + sum) }} as is_small
from {{ ref(model) }} as s
{%- endmacro %}

{% macro any_small(figures) -%}
{% for figure in figures %}{{ is_small('s.' ~ figure) }}{{ ' or ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#- Counts rows with basis, month_end, counted_on and the columns of a period, by cell. -#}
{% macro count_residents(residents) -%}
select
    r.basis,
    r.month_end,
    r.counted_on,
    {{ division('r.municipality_code') }} as municipality_code,
    r.sex,
    {{ age_on('r.birth_date', 'r.counted_on') }} as age,
    r.language_group,
    r.citizenship_group,
    count(*) as population
from {{ residents }} as r
group by
    r.basis, r.month_end, r.counted_on, {{ division('r.municipality_code') }}, r.sex,
    {{ age_on('r.birth_date', 'r.counted_on') }}, r.language_group, r.citizenship_group
{%- endmacro %}
