-- The rows of the persons folded in a table that stand there. Runs in PostgreSQL; in: `touched_whole` and
-- `touched_in` unless `everyone`. Jinja: `table`, `everyone`, `with_relations`.
{% from 'of_touched.jinja' import rows %}
select
    s.row_id,
    {% if with_relations %}
    s.related_person_id,
    {% endif %}
    s.recorded_to
from {{ rows(table, 's', everyone, folded=true) }}
