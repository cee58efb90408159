-- The answers that tell of one batch, at most `page` persons each. Runs in DuckDB, after pages.sql.
select
    n // getvariable('page') as page,
    list(code order by n) as codes,
    sum(len(string_split(rows_text, '"tietoryhma":')) - 1)::bigint as group_rows,
    encode('{"perustiedot":[' || string_agg(
        '{"henkilotunnus":"' || code || '","tietoryhmat":[' || rows_text || ']}', ',' order by n
    ) || '],"ajanTasalla":true}') as body
from told
group by n // getvariable('page')
order by page;
