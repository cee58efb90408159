{{ with_wellbeing_area('municipality_client_list') }}
