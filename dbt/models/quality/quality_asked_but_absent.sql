select
    n.subscription,
    nullif(n.tietoryhma, '') as tietoryhma,
    count(*) as persons,
    min(n.first_asked_at) as since,
    {{ age_in_days('min(n.first_asked_at)') }} as age_days,
    max(n.last_asked_at) as last_asked_at,
    max(n.times) as most_times
from {{ source('ledger', 'not_answered') }} as n
where n.settled_at is null
group by n.subscription, n.tietoryhma
