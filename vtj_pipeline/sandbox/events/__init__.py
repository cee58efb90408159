"""What happens to people: each event changes the truth and tells the rows of contract §4.3.

A module holds the events of one side of life. An event is a function that takes the `World` and
finds its own subject; where nobody fits, nothing happens. Add an event with its yearly rate in
`life.py`. Keep out who sees what and any reading of the journal.
"""
