{{ with_wellbeing_area('municipality_voter_age') }}
