{#- A view is replaced where it stands. dbt's own way drops it, and with it every view that reads it
    and every right that was granted: readers would meet a gap each night. A view whose columns have
    changed cannot be replaced; the program then asks for a full refresh, which drops first.
    Who reads it, and by which columns their municipalities are told, stands in its `meta`
    (dbt_project.yml); a view without readers is the pipeline's own. -#}
{% materialization view, adapter='postgres' %}
    {%- set standing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- set unlimited = unlimited_view(target) if meta.limited_by else none -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if standing is not none and (should_full_refresh() or not standing.is_view) %}
        {% do adapter.drop_relation(standing) %}
        {% if unlimited %}{% do adapter.drop_relation(unlimited) %}{% endif %}
    {% endif %}
    {% call statement('main') -%}
        {% if unlimited %}
            {{ limited_view(target, unlimited, sql, meta.readers, meta.limited_by) }}
        {% elif meta.readers %}
            {{ read_by(target, sql, meta.readers) }}
        {% else %}
            create or replace view {{ target }} as (
                {{ sql }}
            )
        {% endif %}
    {%- endcall %}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(standing, full_refresh_mode=True)) %}
    {% do persist_docs(target, model) %}
    {% if unlimited %}{% do persist_docs(unlimited, model) %}{% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
