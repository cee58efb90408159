{#- What a reader sees of a view. Rights on the view alone show nothing: whoever reads must hold one of
    its roles in this database at that moment (`audit.role_grant`), and of persons sees the
    municipalities that were granted with it. Whoever has the rights of the owner reads as before. -#}

{#- Everybody's rows, in the schema that no reader is let into. -#}
{% macro unlimited_view(target) -%}
{{ return(api.Relation.create(
    database=target.database,
    schema='timeline',
    identifier=target.schema ~ '_' ~ target.identifier,
    type='view',
)) }}
{%- endmacro %}

{#- For a view of persons. The rows reach its readers through a function: a condition of theirs is
    held against what they may see and against nothing else, so that neither a function that tells
    what it is given, nor the counts and costs of `explain analyze`, nor the time that a query takes,
    tells of the other rows: those of other municipalities, and the places under the masking.
    Rights are those of who made it, since no reader may read what it reads. A row without a
    municipality, as of a person whose place is withheld, belongs to none: shown to those who see
    that municipality, it would tell it. -#}
{% macro limited_view(target, unlimited, sql, readers, limited_by) -%}
{% set role = readers | first %}
{% set function = unlimited.schema ~ '.' ~ unlimited.identifier ~ '_seen' %}
create or replace view {{ unlimited }} as (
    {{ sql }}
);
create or replace function {{ function }}() returns setof {{ unlimited.schema }}.{{ unlimited.identifier }}
language plpgsql stable security definer parallel unsafe rows 10000
set search_path = pg_catalog, pg_temp
-- Planned for the municipalities that are asked for, which then reach the index.
set plan_cache_mode = force_custom_plan
as $body$
declare
    codes constant text[] := audit.seen('{{ role }}');
    rows_shown bigint := 0;
begin
    if cardinality(codes) = 0 then
        return;
    end if;
    perform audit.require_a_record();
    if 'all' = any(codes) then
        return query select v.* from {{ unlimited.schema }}.{{ unlimited.identifier }} as v;
    else
        return query select v.* from {{ unlimited.schema }}.{{ unlimited.identifier }} as v
        where {% for column in limited_by %}v.{{ column }} = any(codes){{ ' or ' if not loop.last }}{% endfor %};
    end if;
    get diagnostics rows_shown = row_count;
    perform audit.note_read('{{ target.schema }}.{{ target.identifier }}', rows_shown, codes);
end
$body$;
revoke execute on function {{ function }}() from public;
create or replace view {{ target }} with (security_barrier) as (
    -- Of a view that is nothing but a union PostgreSQL makes the barrier no use.
    select r.*
    from (
        select v.*
        from {{ unlimited }} as v
        where (select audit.is_owner())
        union all
        select f.*
        from {{ function }}() as f
        where not (select audit.is_owner())
    ) as r
)
{%- endmacro %}

{#- For a view of figures. -#}
{% macro read_by(target, sql, readers) -%}
create or replace view {{ target }} with (security_barrier) as (
    select v.*
    from (
        {{ sql }}
    ) as v
    where (select audit.is_owner() or audit.holds({{ "'" ~ readers | join("', '") ~ "'" }}))
)
{%- endmacro %}
