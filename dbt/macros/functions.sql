{#- The two functions by which a reader sets and clears the moment that every view answers for. -#}
{% macro create_functions() -%}
create or replace function public.as_of(valid_at date, recorded_at timestamptz default null)
returns void
language sql
as $body$
    select
        set_config('vtj.valid_at', coalesce(valid_at::text, ''), false),
        set_config('vtj.recorded_at', coalesce(recorded_at::text, ''), false);
$body$;
comment on function public.as_of(date, timestamptz) is
'Every view answers for this day, and from what had been recorded by this moment (default: all that '
'is known), until the session ends or as_now() is called.';
create or replace function public.as_now()
returns void
language sql
as $body$
    select set_config('vtj.valid_at', '', false), set_config('vtj.recorded_at', '', false);
$body$;
comment on function public.as_now() is 'Every view answers for today again, from all that is known.';
{%- endmacro %}
