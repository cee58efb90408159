"""What else one could use, on the same rows and the same PostgreSQL: how long, and how right.

A peer is given rows that are typed and complete already: who is touched, and how each of them
stands after the day. To find that out of messages is half of what this project does, and no peer
does it. What each was configured to, and why, stands in its module. Add a peer to `all_peers.py`.
"""
