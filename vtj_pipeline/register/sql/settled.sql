-- Whose standing rows need not all be folded again (part of persons.sql). Of most persons whom new
-- events touch, all that was known before keeps its order, its times and its meaning: the new messages
-- come last. Their rows can change only in the tables that the new events' groups fill. Runs in DuckDB.
-- In: `placed_event`, `person_code`, `linked`, `standing_code` (code, person_id, is_alone:
-- the only code of a person whom it alone leads to, and nothing is asked about), `group_table`
-- (tietoryhma, table_name). Jinja: `always`, tables that are folded of everybody. Out: `settled`,
-- `touched_in` (person_id, table_name; of the settled), and the macro `is_folded`.
create or replace temp table settled as
with one_code as (
    select p.person_id, min(p.node) as node
    from person_code as p
    group by p.person_id
    having count(*) = 1
),
as_published as (
    select o.person_id
    from one_code as o
    inner join standing_code as s on o.node = s.code and o.person_id = s.person_id
    anti join linked as l on o.node = l.node
    where s.is_alone
),
step_told as (
    select
        e.person_id,
        e.step,
        bool_or(e.is_new) as has_new,
        bool_or(not e.is_new) as has_old,
        bool_or(e.unsettles or e.is_broken or e.tietoryhma = 'HENKILOTUNNUS_KORJAUS') as unsettles
    from placed_event as e
    group by e.person_id, e.step
)
select t.person_id
from step_told as t
semi join as_published as a on t.person_id = a.person_id
group by t.person_id
having
    not bool_or(t.unsettles)
    and coalesce(min(t.step) filter (t.has_new) > max(t.step) filter (t.has_old), true);

create or replace temp table touched_in as
select e.person_id, coalesce(g.table_name, '{{ other_group }}') as table_name
from placed_event as e
semi join settled as s on e.person_id = s.person_id
left join group_table as g on e.tietoryhma = g.tietoryhma
where e.is_new
{% for table in always %}
union
select s.person_id, '{{ table }}' from settled as s
{% endfor %};

create or replace temp table folded_group as
select distinct i.person_id, g.tietoryhma
from touched_in as i
inner join group_table as g on i.table_name = g.table_name;

-- A group that nobody knows has a row of its own in no list.
create or replace temp macro is_folded(person, told) as (
    person not in (select s.person_id from settled as s)
    or told not in (select g.tietoryhma from group_table as g)
    or (person, told) in (select (f.person_id, f.tietoryhma) from folded_group as f)
);
