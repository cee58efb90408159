{#- What a row of a folded table is made of, once for every way that leads to one. -#}

{#- By what rows are compared and put in order, of the few that have others beside them. -#}
{% macro content(columns, row) -%}
md5(to_json({
    {%- for column in columns %}'{{ column }}': {{ row }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
})::varchar)
{%- endmacro %}

{% macro columns(table, columns, related, row, recorded_from, recorded_to) -%}
md5(concat_ws(
        chr(31), '{{ table }}', {{ row }}.person_id, {{ row }}.slot, {{ row }}.key,
        {{ row }}.source_group, epoch_us({{ recorded_from }}){% for column in columns %},
        coalesce({{ row }}.{{ column }}::varchar, chr(30)){% endfor %}

    ))::uuid as row_id,
    {{ row }}.person_id,
    {% for column in columns %}
    {{ row }}.{{ column }},
    {% endfor %}
    {% if related %}
    -- Not part of the content: it follows from who is known, not from what was told.
    known.person_id as related_person_id,
    {% endif %}
    {{ recorded_from }} as recorded_from,
    {{ recorded_to }} as recorded_to,
    {{ row }}.source_group,
    {{ row }}.slot
{%- endmacro %}

{% macro relation(related, row) -%}
{% if related -%}
left join person_code as known on {{ row }}.related_identity_code = known.code and known.is_last
{%- endif %}
{%- endmacro %}
