"""Landing and events in an object store: a real server, and a proxy before it that fails."""
