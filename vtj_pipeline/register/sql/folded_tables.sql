-- The register's folded tables as the catalogue has them: made where there are none, and given what
-- they lack where an earlier catalogue made them. What a catalogue has no more is dropped by a
-- migration (`../migrations/`). Jinja: `tables`, made from the catalogue.
{% for table in tables %}
create table if not exists register.{{ table.name }} (
{% for column in table.columns %}
    {{ column.name }} {{ column.type }}
    {%- if column.name == 'row_id' %} primary key
    {%- elif column.name in ('person_id', 'recorded_from', 'withheld') %} not null
    {%- endif %}
{{ ',' if not loop.last }}
{% endfor %}
);
{% for column in table.columns %}
alter table register.{{ table.name }} add column if not exists {{ column.name }} {{ column.type }};
{% if column.name == 'withheld' %}
-- Rows of a table that could not say so were told openly.
update register.{{ table.name }} set withheld = false where withheld is null;
alter table register.{{ table.name }} alter column withheld set not null;
{% endif %}
{% endfor %}
comment on table register.{{ table.name }} is '{{ table.description | replace("'", "''") }}';
{% for column in table.columns %}
comment on column register.{{ table.name }}.{{ column.name }} is
'{{ column.description | replace("'", "''") }}{% if column.finnish %} ({{ column.finnish }}){% endif %}';
{% endfor %}
create index if not exists {{ table.name }}_person
on register.{{ table.name }} (person_id, recorded_from);
{% if 'related_person_id' in table.columns | map(attribute='name') %}
create index if not exists {{ table.name }}_related
on register.{{ table.name }} (related_person_id);
create index if not exists {{ table.name }}_related_code
on register.{{ table.name }} (related_identity_code);
{% endif %}
{% if 'withheld' in table.columns | map(attribute='name') %}
-- Whom no view may place is asked by every view.
create index if not exists {{ table.name }}_withheld
on register.{{ table.name }} (person_id) where withheld;
{% endif %}
{% if table.name == 'home_municipality' %}
create index if not exists home_municipality_municipality
on register.home_municipality (municipality_code, valid_from);
{% endif %}
{% if table.name == 'identity_code' %}
create index if not exists identity_code_code on register.identity_code (identity_code);
{% endif %}
{% endfor %}
