{{ with_wellbeing_area('municipality_language_minority') }}
