-- How many rows of some files tell a place of somebody of `hidden`, or of a resident whom newer
-- files list without a place: of who lives with somebody under an order the place is withheld, too.
-- Runs in DuckDB. Jinja: `files`, `places` (columns), `listed` (newer files of residents, or none).
select count(*)
from read_parquet({{ files }}) as t
where
    (
        t.pseudonym in (select h.pseudonym from hidden as h)
        {% if listed %}
        or t.pseudonym in (
            select n.pseudonym from read_parquet({{ listed }}) as n where n.municipality_code is null
        )
        {% endif %}
    )
    and ({% for place in places %}t.{{ place }} is not null{{ ' or ' if not loop.last }}{% endfor %})
