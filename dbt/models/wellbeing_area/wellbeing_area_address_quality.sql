{{ with_wellbeing_area('municipality_address_quality') }}
