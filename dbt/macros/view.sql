{#- A view is replaced where it stands. dbt's own way drops it, and with it every view that reads it
    and every right that was granted: readers would meet a gap each night. A view whose columns have
    changed cannot be replaced; the program then asks for a full refresh, which drops first. -#}
{% materialization view, adapter='postgres' %}
    {%- set standing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if standing is not none and (should_full_refresh() or not standing.is_view) %}
        {% do adapter.drop_relation(standing) %}
    {% endif %}
    {% call statement('main') -%}
        create or replace view {{ target }} as (
            {{ sql }}
        )
    {%- endcall %}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(standing, full_refresh_mode=True)) %}
    {% do persist_docs(target, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
