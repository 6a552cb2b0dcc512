"""Workers: what an upload becomes, which versions serve, and the order in which that changes."""
