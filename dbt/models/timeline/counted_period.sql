{{ shown_periods(recorded_at()) }}
