-- Events on their way to the tasks that fold them: those of the touched codes, each with its share.
-- Runs in DuckDB. In: the list of some events files in the variable `events_files`, `numbered` (filename,
-- number), `lineage` (node, label) of linked codes, `touched_code` unless `everyone`. Jinja: `shares`, how
-- many there are. Whose codes are linked is in one share, since all of them have one label.
select
    (md5_number_lower(coalesce(l.label, e.subject)) % {{ shares }})::integer as share,
    e.* exclude (filename, unknown_fields),
    n.number as filename
from read_parquet(getvariable('events_files'), filename = true) as e
inner join numbered as n on e.filename = n.filename
left join lineage as l on e.subject = l.node
{% if not everyone %}
semi join touched_code as t on e.subject = t.code
{% endif %}
where e.subject is not null
