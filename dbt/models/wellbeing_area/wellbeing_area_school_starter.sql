{{ with_wellbeing_area('municipality_school_starter') }}
