-- One step of spreading the smallest label over linked codes. Runs in DuckDB.
create or replace temp table lineage as
with edge as (
    select l.older as a, l.newer as b from link as l
    union all
    select l.newer, l.older from link as l
),
smallest as (
    select e.a as code, min(n.label) as label
    from edge as e
    inner join lineage as n on e.b = n.code
    group by e.a
)
select n.code, least(n.label, coalesce(s.label, n.label)) as label
from lineage as n
left join smallest as s on n.code = s.code;
