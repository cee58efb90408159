-- The rows of a folded table, or how they differ from those that stand. Runs in DuckDB; in: the table
-- `folded` names, `standing` (row_id, recorded_to, related_person_id). Jinja: `what`, `folded`,
-- `columns` [Column], `jsonb_form` (SQL: what binary jsonb begins with), `with_relations`.
{% macro values(as_text=false) %}
    {%- for c in columns %}
    {%- if c.type == 'uuid' and as_text %}
    f.{{ c.name }}::varchar as {{ c.name }}
    {%- elif c.type == 'jsonb' and not as_text %}
    {{ jsonb_form }} || f.{{ c.name }} as {{ c.name }}
    {%- else %}
    f.{{ c.name }}
    {%- endif %}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}
{% if what == 'rows' %}
select {{ values() }}
from {{ folded }} as f
{% elif what == 'text' %}
select {{ values(as_text=true) }}
from {{ folded }} as f
{% elif what == 'new' %}
select {{ values() }}
from {{ folded }} as f
anti join standing as s on f.row_id = s.row_id
{% elif what == 'ended' %}
select
    f.row_id,
    {% if with_relations %}
    f.related_person_id,
    {% endif %}
    f.recorded_to
from {{ folded }} as f
inner join standing as s on f.row_id = s.row_id
where
    f.recorded_to is distinct from s.recorded_to
    {% if with_relations %}
    or f.related_person_id is distinct from s.related_person_id
    {% endif %}
{% elif what == 'removed' %}
select s.row_id
from standing as s
anti join {{ folded }} as f on s.row_id = f.row_id
{% endif %}
