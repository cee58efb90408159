{% for name, table in register_tables().items() if table.dates %}
    {% if not loop.first %}
        union all
    {% endif %}
    {{ partial_dates(name, table) }}
{% endfor %}
