{{ with_wellbeing_area(
    'municipality_mover', [('from_municipality_code', 'from_'), ('to_municipality_code', 'to_')]
) }}
