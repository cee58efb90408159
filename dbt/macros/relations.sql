{#- A child's mother and guardians, in a view that shows where the child lives. A guardian's address
    is most often the child's, so nobody whose location is withheld stands beside somebody whose is
    not: neither is a protected child's guardian named, nor a protected guardian beside a child whose
    place is shown. Whom the register does not know does not live in its scope, and is named as the
    child's own data do; their own protection is not told there (contract §7.3). -#}

{#- The people whom the child's own rows of `table` name on the day asked for, one row each,
    numbered; those who are not told come last and have null everywhere. The rows of the other side
    are not asked: they stay as they were when a guardian has left the scope.
    `child` has person_id, location_withheld and, where `dwelling` is given, that column. -#}
{% macro related_people(table, only, role, child, dwelling=none) -%}
select
    t.is_withheld,
    row_number() over (order by t.is_withheld, t.role nulls last, t.valid_from, t.who) as place,
    {% for column in related_columns(dwelling) %}
    case when not t.is_withheld then t.{{ column }} end as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from (
    select
        r.who,
        r.role,
        r.valid_from,
        r.related_person_id as person_id,
        coalesce(s.last_name, r.last_name) as last_name,
        coalesce(s.first_names, r.first_names) as first_names,
        {% if dwelling %}s.dwelling_key = {{ child }}.{{ dwelling }} as at_same_dwelling,{% endif %}
        {{ child }}.location_withheld
        or coalesce(s.location_withheld, {{ is_guarded('r.related_person_id') }}) as is_withheld
    from (
        select distinct on (f.who) f.*
        from (
            select
                x.related_person_id,
                x.valid_from,
                x.{{ role }} as role,
                coalesce(x.related_last_name_utf8, x.related_last_name) as last_name,
                coalesce(x.related_first_names_utf8, x.related_first_names) as first_names,
                coalesce(x.related_person_id::text, x.related_identity_code, concat_ws(
                    '|', x.related_last_name, x.related_first_names, x.related_birth_date
                )) as who
            from {{ source('register', table) }} as x
            where
                x.person_id = {{ child }}.person_id
                and not x.withheld
                and {{ only }}
                and {{ recorded('x') }}
                and {{ valid('x', valid_at()) }}
        ) as f
        order by f.who, f.valid_from, f.role
    ) as r
    left join lateral (
        select
            p.last_name,
            p.first_names,
            p.dwelling_key,
            p.location_withheld
        from {{ ref('shown_period') }} as p
        where p.person_id = r.related_person_id and {{ on_the_day('p') }}
        -- Keeps the planner from reading everybody's periods for one person's.
        limit 1
    ) as s on true
) as t
{%- endmacro %}

{#- One column of the related person whose number is `place`. -#}
{% macro related_value(row, column, place) -%}
(array_agg({{ row }}.{{ column }}) filter (where {{ row }}.place = {{ place }}))[1]
{%- endmacro %}

{#- What is told of somebody related to a child. -#}
{% macro related_columns(dwelling=none) -%}
{{ return(
    ['person_id', 'last_name', 'first_names', 'role'] + (['at_same_dwelling'] if dwelling else [])
) }}
{%- endmacro %}

{#- The columns that `join_guardians` gives. -#}
{% macro guardian_columns(row, dwelling=none) -%}
{{ row }}.guardian_count,
{{ row }}.guardians_withheld,
{% for place in [1, 2] %}{% for column in related_columns(dwelling) %}
{{ row }}.guardian_{{ place }}_{{ column }}{{ ',' if not (loop.last and place == 2) }}
{% endfor %}{% endfor %}
{%- endmacro %}

{#- Joins one row: how many guardians the child has, and two of them. -#}
{% macro join_guardians(child, name, dwelling=none) -%}
left join lateral (
select
    {% for place in [1, 2] %}{% for column in related_columns(dwelling) %}
    {{ related_value('g', column, place) }} as guardian_{{ place }}_{{ column }},
    {% endfor %}{% endfor %}
    count(*)::integer as guardian_count,
    (count(*) filter (where g.is_withheld))::integer as guardians_withheld
from (
    {{ related_people('guardianship', "x.role = 'guardian'", 'guardian_role', child, dwelling) }}
) as g
) as {{ name }} on true
{%- endmacro %}

{#- Joins one row: the mother. Of two, the one who gave birth. -#}
{% macro join_mother(child, name) -%}
{% set is_mother -%}
x.relation = 'parent'
and x.has_ended is not true
and (x.parent_role = 'AITI' or (x.parent_role is null and x.parent_title = 'AITI'))
and x.parenthood_basis is distinct from 'AITIYS_VAHVISTETTU'
{%- endset %}
left join lateral (
select
    {% for column in ['person_id', 'last_name', 'first_names'] %}
    {{ related_value('r', column, 1) }} as mother_{{ column }},
    {% endfor %}
    coalesce(bool_or(r.is_withheld), false) as mother_withheld
from (
    {{ related_people('parent_child', is_mother, 'parent_role', child) }}
) as r
) as {{ name }} on true
{%- endmacro %}
