-- How each index of a register table is taken away and made again, the primary key among them. Runs
-- in PostgreSQL. Parameter: the table.
select
    case
        when c.oid is null then format('drop index register.%I', i.relname)
        else format('alter table register.%I drop constraint %I', $1::text, c.conname)
    end as drop_it,
    case
        when c.oid is null then pg_get_indexdef(i.oid)
        else format(
            'alter table register.%I add constraint %I %s', $1::text, c.conname,
            pg_get_constraintdef(c.oid)
        )
    end as make_it
from pg_index as x
inner join pg_class as i on x.indexrelid = i.oid
inner join pg_class as t on x.indrelid = t.oid
left join pg_constraint as c on i.oid = c.conindid and c.contype in ('p', 'u')
where t.relnamespace = 'register'::regnamespace and t.relname = $1::text
order by i.relname
