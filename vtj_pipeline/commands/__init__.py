"""What each command of `vtj-pipeline` does, one function a command.

Add a command's work here and its options in `cli.py`. Keep out anything that an asset does.
"""
