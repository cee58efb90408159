-- The rows of the touched persons that stand in a folded table. Runs in PostgreSQL; in: `touched`
-- unless `everyone`. Jinja: `table`, `everyone`, `with_relations`.
{% from 'of_touched.jinja' import rows %}
select
    s.row_id,
    {% if with_relations %}
    s.related_person_id,
    {% endif %}
    s.recorded_to
from {{ rows(table, 's', everyone) }}
