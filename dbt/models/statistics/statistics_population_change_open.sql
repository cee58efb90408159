{{ open_figures(
    'statistics_population_change',
    ['municipality_code', 'municipality_name_fi', 'municipality_name_sv', 'month_start', 'basis', 'sex'],
    [],
    sum=[
        'opening', 'births', 'deaths', 'moved_in', 'moved_out', 'immigration', 'emigration',
        'correction', 'area_change', 'restatement', 'closing',
    ],
) }}
