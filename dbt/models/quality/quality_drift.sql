with judged as (
    select
        r.reconciliation_id,
        null as tietoryhma,
        r.compared,
        r.drifted
    from {{ source('ledger', 'reconciliation') }} as r
    union all
    select
        d.reconciliation_id,
        d.tietoryhma,
        d.compared,
        d.drifted
    from {{ source('ledger', 'reconciliation_drift') }} as d
)

select
    r.reconciliation_id,
    r.subscription,
    r.compared_at,
    r.purpose as endpoint,
    r.sample,
    r.absent as persons_absent,
    r.changed_meanwhile as persons_changed_meanwhile,
    j.tietoryhma,
    j.compared as persons_compared,
    j.drifted as persons_drifted,
    {{ share('j.drifted', 'j.compared') }} as drift_rate
from judged as j
inner join {{ source('ledger', 'reconciliation') }} as r
    on j.reconciliation_id = r.reconciliation_id
where r.compared_at <= {{ recorded_at() }}
