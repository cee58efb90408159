{{ open_figures(
    'statistics_population',
    [
        'municipality_code', 'municipality_name_fi', 'municipality_name_sv', 'month_end',
        'counted_on', 'basis', 'sex', 'age', 'language_group', 'citizenship_group',
    ],
    ['population'],
) }}
