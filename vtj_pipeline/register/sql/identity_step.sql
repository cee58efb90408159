-- One step of spreading the smallest label over linked nodes. Runs in DuckDB.
-- Jinja: `along`, the condition on links.
create or replace temp table lineage as
with edge as (
    select l.older as a, l.newer as b from link as l where {{ along }}
    union all
    select l.newer, l.older from link as l where {{ along }}
),
smallest as (
    select e.a as node, min(n.label) as label
    from edge as e
    inner join lineage as n on e.b = n.node
    group by e.a
)
select n.node, least(n.label, coalesce(s.label, n.label)) as label
from lineage as n
left join smallest as s on n.node = s.node;
