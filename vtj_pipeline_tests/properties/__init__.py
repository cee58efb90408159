"""The invariants of the design (§12), each as a property of generated feeds."""
