{#- Who lives where, and what it is to come and go. -#}

{#- 198 no home municipality in Finland, 199 unknown, 200 abroad (contract §3). Null is a home that is
    withheld: inside. -#}
{% macro is_outside_finland(code) -%}
(coalesce({{ code }}, '') in ('198', '199', '200'))
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

{#- Statistics Finland's classes. -#}
{% macro language_group(code) -%}
case
    when {{ code }} in ('fi', 'sv') then {{ code }}
    when {{ code }} = 'se' then 'sami'
    when {{ code }} is null or {{ code }} = '99' then 'unknown'
    else 'other'
end
{%- endmacro %}

{#- 246 is Finland; 991 stateless and 999 unknown tell no country (reference/countries.csv). -#}
{% macro citizenship_group(code) -%}
case
    when {{ code }} = '246' then 'finnish'
    when {{ code }} is null or {{ code }} in ('997', '999') then 'unknown'
    else 'foreign'
end
{%- endmacro %}

{#- How a stretch of `timeline.person_period` begins, by the one that ends where it starts. -#}
{% macro entry_kind(row) -%}
case
    when {{ row }}.before_to = {{ row }}.valid_from then
        case
            when {{ row }}.home_withheld or {{ row }}.before_withheld then null
            when {{ row }}.before_code = {{ row }}.municipality_code then
                case
                    when {{ row }}.before_dwelling <> {{ row }}.dwelling_key
                        and not {{ is_outside_finland(row ~ '.municipality_code') }}
                        then 'within_municipality'
                end
            when {{ is_outside_finland(row ~ '.before_code') }}
                and {{ is_outside_finland(row ~ '.municipality_code') }} then null
            when {{ is_outside_finland(row ~ '.municipality_code') }} then 'emigration'
            when {{ is_outside_finland(row ~ '.before_code') }} then 'immigration'
            when {{ is_area_change(row) }} then 'area_change'
            else 'between_municipalities'
        end
    when {{ is_outside_finland(row ~ '.municipality_code') }} then null
    when {{ row }}.valid_from = {{ row }}.birth_date then 'birth'
    when {{ row }}.before_to is null and {{ row }}.born_abroad then 'immigration'
    else 'correction'
end
{%- endmacro %}

{#- The municipality had ended before and this one is its successor, or it gave a part away on that day
    with the building in it: nobody moved. Whoever moved on that day moved to another building. -#}
{% macro is_area_change(row) -%}
(
    exists (
        select 1
        from {{ ref('municipalities') }} as merged
        where
            merged.municipality_code = {{ row }}.before_code
            and merged.successor_code = {{ row }}.municipality_code
            and merged.valid_to::date < {{ row }}.valid_from
    )
    or (
        coalesce(
            {{ row }}.before_building = {{ row }}.building_id,
            {{ row }}.before_dwelling = {{ row }}.dwelling_key,
            -- Of old stays no address is told; few move on that very day.
            true
        )
        and exists (
            select 1
            from {{ ref('area_transfers') }} as part
            where
                part.from_code = {{ row }}.before_code
                and part.to_code = {{ row }}.municipality_code
                and part.transferred_on::date = {{ row }}.valid_from
        )
    )
)
{%- endmacro %}
