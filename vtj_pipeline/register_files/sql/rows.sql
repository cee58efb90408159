-- The rows of a view as they are written. Bytes decide the order of texts, wherever it runs.
-- Runs in PostgreSQL. Jinja: `view`; `columns`, each (name, type); `order`.
select
{% for name, type in columns %}
    v.{{ name }}::{{ type }} as {{ name }}{{ ',' if not loop.last }}
{% endfor %}
from {{ view }} as v
order by
{% for name, type in order %}
    v.{{ name }}::{{ type }}{{ ' collate "C"' if type == 'text' }}{{ ',' if not loop.last }}
{% endfor %}
