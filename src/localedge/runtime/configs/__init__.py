"""workerd's configuration of each kind of process, as Cap'n Proto text."""
