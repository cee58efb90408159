{#- Of nobody who is protected does a row of the view tell a place. Asks the register's tables
    themselves, so that a fault in the guard shows; which columns to look at it asks the database.
    The persons are given as one value, since that reaches the index of the periods through the view
    and a join does not: the test costs by the protected, not by the residents. -#}
{% test no_protected_location(model) %}
    {#- The planner expects one protected person, and would read all guards anew for each. -#}
    {% if execute %}{% do run_query('set local enable_nestloop = off') %}{% endif %}
    with protected_person as (
        select p.person_id
        from {{ source('register', 'person') }} as p
        where p.is_protected is not false
        union
        select o.person_id
        from {{ source('register', 'protection_order') }} as o
        where o.is_active and o.recorded_to is null
    )

    select m.person_id
    from {{ model }} as m
    where
        m.person_id = any(array(select p.person_id from protected_person as p))
        and {{ shows_a_place(model, 'm') }}
{% endtest %}
