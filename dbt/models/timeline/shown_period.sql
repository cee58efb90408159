{{ shown_periods(recorded_at(), but=ref('companion')) }}
union all
{{ companions_periods() }}
