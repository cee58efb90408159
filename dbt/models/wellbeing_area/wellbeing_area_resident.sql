{{ with_wellbeing_area('municipality_resident') }}
