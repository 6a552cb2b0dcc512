"""`make bench-judge`: the judge beside models of the rules that others use, on simulated traffic."""
