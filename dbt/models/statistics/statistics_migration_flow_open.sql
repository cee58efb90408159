{{ open_figures(
    'statistics_migration_flow',
    [
        'from_municipality_code', 'from_municipality_name_fi', 'to_municipality_code',
        'to_municipality_name_fi', 'year', 'is_whole_year', 'age_group', 'basis',
    ],
    ['moves'],
) }}
