-- Why a person's basic data must be asked for anew. Runs in DuckDB. A reason is settled by an answer
-- of basic data that stands after it. In: `person_step`, `anomaly`, and the events
-- that `events` names.
with last_answer as (
    select
        s.person_id,
        max(s.step) filter (s.is_answer) as step,
        max(s.at) filter (s.is_answer) as at,
        min(s.at) as first_at
    from person_step as s
    group by s.person_id
),
reason as (
    select a.person_id, 'new_in_scope' as reason, a.first_at as recorded_at
    from last_answer as a
    where a.step is null
    union all
    select e.person_id, 'code_changed', e.at
    from {{ events }} as e
    inner join last_answer as a on e.person_id = a.person_id and e.step > coalesce(a.step, 0)
    where
        e.tietoryhma = 'HENKILOTUNNUS_KORJAUS'
        and e.change_type not in ('SNAPSHOT', 'LISATIETO')
        and not e.held
    union all
    select e.person_id, 'protection_changed', e.at
    from {{ events }} as e
    inner join last_answer as a on e.person_id = a.person_id and e.step > coalesce(a.step, 0)
    where
        e.tietoryhma = 'TURVAKIELTO'
        and e.change_type not in ('SNAPSHOT', 'LISATIETO', 'KORJATTAVA')
        and not e.held
        and (
            e.change_type = 'POISTETTU'
            or coalesce(e.payload ->> '$.turvakieltoAktiivinen', '') <> 'true'
        )
    union all
    select n.person_id, 'anomaly', n.at
    from anomaly as n
    inner join last_answer as a on n.person_id = a.person_id
    where
        case
            when n.step is not null then n.step > coalesce(a.step, 0)
            else n.at > coalesce(a.at, '-infinity'::timestamptz)
        end
    union all
    select s.person_id, 'quarantine', s.at
    from person_step as s
    inner join last_answer as a on s.person_id = a.person_id
    where s.held and s.step > coalesce(a.step, 0)
)
select r.person_id, r.reason, max(r.recorded_at) as recorded_at
from reason as r
group by r.person_id, r.reason
